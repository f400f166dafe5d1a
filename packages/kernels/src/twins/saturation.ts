import { DO_NOT_USE, SATURATED } from './ramp.ts';

const AD_FLOOR = 64;

/**
 * Group flags of a pixel: SATURATED from the first raw value at the threshold on, AD_FLOOR | DO_NOT_USE at or below the
 * floor, DO_NOT_USE where there is no finite number.
 *
 * @see stcal, saturation.py
 */
export const saturate = (
  raw: readonly number[],
  given: readonly number[],
  threshold: number,
  floor: number,
): { flags: number[]; from: number } => {
  const at = raw.findIndex((v, r) => v >= threshold || (given[r]! & SATURATED) !== 0);
  const from = at < 0 ? Number.POSITIVE_INFINITY : at;
  const flags = raw.map((v, r) => {
    const low = v <= floor ? AD_FLOOR | DO_NOT_USE : 0;
    return given[r]! | low | (r >= from ? SATURATED : 0) | (Number.isFinite(v) ? 0 : DO_NOT_USE);
  });
  return { flags, from };
};

/** First saturated read of each pixel of `[ny, nx]` when saturation spreads by `reach` pixels in x and y. */
export const grow = (from: readonly number[], [ny, nx]: readonly [number, number], reach: number): number[] =>
  from.map((_, i) => {
    const y = Math.floor(i / nx);
    const x = i % nx;
    let first = Number.POSITIVE_INFINITY;
    for (let v = Math.max(0, y - reach); v <= Math.min(ny - 1, y + reach); v++)
      for (let u = Math.max(0, x - reach); u <= Math.min(nx - 1, x + reach); u++)
        first = Math.min(first, from[v * nx + u]!);
    return first;
  });
