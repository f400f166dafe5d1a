import { type BackgroundFit, backgroundAt } from './background.ts';
import { psfProfile } from './psf.ts';
import type { FrameTruth, TrueStar } from './truth.ts';

export interface StarFlux {
  readonly star: TrueStar;
  /** DN/s. */
  readonly flux: number;
  readonly sigma: number;
}

/** Part of a star's filter that must fall on usable pixels. */
const MIN_COVERAGE = 0.7;

/**
 * Fluxes of the unsaturated isolated stars by the matched filter of the true PSF P, with v the variance:
 *
 *   flux = Σ P (sci − background) / Σ P²        σ² = Σ P² v / (Σ P²)²
 *
 * over the usable pixels. The weights do not know the data, so the fluxes are unbiased.
 */
export function measureStars(
  sci: Float32Array,
  variance: Float64Array,
  truth: FrameTruth,
  fit: BackgroundFit,
): StarFlux[] {
  const [, nx] = truth.shape;
  const found: StarFlux[] = [];
  for (const star of truth.stars) {
    if (star.saturated || !star.isolated) continue;
    const column = psfProfile(truth.psf, star.y);
    const row = psfProfile(truth.psf, star.x);
    let [whole, norm, sum, noise] = [0, 0, 0, 0];
    column.fraction.forEach((py, j) => {
      row.fraction.forEach((px, i) => {
        const [x, y] = [row.first + i, column.first + j];
        const p = px * py;
        const at = y * nx + x;
        whole += p * p;
        if (Number.isNaN(variance[at]!)) return;
        norm += p * p;
        sum += p * (sci[at]! - backgroundAt(fit, truth.shape, x, y));
        noise += p * p * variance[at]!;
      });
    });
    if (norm < MIN_COVERAGE * whole) continue;
    found.push({ star, flux: sum / norm, sigma: Math.sqrt(noise) / norm });
  }
  return found;
}
