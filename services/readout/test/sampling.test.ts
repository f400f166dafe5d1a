import { samplingWeights } from '@iris-drs/kernels';
import { describe, expect, it } from 'vitest';
import { sampleExposure } from '../src/sampling.ts';

const utr = () => ({ kind: 'utr' }) as const;
const times = [0, 1, 3, 7];

describe('the sampling of an exposure', () => {
  it('of one ramp is that of the ramp', () => {
    expect(sampleExposure([times], utr)).toEqual({ ...samplingWeights({ kind: 'utr' }, times), ramps: 1 });
  });

  it('of n like ramps divides variances by n', () => {
    const one = samplingWeights({ kind: 'utr' }, times);
    const three = sampleExposure([times, times, times], utr);
    expect(three.weights).toEqual([1, 2, 3].flatMap(() => one.weights.map((w) => w / 3)));
    expect(three.poissonFactor).toBeCloseTo(one.poissonFactor / 3, 15);
    expect(three.readNoiseFactor).toBeCloseTo(one.readNoiseFactor / 3, 15);
    expect(three.ramps).toBe(3);
  });

  it('leaves out ramps without a slope, and asks for the method by length', () => {
    const asked: number[] = [];
    const found = sampleExposure([times, [5], [0, 2], []], (reads) => {
      asked.push(reads);
      return { kind: 'cds' };
    });
    expect(asked).toEqual([4, 2]);
    expect(found.weights).toEqual([-1 / 14, 0, 0, 1 / 14, 0, -1 / 4, 1 / 4]);
    // Half of each: photons of 7 s and 2 s, each over its time squared, over four.
    expect(found.poissonFactor).toBeCloseTo((1 / 7 + 1 / 2) / 4, 15);
    expect(found.ramps).toBe(2);
  });

  it('is refused without a ramp of two reads', () => {
    expect(() => sampleExposure([[1], []], utr)).toThrow(
      expect.objectContaining({
        code: 'STEP_INPUT',
        message: 'The exposure has ramps of 1, 0 reads; a slope needs one of two reads or more.',
      }),
    );
  });
});
