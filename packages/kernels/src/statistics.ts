import { address, type Core, map, tilePixels } from './core.ts';
import { type FloatPlane, pixelsOf } from './plane.ts';
import type { Good } from './quantiles.ts';

export interface Statistics {
  readonly count: number;
  /** NaN, like the next three, when no pixel counts. */
  readonly mean: number;
  /** Of the sample: Σ(x − mean)² / (count − 1); NaN for fewer than two pixels. */
  readonly variance: number;
  readonly min: number;
  readonly max: number;
}

/**
 * Count, mean, variance and extremes in double precision; NaN and flagged pixels are ignored. Tiles are merged in
 * their order, so the result does not depend on the number of threads.
 *
 * @see Chan, Golub & LeVeque 1983, Am. Stat. 37, 242 (merging of Σ(x − mean)²)
 */
export const statistics = async (core: Core, plane: FloatPlane, good?: Good): Promise<Statistics> => {
  const pixels = pixelsOf(plane.shape);
  const from = address(plane, plane.shape, 'plane');
  const dq = address(good?.dq, plane.shape, 'dq');
  const tile = tilePixels(2);
  const tiles = Math.ceil(pixels / tile);
  const area = core.pool.block(tiles * 40);
  try {
    const out = { perTile: area.start, stride: 40 };
    await map(
      core,
      'statistics',
      pixels,
      [{ plane: from }, { plane: dq }, good?.mask ?? 0, out, 'count'],
      tile,
    );
    const parts = new Float64Array(core.pool.memory.buffer, area.start, tiles * 5);
    let [count, mean, squares, min, max] = [0, 0, 0, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
    for (let i = 0; i < parts.length; i += 5) {
      const n = parts[i]!;
      if (n === 0) continue;
      const step = parts[i + 1]! - mean;
      squares += parts[i + 2]! + (step * step * count * n) / (count + n);
      mean += (step * n) / (count + n);
      count += n;
      min = Math.min(min, parts[i + 3]!);
      max = Math.max(max, parts[i + 4]!);
    }
    if (count === 0)
      return { count, mean: Number.NaN, variance: Number.NaN, min: Number.NaN, max: Number.NaN };
    return { count, mean, variance: count > 1 ? squares / (count - 1) : Number.NaN, min, max };
  } finally {
    area.release();
  }
};
