import { DQ } from '@iris-drs/datamodels';
import { describe, expect, it } from 'vitest';
import { openWorkbench } from '../../../../test/fixtures/workbench.ts';
import { borderOf, hasUsableRows } from '../../src/refpix/border.ts';

const bench = openWorkbench();

/** A mask of 8 × 6 pixels with two rows of reference pixels at the bottom and one at the top. */
const usable = (flags: (i: number) => number): boolean => {
  using mask = bench.engine.uint32([8, 6]);
  for (let i = 0; i < 48; i++) if (i < 12 || i >= 42) mask.data[i] = DQ.REFERENCE_PIXEL | flags(i);
  expect(borderOf(mask)).toEqual({ bottom: 2, top: 1, left: 0, right: 0 });
  return hasUsableRows(mask, borderOf(mask));
};

describe('reference pixels of a mask', () => {
  it('are of use where one is neither bad nor left out', () => {
    expect(usable(() => 0)).toBe(true);
    expect(usable((i) => (i === 44 ? 0 : DQ.BAD_REF_PIXEL))).toBe(true);
  });

  it.each(['DO_NOT_USE', 'BAD_REF_PIXEL'] as const)('are of none where all are %s', (flag) => {
    expect(usable(() => DQ[flag])).toBe(false);
  });
});
