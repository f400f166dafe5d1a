import { windowOnFrame } from '@iris-drs/datamodels';
import type { Rectangle } from '@iris-drs/kernels';
import { defineStep, StepError } from '@iris-drs/stpipe';
import type { ReadoutPlan } from '../plan.ts';

const spec = {
  windows: {
    type: 'string',
    default: null,
    doc: 'Guide windows x,y,nx,ny in pixels of the detector from 1, joined by ;, in quotes in a .cfg. None: ODGWX1 … of the reads',
  },
  grow: { type: 'integer', default: 0, min: 0, doc: 'Pixels around a guide window that are lost too' },
} as const;

const givenWindows = (text: string): (readonly [number, number, number, number])[] =>
  text.split(';').flatMap((part) => {
    if (part.trim() === '') return [];
    const numbers = part.split(',').map(Number);
    const [x, y, nx, ny] = numbers;
    if (numbers.length === 4 && numbers.every(Number.isInteger) && x! >= 1 && y! >= 1 && nx! > 0 && ny! > 0)
      return [[x!, y!, nx!, ny!] as const];
    throw new StepError(
      'STEP_OPTION_TYPE',
      'guide_windows',
      `windows = '${text}'; expected x,y,nx,ny in whole pixels, from 1 on, joined by semicolons.`,
    );
  });

const grown =
  ([ny, nx]: readonly [number, number], reach: number) =>
  (window: Rectangle): Rectangle => {
    const [x0, y0] = [Math.max(0, window.x0 - reach), Math.max(0, window.y0 - reach)];
    return {
      ...{ x0, y0, nx: Math.min(nx, window.x0 + window.nx + reach) - x0 },
      ny: Math.min(ny, window.y0 + window.ny + reach) - y0,
    };
  };

/**
 * Pixels that guide (on-detector guide windows, ODGW) are reset and read on their own and hold nothing of the ramp. They
 * do not enter: in fits read by read (GROUPDQ DROPOUT | DO_NOT_USE), so that a window that moves costs the reads it
 * covered; in weighted sums, where one read cannot be left out, for good. Pixels without a slope for it are
 * NON_SCIENCE | DO_NOT_USE.
 */
export const guideWindows = defineStep<ReadoutPlan, typeof spec>({
  name: 'guide_windows',
  doc: 'Leave out pixels that guided while the others integrated',
  spec,
  referenceTypes: [],
  async process(plan, { windows, grow }, { skip, log }) {
    const { ramp, header, sciHeader, shape } = plan;
    const headers = [sciHeader, header];
    const fixed =
      windows === null
        ? undefined
        : givenWindows(windows).flatMap((one) => windowOnFrame(one, headers, shape) ?? []);
    const all = fixed ? ramp.reads.map((reads) => reads.map(() => fixed)) : ramp.guideWindows;
    if (!all?.flat(2).length) {
      if (/^odgw$/i.test(String(header.get('SARRMODE') ?? sciHeader.get('SARRMODE') ?? '').trim()))
        log.warn(
          'SARRMODE is ODGW and nobody says which pixels guided: set windows, or ODGWX1 … in the reads',
        );
      return skip('no guide windows');
    }
    const reach = grown(shape, grow);
    plan.guides = all.map((reads) => reads.map((list) => list.map(reach)));
  },
});
