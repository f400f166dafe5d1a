import { describe, expect, it } from 'vitest';
import { erf, gaussianPsf, psfProfile } from '../src/psf.ts';

describe('point spread function', () => {
  it('has the error function of the tables', () => {
    // Abramowitz & Stegun, table 7.1.
    expect(erf(0)).toBe(0);
    expect(erf(0.5)).toBeCloseTo(0.5204998778, 10);
    expect(erf(1)).toBeCloseTo(0.8427007929, 10);
    expect(erf(-2)).toBeCloseTo(-0.995322265, 9);
    expect(erf(2.5)).toBeCloseTo(0.999593048, 9);
    expect(erf(3)).toBeCloseTo(0.999977909503, 12);
  });

  it.each([0, 0.25, -0.499, 7.5])('holds all the light of a star at %d', (centre) => {
    const { fraction } = psfProfile(gaussianPsf(2.5), centre);
    expect(fraction.reduce((a, b) => a + b, 0)).toBeCloseTo(1, 6);
  });

  it('has its centroid at the star and its width from the FWHM', () => {
    const psf = gaussianPsf(3);
    const { first, fraction } = psfProfile(psf, 10.3);
    const mean = fraction.reduce((sum, f, i) => sum + f * (first + i), 0);
    const variance = fraction.reduce((sum, f, i) => sum + f * (first + i - mean) ** 2, 0);
    expect(mean).toBeCloseTo(10.3, 6);
    // A pixel's width adds 1/12.
    expect(variance).toBeCloseTo((3 / (2 * Math.sqrt(2 * Math.log(2)))) ** 2 + 1 / 12, 4);
  });
});
