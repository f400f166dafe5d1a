import { join } from 'node:path';
import { imageFile, normal, uniform } from './support.ts';

/** e-/DN. */
export const GAIN = 1.7;
/** DN, single read. */
export const NOISE = 6;

/** Poisson numbers: sums of exponential waits, beyond a mean of 30 by the PTRS method (Hörmann 1993). */
const poisson = (random: () => number, mean: number): number => {
  if (mean < 30) {
    let count = -1;
    let sum = 0;
    while (sum < mean) {
      sum -= Math.log(1 - random());
      count++;
    }
    return Math.max(0, count);
  }
  const b = 0.931 + 2.53 * Math.sqrt(mean);
  const a = -0.059 + 0.02483 * b;
  const inverse = 1.1239 + 1.1328 / (b - 3.4);
  const limit = 0.9277 - 3.6224 / (b - 2);
  for (;;) {
    const u = random() - 0.5;
    const v = random();
    const us = 0.5 - Math.abs(u);
    const k = Math.floor(((2 * a) / us + b) * u + mean + 0.43);
    if (us >= 0.07 && v <= limit) return k;
    if (k < 0 || (us < 0.013 && v > us)) continue;
    const bound = k * Math.log(mean) - mean - logFactorial(k);
    if (Math.log((v * inverse) / (a / (us * us) + b)) <= bound) return k;
  }
};

/** Stirling's series. */
const logFactorial = (k: number): number => {
  const n = k + 1;
  if (n < 10) return Math.log(Array.from({ length: k }, (_, i) => i + 1).reduce((x, y) => x * y, 1));
  return (n - 0.5) * Math.log(n) - n + 0.5 * Math.log(2 * Math.PI) + 1 / (12 * n) - 1 / (360 * n ** 3);
};

export interface Light {
  /** DN/s. */
  readonly rate: number;
  readonly times: readonly number[];
  /** Mean number of hits to a pixel, and their sizes in σ of a read difference. */
  readonly hits?: { readonly mean: number; readonly sizes: readonly [least: number, most: number] };
  /** DN; brighter reads are cut there. */
  readonly full?: number;
  readonly seed: number;
}

export const SHAPE = [160, 200] as const;

/** Reads of evenly lit pixels in files: Poisson light, Gaussian read noise, hits. */
export const expose = (
  directory: string,
  { rate, times, hits, full = Number.POSITIVE_INFINITY, seed }: Light,
) => {
  const random = uniform(seed);
  const n = SHAPE[0] * SHAPE[1];
  const level = new Float64Array(n);
  /** Places of hits, `[nreads, ny, nx]`. */
  const struck: number[] = [];
  const reads = times.map((t, r) => {
    const dt = t - (times[r - 1] ?? 0);
    const sigma = Math.sqrt((rate * dt) / GAIN + 2 * NOISE ** 2);
    const stored: number[] = [];
    for (let i = 0; i < n; i++) {
      level[i] = level[i]! + poisson(random, rate * dt * GAIN) / GAIN;
      if (hits && r > 0 && random() < hits.mean / (times.length - 1)) {
        const [least, most] = hits.sizes;
        level[i] = level[i]! + sigma * (least + (most - least) * random());
        struck.push(r * n + i);
      }
      stored.push(Math.min(full, level[i]! + NOISE * normal(random)));
    }
    return imageFile(join(directory, `${seed}-${r}`), stored, SHAPE, { bitpix: -32, bscale: 1, bzero: 0 });
  });
  return { reads, struck };
};
