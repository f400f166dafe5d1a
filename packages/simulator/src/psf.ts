import { invalidSetting } from './errors.ts';

/** Point spread function: a circular Gaussian, integrated over pixels, cut at `radius` pixels in x and y. */
export interface Psf {
  readonly fwhm: number;
  readonly radius: number;
}

/** Beyond 5.5 σ lies less than 1e-7 of the light. */
export function gaussianPsf(fwhm: number): Psf {
  if (!(fwhm > 0)) throw invalidSetting('fwhm', fwhm, 'a number of pixels above 0');
  return { fwhm, radius: Math.ceil((5.5 * fwhm) / SIGMA_TO_FWHM) };
}

const SIGMA_TO_FWHM = 2 * Math.sqrt(2 * Math.log(2));

/** Fraction of a star's light in each pixel of a row or column: `[2 radius + 1]` from pixel `first`. */
export function psfProfile(psf: Psf, centre: number): { first: number; fraction: Float64Array } {
  const first = Math.round(centre) - psf.radius;
  const fraction = new Float64Array(2 * psf.radius + 1);
  const scale = SIGMA_TO_FWHM / psf.fwhm / Math.SQRT2;
  let lower = erf((first - 0.5 - centre) * scale);
  for (let i = 0; i < fraction.length; i++) {
    const upper = erf((first + i + 0.5 - centre) * scale);
    fraction[i] = (upper - lower) / 2;
    lower = upper;
  }
  return { first, fraction };
}

/** Error function to 1e-15: power series near 0, continued fraction of erfc beyond. */
export function erf(x: number): number {
  const z = Math.abs(x);
  if (z > 6) return Math.sign(x);
  if (z < 2.5) {
    let term = z;
    let sum = z;
    for (let n = 1; n < 80 && Math.abs(term / (2 * n + 1)) > 1e-17 * sum; n++) {
      term *= (-z * z) / n;
      sum += term / (2 * n + 1);
    }
    return (Math.sign(x) * 2 * sum) / Math.sqrt(Math.PI);
  }
  let fraction = 0;
  for (let k = 60; k > 0; k--) fraction = k / 2 / (z + fraction);
  return Math.sign(x) * (1 - Math.exp(-z * z) / Math.sqrt(Math.PI) / (z + fraction));
}

/** Distance in pixels beyond which two stars do not share a pixel that photometry looks at. */
export const isolationDistance = (psf: Psf): number => 2 * (psf.radius + 1);
