import { describe, expect, it } from 'vitest';
import { halfSampleMode } from '../src/half-sample-mode.ts';

const mode = (...values: number[]): number => halfSampleMode(Float64Array.from(values).sort());

describe('half-sample mode', () => {
  it('finds the densest place, not the middle', () => {
    expect(mode(1, 2, 3, 10, 10.1, 10.2, 10.3, 40, 90)).toBeCloseTo(10.2, 0);
    const skewed = Float64Array.from({ length: 20001 }, (_, i) => -Math.log(1 - (i + 0.5) / 20001)).map(
      (x) => x ** 0.5,
    );
    // A Rayleigh distribution of x = √(−ln u): its mode is 1/√2, its median 0.83.
    expect(halfSampleMode(skewed.sort())).toBeCloseTo(Math.SQRT1_2, 1);
  });

  it('takes the middle of values that are all alike in distance', () => {
    expect(mode(0, 1, 2, 3, 4, 5, 6, 7, 8)).toBe(4);
  });

  it('is the commonest of repeated values', () => {
    expect(mode(5, 5, 5, 5, 1, 2, 3, 9, 11)).toBe(5);
  });

  it('knows small samples', () => {
    expect(mode()).toBeNaN();
    expect(mode(3)).toBe(3);
    expect(mode(3, 4)).toBe(3.5);
    expect(mode(1, 2, 9)).toBe(1.5);
    expect(mode(1, 8, 9)).toBe(8.5);
    expect(mode(1, 2, 3)).toBe(2);
  });
});
