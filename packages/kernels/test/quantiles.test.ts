import { describe, expect, it } from 'vitest';
import type { FloatPlane } from '../src/index.ts';
import { quantile } from '../src/twins/quantiles.ts';
import { normal, SHAPES, testEngine, uniform } from './support.ts';

const engine = await testEngine();
const frame = (values: readonly number[]): FloatPlane => {
  const plane = engine.float32([1, values.length]);
  plane.data.set(values);
  return plane;
};
const Q = [0, 0.001, 0.159, 0.25, 0.5, 0.75, 0.999, 1];

describe('quantiles', () => {
  it.each([
    ['both signs', (r: () => number) => 100 * normal(r)],
    ['many decades', (r: () => number) => normal(r) * 10 ** (60 * (r() - 0.5))],
    ['few values', (r: () => number) => Math.floor(5 * r()) - 2],
    ['one value', () => -3.25],
  ] as const)('of %s are exact', async (_, make) => {
    for (const [k, shape] of SHAPES.entries()) {
      const random = uniform(k);
      using plane = engine.float32(shape);
      for (let i = 0; i < plane.data.length; i++) plane.data[i] = random() < 0.02 ? Number.NaN : make(random);
      const values = Array.from(plane.data);
      const found = await engine.quantiles(plane, Q);
      expect(found.count).toBe(values.filter((v) => !Number.isNaN(v)).length);
      for (const [i, q] of Q.entries()) {
        const expected = quantile(values, q);
        expect(Math.abs(found.values[i]! - expected)).toBeLessThanOrEqual(1e-14 * Math.abs(expected));
      }
    }
  });

  it('ignore NaN and flagged pixels; the median of an even number is the mean of the middle two', async () => {
    using plane = frame([5, Number.NaN, -1, 100, 2, -0, 7]);
    using dq = engine.uint32([1, 7]);
    dq.data.set([4, 0, 0, 1, 0, 2, 3]);
    expect(await engine.quantiles(plane, [0.5], { dq, mask: 1 })).toEqual({ values: [1], count: 4 });
    expect(await engine.quantiles(plane, [0.5])).toEqual({ values: [3.5], count: 6 });
  });

  it('of nothing are NaN, and of infinities infinite', async () => {
    using nothing = frame([Number.NaN, Number.NaN]);
    expect(await engine.quantiles(nothing, [0.1, 0.5])).toEqual({
      values: [Number.NaN, Number.NaN],
      count: 0,
    });
    using edges = frame([Number.NEGATIVE_INFINITY, 1, Number.POSITIVE_INFINITY]);
    expect((await engine.quantiles(edges, [0, 0.5, 1])).values).toEqual([
      Number.NEGATIVE_INFINITY,
      1,
      Number.POSITIVE_INFINITY,
    ]);
    await expect(engine.quantiles(edges, [1.5])).rejects.toMatchObject({ code: 'BadSpec' });
    expect(engine.pool.usedBytes).toBe(8192);
  });
});
