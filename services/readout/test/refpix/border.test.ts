import { DQ } from '@iris-drs/datamodels';
import { describe, expect, it } from 'vitest';
import { openWorkbench } from '../../../../test/fixtures/workbench.ts';
import { borderOf, outputsWithout } from '../../src/refpix/border.ts';

const bench = openWorkbench();

/** A mask of 8 × 6 pixels with two rows of reference pixels at the bottom and one at the top. */
const without = (outputs: number, flags: (i: number) => number): number => {
  using mask = bench.engine.uint32([8, 6]);
  for (let i = 0; i < 48; i++) if (i < 12 || i >= 42) mask.data[i] = DQ.REFERENCE_PIXEL | flags(i);
  expect(borderOf(mask)).toEqual({ bottom: 2, top: 1, left: 0, right: 0 });
  return outputsWithout(mask, borderOf(mask), outputs);
};

describe('reference pixels of a mask', () => {
  it('are of use where one is neither bad nor left out', () => {
    expect(without(3, () => 0)).toBe(0);
    expect(without(1, (i) => (i === 44 ? 0 : DQ.BAD_REF_PIXEL))).toBe(0);
  });

  it('are counted output by output', () => {
    expect(without(3, (i) => (i === 44 ? 0 : DQ.BAD_REF_PIXEL))).toBe(2);
    expect(without(3, (i) => (i % 6 < 2 ? DQ.DO_NOT_USE : 0))).toBe(1);
  });

  it.each(['DO_NOT_USE', 'BAD_REF_PIXEL'] as const)('are of none where all are %s', (flag) => {
    expect(without(2, () => DQ[flag])).toBe(2);
  });
});
