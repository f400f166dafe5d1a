import { Header } from '@iris-drs/fits';
import { writeFile } from '@iris-drs/fits/node';
import { expect, it } from 'vitest';
import { openRamp } from '../../src/index.ts';
import { temporary } from '../support.ts';

const path = temporary();
const SHAPE = [2, 3] as const;

/** A read in a file of its own, its pixels all alike. */
const write = (name: string, cards: Record<string, string | number>): string => {
  const header = Header.from(Object.entries({ DETECTOR: 'IMG1', ...cards }));
  writeFile(path(name), [{ kind: 'image', header, shape: SHAPE, data: new Uint16Array(6) }]);
  return path(name);
};

/** Reads of ramps that are reset at these times, s, three to each and a second apart, without RAMP_NO. */
const nameless = (prefix: string, resets: readonly number[], cards: Record<string, number> = {}): string[] =>
  resets.flatMap((reset, ramp) =>
    [1, 2, 3].map((read) => {
      const times = { RST_TIME: reset * 1e6, READTIME: (reset + read) * 1e6 };
      return write(`${prefix}${ramp}${read}.fits`, { ...times, ...cards });
    }),
  );

it('reads that do not name their ramp are of one for each reset', async () => {
  const { shape, times, reads } = await openRamp(nameless('two', [100, 110]));
  expect(shape).toEqual([2, 3, ...SHAPE]);
  expect(times).toEqual([
    [1, 2, 3],
    [1, 2, 3],
  ]);
  expect(reads[1]!.map((read) => read.path)).toEqual(
    ['two11', 'two12', 'two13'].map((n) => path(`${n}.fits`)),
  );
});

it('those that do are of the ramp they name, and a reset of one read alone makes no ramp', async () => {
  expect((await openRamp(nameless('named', [100, 110], { RAMP_NO: 0 }))).shape).toEqual([1, 6, ...SHAPE]);
  const alone = [...nameless('alone', [100]), write('other.fits', { RST_TIME: 105e6, READTIME: 106e6 })];
  expect((await openRamp(alone)).shape).toEqual([1, 4, ...SHAPE]);
});

it('reads of another detector are refused', async () => {
  const files = [0, 1].map((read) => write(`own${read}.fits`, { READ_NO: read }));
  const other = write('stray.fits', { READ_NO: 2, DETECTOR: 'IMG2' });
  await expect(openRamp([...files, other])).rejects.toMatchObject({
    ...{ code: 'KEYWORD_INVALID', keyword: 'DETECTOR', file: other },
  });
});
