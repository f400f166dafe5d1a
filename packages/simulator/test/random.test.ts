import { describe, expect, it } from 'vitest';
import {
  fillNormals,
  nextUint32,
  nextUniform,
  POISSON_EXACT_BELOW,
  poissonExact,
  poissonNormal,
  poissonSpread,
  randomState,
} from '../src/random.ts';

const moments = (draw: () => number, count: number) => {
  const values = Float64Array.from({ length: count }, draw);
  const mean = values.reduce((a, b) => a + b, 0) / count;
  const about = (power: number) => values.reduce((sum, v) => sum + (v - mean) ** power, 0) / count;
  return { mean, variance: about(2), third: about(3), fourth: about(4) };
};

describe('random numbers', () => {
  it('follows the recurrence of xoshiro128**', () => {
    // First outputs for the state 1, 2, 3, 4, from the reference C code of Blackman and Vigna.
    const state = Uint32Array.of(1, 2, 3, 4);
    expect(Array.from({ length: 4 }, () => nextUint32(state))).toEqual([11520, 0, 5927040, 70819200]);
  });

  it('gives the same stream for the same path and another for another', () => {
    const draw = (...path: (string | number)[]) => nextUint32(randomState(...path));
    expect(draw(1, 'a', 2)).toBe(draw(1, 'a', 2));
    expect(
      new Set([draw(1, 'a', 2), draw(1, 'a', 3), draw(1, 'a2'), draw(2, 'a', 2), draw(12, 'a')]).size,
    ).toBe(5);
  });

  it('spreads uniform numbers evenly between 0 and 1', () => {
    const state = randomState('uniform');
    const counts = new Float64Array(16);
    const draws = 160_000;
    for (let i = 0; i < draws; i++) counts[Math.floor(16 * nextUniform(state))]! += 1;
    const chi2 = counts.reduce((sum, count) => sum + (count - draws / 16) ** 2 / (draws / 16), 0);
    expect(chi2).toBeGreaterThan(4.6); // 0.5 % quantile of χ² with 15 degrees of freedom
    expect(chi2).toBeLessThan(32.8); // 99.5 %
  });

  it('draws normal numbers with the moments and tails of the normal law', () => {
    const values = new Float64Array(1_000_000);
    fillNormals(randomState('normal'), values);
    let at = 0;
    const { mean, variance, third, fourth } = moments(() => values[at++]!, values.length);
    expect(Math.abs(mean)).toBeLessThan(0.004);
    expect(variance).toBeCloseTo(1, 2);
    expect(Math.abs(third)).toBeLessThan(0.01);
    expect(fourth).toBeCloseTo(3, 1);
    const beyond = (limit: number) => values.filter((z) => Math.abs(z) > limit).length;
    expect(beyond(3.442619855899) / 576).toBeCloseTo(1, 0); // the ziggurat's tail: 5.76e-4 of all
    expect(Math.abs(beyond(2) - 45_500)).toBeLessThan(800);
  });

  it.each([0.2, 3, 29.9])('draws exact Poisson numbers of mean %d', (lambda) => {
    const state = randomState('poisson', lambda);
    const count = 300_000;
    const { mean, variance, third } = moments(() => poissonExact(state, lambda), count);
    const error = Math.sqrt(lambda / count);
    expect(Math.abs(mean - lambda)).toBeLessThan(4 * error);
    expect(Math.abs(variance / lambda - 1)).toBeLessThan(4 * Math.sqrt((2 + 1 / lambda) / count));
    expect(Math.abs(third / lambda - 1)).toBeLessThan(0.25);
  });

  it.each([POISSON_EXACT_BELOW, 200])(
    'keeps mean, variance and skewness of Poisson at a mean of %d',
    (lambda) => {
      const normals = new Float64Array(1_000_000);
      fillNormals(randomState('large', lambda), normals);
      let at = 0;
      const spread = poissonSpread(lambda);
      const { mean, variance, third } = moments(
        () => poissonNormal(lambda, spread, normals[at++]!),
        normals.length,
      );
      expect(Math.abs(mean - lambda)).toBeLessThan(4 * Math.sqrt(lambda / normals.length));
      expect(Math.abs(variance / lambda - 1)).toBeLessThan(0.006);
      expect(Math.abs(third / lambda - 1)).toBeLessThan(0.15);
    },
  );

  it('counts no photons where there is no light', () => {
    expect(poissonExact(randomState('dark'), 0)).toBe(0);
    expect(poissonExact(randomState('dark'), -1)).toBe(0);
  });
});
