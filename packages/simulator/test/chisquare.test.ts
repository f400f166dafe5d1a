import { describe, expect, it } from 'vitest';
import { chiSquareBelow, chiSquareQuantile } from '../src/chisquare.ts';

describe('chi-square', () => {
  // scipy.stats.chi2.ppf, scipy 1.10.
  it.each([
    [0.005, 1, 3.9270422220515944e-5],
    [0.995, 1, 7.879438576622417],
    [0.005, 10, 2.155856481304639],
    [0.995, 10, 25.18817957197117],
    [0.005, 200, 152.24099168737837],
    [0.995, 200, 255.26415545152312],
    [0.995, 5000, 5261.338324390539],
    [0.005, 100_000, 98851.81093911004],
  ])('has the quantile %d with %d degrees of freedom', (probability, degrees, value) => {
    expect(chiSquareQuantile(probability, degrees) / value).toBeCloseTo(1, 9);
  });

  it('is an exponential law with 2 degrees of freedom', () => {
    for (const x of [0, 0.1, 1, 5, 30]) expect(chiSquareBelow(x, 2)).toBeCloseTo(1 - Math.exp(-x / 2), 13);
  });
});
