import { DQ } from '@iris-drs/datamodels';
import { describe, expect, it } from 'vitest';
import { errorOf, image, openWorkbench, primary } from '../../../../test/fixtures/workbench.ts';
import { calibPipeline, dqInit } from '../../src/index.ts';

const bench = openWorkbench();
const shape = [3, 5] as const;
const mask = (name: string, flags: (i: number) => number, size: readonly [number, number] = shape): string =>
  bench.write(
    name,
    primary(),
    image(
      'DQ',
      size,
      Uint32Array.from({ length: size[0] * size[1] }, (_, i) => flags(i)),
    ),
  );

describe('the mask', () => {
  it('joins the flags of the frame', async () => {
    const frame = bench.frame(shape, { sci: () => 1, dq: (i) => (i === 2 ? DQ.SATURATED : 0) });
    const path = mask('mask.fits', (i) => (i === 2 ? DQ.HOT | DQ.DO_NOT_USE : i === 3 ? DQ.DEAD : 0));
    await bench.run([dqInit], frame, { 'dq_init.override_mask': path });
    expect([...frame.dq.data.slice(0, 5)]).toEqual([0, 0, DQ.SATURATED | DQ.HOT | DQ.DO_NOT_USE, DQ.DEAD, 0]);
    expect([frame.header.get('S_DQINIT'), frame.header.get('R_MASK')]).toEqual(['COMPLETE', 'mask.fits']);
  });

  it('of the full frame is cut to a subarray', async () => {
    const cards = { SUBSTRT1: 3, SUBSTRT2: 2, SUBSIZE1: 5, SUBSIZE2: 3, SUBARRAY: 'SUB' };
    const frame = bench.frame(shape, { sci: () => 1 }, cards);
    // Column 3 and row 2, 1-based, of a frame of 8 columns is its pixel 10.
    const path = mask('full.fits', (i) => (i === 10 ? DQ.DEAD : 0), [6, 8]);
    await bench.run([dqInit], frame, { 'dq_init.override_mask': path });
    expect([...frame.dq.data]).toEqual(Array.from({ length: 15 }, (_, i) => (i === 0 ? DQ.DEAD : 0)));
  });

  it('of another size is refused', async () => {
    const frame = bench.frame(shape, { sci: () => 1 });
    const run = bench.run([dqInit], frame, { 'dq_init.override_mask': mask('other.fits', () => 1, [4, 5]) });
    expect(await errorOf(run)).toMatchInlineSnapshot(
      `"SHAPE_MISMATCH: other.fits[DQ]: found shape [4, 5], expected [3, 5] as the frame, which names no subarray. Give data of one size, or subarray keywords that say where the frame lies."`,
    );
  });
});

it('the calib pipeline does nothing, and says so, where no reference applies', async () => {
  const frame = bench.frame(shape, { sci: (i) => i, varPoisson: 1 });
  const outcomes = await bench.run(calibPipeline, frame);
  expect(outcomes.map(({ step, state }) => `${step} ${state}`)).toEqual([
    'dq_init SKIPPED',
    'dark_current SKIPPED',
    'flat_field SKIPPED',
  ]);
  expect([frame.sci.data[7], frame.varFlat]).toEqual([7, undefined]);
});
