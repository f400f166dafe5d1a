import { DQ, openRamp } from '@iris-drs/datamodels';
import { describe, expect, it } from 'vitest';
import { openWorkbench } from '../../../test/fixtures/workbench.ts';
import { addInputFlags } from '../src/flags.ts';
import { PIXELS, type RampInit, shape, TIMES, writeRamp } from './ramps.ts';

const bench = openWorkbench();

const flagged = async (
  flags: Pick<RampInit, 'groupDq' | 'pixelDq' | 'times'>,
  used: readonly boolean[] = TIMES.map(() => true),
): Promise<number[]> => {
  const ramp = await openRamp(writeRamp(bench, 'flags.fits', flags));
  using dq = bench.engine.uint32(shape, DQ.WARM);
  await addInputFlags(bench.engine, ramp, used, dq);
  return [...dq.data].map((value) => value & ~DQ.WARM);
};
const none = Array<number>(PIXELS).fill(0);
const at = (pixel: number, flags: number): number[] => none.map((_, i) => (i === pixel ? flags : 0));

describe('flags of the reads', () => {
  it('of a pixel in all reads stay as they are', async () => {
    expect(await flagged({ pixelDq: (i) => (i === 4 ? DQ.HOT : 0) })).toEqual(at(4, DQ.HOT));
  });

  it.each(['DO_NOT_USE', 'SATURATED', 'JUMP_DET', 'DROPOUT'] as const)(
    'of one used read spoil the pixel: %s',
    async (flag) => {
      const groupDq = (i: number, read: number): number => (i === 7 && read === 3 ? DQ[flag] : 0);
      expect(await flagged({ groupDq })).toEqual(at(7, DQ[flag] | DQ.DO_NOT_USE));
    },
  );

  it('of a read that is not used do not matter', async () => {
    const groupDq = (i: number, read: number): number => (i === 7 && read === 2 ? DQ.SATURATED : 0);
    const used = [true, true, false, true, true];
    expect(await flagged({ groupDq }, used)).toEqual(none);
  });

  it('of a jump spoil a difference across it, used or not, and no other', async () => {
    const groupDq = (i: number, read: number): number => (i === read ? DQ.JUMP_DET : 0);
    const spoiled = (...pixels: number[]) =>
      none.map((_, i) => (pixels.includes(i) ? DQ.JUMP_DET | DQ.DO_NOT_USE : 0));
    expect(await flagged({ groupDq }, [false, true, false, true, false])).toEqual(spoiled(1, 2, 3));
    // Between two ramps there is a reset.
    const times = [TIMES, TIMES];
    const used = [true, true, false, false, false, false, false, false, true, true];
    expect(await flagged({ groupDq, times }, used)).toEqual(spoiled(0, 1, 3, 4));
  });

  it('that spoil nothing are dropped', async () => {
    expect(await flagged({ groupDq: () => DQ.PERSISTENCE })).toEqual(none);
  });

  it('count over all ramps', async () => {
    const times = [TIMES, TIMES];
    const used = [...TIMES, ...TIMES].map(() => true);
    const groupDq = (i: number, read: number, ramp: number): number =>
      i === 2 && read === 0 && ramp === 1 ? DQ.JUMP_DET : 0;
    expect(await flagged({ times, groupDq, pixelDq: (i) => (i === 3 ? DQ.DEAD : 0) }, used)).toEqual(
      at(2, DQ.JUMP_DET | DQ.DO_NOT_USE).map((value, i) => (i === 3 ? DQ.DEAD : value)),
    );
  });

  it('are none where the file has none', async () => {
    expect(await flagged({})).toEqual(none);
  });
});
