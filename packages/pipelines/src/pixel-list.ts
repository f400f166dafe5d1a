import { readFileSync } from 'node:fs';
import { parseFlags } from '@iris-drs/datamodels';
import type { Shape2 } from '@iris-drs/kernels';
import { StepError } from '@iris-drs/stpipe';

/**
 * Sets the flags of a text file: a line for each pixel, `x y FLAGS`, 1-based as in FITS viewers, flags by name or
 * number (`DEAD`, `HOT+DO_NOT_USE`, `1024`); `#` begins a comment.
 *
 * @returns how many pixels
 * @throws StepError STEP_INPUT with the line that is wrong; DataModelError FLAG_UNKNOWN
 */
export const flagListed = (path: string, dq: Uint32Array, [ny, nx]: Shape2): number => {
  let count = 0;
  for (const [i, line] of readFileSync(path, 'utf8').split('\n').entries()) {
    const text = line.replace(/#.*$/, '').trim();
    if (text === '') continue;
    const [, x = '', y = '', flags = ''] = /^(\d+)[\s,]+(\d+)[\s,]+(\S.*)$/.exec(text) ?? [];
    const [column, row] = [Number(x), Number(y)];
    if (flags === '' || column < 1 || column > nx || row < 1 || row > ny) {
      throw new StepError(
        'STEP_INPUT',
        'create_mask',
        `${path}, line ${i + 1}: '${text}'; expected 'x y FLAGS' with x from 1 to ${nx} and y from 1 to ${ny}.`,
      );
    }
    const at = (row - 1) * nx + column - 1;
    dq[at] = (dq[at]! | parseFlags(flags)) >>> 0;
    count += 1;
  }
  return count;
};
