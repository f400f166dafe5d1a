import { madFactor, medianFactor } from '../combine.ts';
import { quantile } from './quantiles.ts';

export interface CombinePixel {
  /** One per frame. */
  readonly values: readonly number[];
  readonly dq?: readonly number[];
  /** One per frame. */
  readonly variances?: readonly number[];
  readonly method: 'median' | 'mean' | 'clipped';
  readonly sigma: number;
  readonly scale: 'mad' | 'std';
  readonly maxIterations: number;
}

const median = (values: readonly number[]): number => quantile(values, 0.5);

const scaleOf = (values: readonly number[], scale: 'mad' | 'std'): number => {
  if (scale === 'mad') {
    const centre = median(values);
    return madFactor(values.length) * median(values.map((v) => Math.abs(v - centre)));
  }
  const mean = values.reduce((a, b) => a + b, 0) / values.length;
  return Math.sqrt(values.reduce((sum, v) => sum + (v - mean) ** 2, 0) / values.length);
};

/** Mean, median or clipped mean of one pixel's values; the equations stand at `combine` in ../combine.ts. */
export const combine = (pixel: CombinePixel) => {
  const { values, dq = [], variances = [], method } = pixel;
  let used = values.flatMap((v, f) => (Number.isFinite(v) && ((dq[f] ?? 0) & 1) === 0 ? [f] : []));
  const any = dq.reduce((a, b) => a | b, 0) | 1;
  if (used.length === 0) return { value: Number.NaN, count: 0, variance: Number.NaN, dq: any };
  if (method === 'clipped') {
    const claimed = used.map((f) => variances[f] ?? 0).filter((v) => !Number.isNaN(v));
    const floor = claimed.length > 0 ? Math.sqrt(Math.max(0, Math.min(...claimed))) : 0;
    for (let i = 0; i < pixel.maxIterations && used.length > 2; i++) {
      const now = used.map((f) => values[f]!);
      const centre = median(now);
      const reach = pixel.sigma * Math.max(scaleOf(now, pixel.scale), floor);
      const kept = used.filter((f) => Math.abs(values[f]! - centre) <= reach);
      if (kept.length === used.length) break;
      used = kept;
    }
  }
  const n = used.length;
  const taken = used.map((f) => values[f]!);
  const factor = method === 'median' ? medianFactor(n) : 1;
  return {
    value: method === 'median' ? median(taken) : taken.reduce((a, b) => a + b, 0) / n,
    count: n,
    variance: (factor * used.reduce((sum, f) => sum + (variances[f] ?? 0), 0)) / n ** 2,
    dq: used.reduce((a, f) => a | (dq[f] ?? 0), 0),
  };
};
