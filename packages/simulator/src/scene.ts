import { type Psf, psfProfile } from './psf.ts';

export interface Star {
  /** Pixels, 0-based: (0, 0) is the centre of the first pixel. */
  readonly x: number;
  readonly y: number;
  /** e-/s over the whole image of the star, in pixels of response 1. */
  readonly rate: number;
}

/** What falls on one detector in one exposure, e-/s in pixels of response 1. */
export interface Scene {
  readonly psf: Psf;
  readonly stars: readonly Star[];
  /** e-/s per pixel at the middle of the detector. */
  readonly sky: number;
  /** Relative change of the sky from edge to edge along x and y. */
  readonly skyGradient: readonly [x: number, y: number];
}

/**
 * Adds the scene to `rate`, e-/s, for rows `[first, last)` of a detector of `[ny, nx]` pixels.
 *
 * @param rate  `[last − first, nx]`, overwritten
 */
export function renderRows(
  scene: Scene,
  shape: readonly [ny: number, nx: number],
  first: number,
  last: number,
  rate: Float64Array,
): void {
  const [ny, nx] = shape;
  for (let y = first; y < last; y++) {
    const start = (y - first) * nx;
    for (let x = 0; x < nx; x++) rate[start + x] = scene.sky * skyShape(scene.skyGradient, shape, x, y);
  }
  const reach = scene.psf.radius + 1;
  for (const star of scene.stars) {
    if (star.y < first - reach || star.y > last + reach || star.y > ny + reach) continue;
    const column = psfProfile(scene.psf, star.y);
    const row = psfProfile(scene.psf, star.x);
    for (let j = 0; j < column.fraction.length; j++) {
      const y = column.first + j;
      if (y < first || y >= last) continue;
      const light = star.rate * column.fraction[j]!;
      const start = (y - first) * nx;
      for (let i = 0; i < row.fraction.length; i++) {
        const x = row.first + i;
        if (x >= 0 && x < nx) rate[start + x]! += light * row.fraction[i]!;
      }
    }
  }
}

/** Sky at a pixel over the sky at the middle of the detector. */
const skyShape = (
  gradient: readonly [x: number, y: number],
  [ny, nx]: readonly [ny: number, nx: number],
  x: number,
  y: number,
): number => 1 + gradient[0] * ((x + 0.5) / nx - 0.5) + gradient[1] * ((y + 0.5) / ny - 0.5);
