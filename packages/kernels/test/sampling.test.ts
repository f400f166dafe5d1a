import { describe, expect, it } from 'vitest';
import { averageRamps, onePass, type SamplingMethod, samplingWeights } from '../src/index.ts';

const uneven = [0, 1, 2.5, 3, 7, 7.25, 9];
const methods: SamplingMethod[] = [
  { kind: 'cds' },
  { kind: 'mcds', n: 2 },
  { kind: 'mcds', n: 5 },
  { kind: 'utr' },
];

describe('sampling weights', () => {
  it.each(methods)('of %j turn a constant into 0 and a line into its slope', (method) => {
    const { weights } = samplingWeights(method, uneven);
    expect(weights.reduce((a, b) => a + b, 0)).toBeCloseTo(0, 14);
    expect(weights.reduce((sum, w, r) => sum + w * (4 + 3 * uneven[r]!), 0)).toBeCloseTo(3, 12);
  });

  it('of CDS are the ends over the time between, with variances 1/T and 2/T²', () => {
    const s = samplingWeights({ kind: 'cds' }, uneven);
    expect(s.weights).toEqual([-1 / 9, 0, 0, 0, 0, 0, 1 / 9]);
    expect(s.poissonFactor).toBeCloseTo(1 / 9, 14);
    expect(s.readNoiseFactor).toBeCloseTo(2 / 81, 14);
  });

  it('of MCDS(2) average two reads at each end', () => {
    const s = samplingWeights({ kind: 'mcds', n: 2 }, [0, 1, 2, 3, 4, 5]);
    expect(s.weights).toEqual([-1 / 8, -1 / 8, 0, 0, 1 / 8, 1 / 8]);
    // Signal of the intervals counts ½, 1, 1, 1, ½ over 4 s: (¼ + 3 + ¼)/16.
    expect(s.poissonFactor).toBeCloseTo(3.5 / 16, 14);
    expect(s.readNoiseFactor).toBeCloseTo(1 / 16, 14);
  });

  it.each([2, 3, 10, 40])('of %i even reads up the ramp have the closed-form variances', (n) => {
    const dt = 1.7;
    const s = samplingWeights(
      { kind: 'utr' },
      Array.from({ length: n }, (_, i) => 5 + i * dt),
    );
    // Vacca, Cushing & Rayner 2004, PASP 116, 352: photon and read noise of an unweighted line fit.
    expect(s.readNoiseFactor * dt ** 2).toBeCloseTo(12 / (n * (n * n - 1)), 12);
    expect(s.poissonFactor * dt).toBeCloseTo((6 * (n * n + 1)) / (5 * n * (n * n - 1)), 12);
  });

  it('of several ramps divide weights and variances by their number', () => {
    const one = samplingWeights({ kind: 'utr' }, [0, 1, 2]);
    expect(averageRamps(one, 2)).toEqual({
      weights: [-0.25, 0, 0.25, -0.25, 0, 0.25],
      poissonFactor: one.poissonFactor / 2,
      readNoiseFactor: one.readNoiseFactor / 2,
    });
  });

  it.each([
    [{ kind: 'utr' }, [1]],
    [{ kind: 'cds' }, [1, 1]],
    [{ kind: 'utr' }, [0, 2, Number.NaN]],
    [{ kind: 'mcds', n: 3 }, [0, 1, 2]],
    [{ kind: 'mcds', n: 0 }, [0, 1, 2]],
    [{ kind: 'mcds', n: 1.5 }, [0, 1, 2]],
  ] as [SamplingMethod, number[]][])('refuse %j of times %j', (method, times) => {
    expect(() => samplingWeights(method, times)).toThrowError(expect.objectContaining({ code: 'BadSpec' }));
  });
});

describe('sampling in one pass', () => {
  it.each(methods)('comes to the weights of %j', (method) => {
    const pass = onePass(method, { reads: uneven.length, middle: 4.2 });
    const { combination, poissonFactor, readNoiseFactor } = pass.end(uneven);
    const expected = samplingWeights(method, uneven);
    for (const [r, t] of uneven.entries()) {
      const [a, b] = pass.weights(r, t);
      expect(combination[0] * a + combination[1] * b).toBeCloseTo(expected.weights[r]!, 14);
    }
    expect({ poissonFactor, readNoiseFactor }).toEqual({
      poissonFactor: expected.poissonFactor,
      readNoiseFactor: expected.readNoiseFactor,
    });
  });

  it('up the ramp ends wherever the ramp does', () => {
    const pass = onePass({ kind: 'utr' }, {});
    const { combination } = pass.end([3, 5]);
    const slope = [10, 16].reduce((sum, x, r) => {
      const [a, b] = pass.weights(r, 3 + 2 * r);
      return sum + (combination[0] * a + combination[1] * b) * x;
    }, 0);
    expect(slope).toBeCloseTo(3, 12);
  });

  it('needs to know beforehand which reads are the last', () => {
    const bad = expect.objectContaining({ code: 'BadSpec' });
    expect(() => onePass({ kind: 'cds' }, {})).toThrowError(bad);
    expect(() => onePass({ kind: 'mcds', n: 3 }, { reads: 3 })).toThrowError(bad);
    expect(() => onePass({ kind: 'cds' }, { reads: 5 }).end([0, 1, 2])).toThrowError(bad);
    expect(() => onePass({ kind: 'utr' }, {}).end([0])).toThrowError(bad);
  });
});
