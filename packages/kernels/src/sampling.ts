import { KernelsError } from './errors.ts';

export type SamplingMethod =
  | { readonly kind: 'cds' }
  | { readonly kind: 'mcds'; readonly n: number }
  | { readonly kind: 'utr' };

/** A slope estimator as a weighted sum of reads. */
export interface Sampling {
  /** 1/s, one per read; a read of weight 0 need not be read. */
  readonly weights: readonly number[];
  /** P, 1/s: VAR_POISSON = max(slope, 0) / gain × P. */
  readonly poissonFactor: number;
  /** R, 1/s²: VAR_RNOISE = (noise of a single read)² × R. */
  readonly readNoiseFactor: number;
}

const mean = (values: readonly number[]): number => values.reduce((a, b) => a + b, 0) / values.length;

const rawWeights = (method: SamplingMethod, times: readonly number[]): number[] => {
  const count = times.length;
  if (method.kind === 'utr') {
    const centre = mean(times);
    const spread = times.reduce((sum, t) => sum + (t - centre) ** 2, 0);
    return times.map((t) => (t - centre) / spread);
  }
  const n = method.kind === 'cds' ? 1 : method.n;
  if (!Number.isInteger(n) || n < 1 || n >= count) {
    throw new KernelsError(
      'BadSpec',
      `mcds with n = ${n} of ${count} reads; n must be an integer from 1 to ${count - 1}`,
    );
  }
  const span = mean(times.slice(count - n)) - mean(times.slice(0, n));
  return times.map((_, r) => ((r >= count - n ? 1 : 0) - (r < n ? 1 : 0)) / (n * span));
};

/**
 * Weights of correlated double sampling, multiple CDS (Fowler) and up-the-ramp sampling, for reads without jumps.
 *
 *   cds    w = ±1/(t_last − t_first) at the ends
 *   mcds   mean of the last n reads minus mean of the first n, over the difference of their mean times
 *   utr    wᵣ = (tᵣ − t̄) / Σ(t − t̄)², the slope of an equally weighted straight line
 *
 * Photons that arrive between reads k−1 and k are in all later reads, so they count with Wₖ = Σ_{r≥k} wᵣ and
 *
 *   P = Σ_{k≥1} Wₖ² (tₖ − tₖ₋₁),   R = Σ wᵣ²
 *
 * @param times  of the reads, seconds, strictly increasing
 * @throws KernelsError BadSpec with fewer than two reads, times that do not increase, or an impossible n
 * @see iris_readout, drsrop.c (`uptheramp` and `mcds` there give slope × time difference, in DN)
 * @see Offenberg et al. 2001, PASP 113, 240
 */
export const samplingWeights = (method: SamplingMethod, times: readonly number[]): Sampling => {
  if (times.length < 2)
    throw new KernelsError('BadSpec', `a slope needs two reads or more, ${times.length} given`);
  const stuck = times.findIndex((t, i) => !Number.isFinite(t) || (i > 0 && t <= times[i - 1]!));
  if (stuck >= 0) {
    throw new KernelsError(
      'BadSpec',
      `read times must increase; time ${stuck} is ${times[stuck]} after ${times[stuck - 1]}`,
    );
  }
  const weights = rawWeights(method, times);
  let later = 0;
  let poissonFactor = 0;
  for (let k = times.length - 1; k >= 1; k--) {
    later += weights[k]!;
    poissonFactor += later ** 2 * (times[k]! - times[k - 1]!);
  }
  return { weights, poissonFactor, readNoiseFactor: weights.reduce((sum, w) => sum + w * w, 0) };
};

/** The mean slope of several like ramps, as one weighted sum over the reads of all of them, ramp after ramp. */
export const averageRamps = (one: Sampling, ramps: number): Sampling => ({
  weights: Array.from({ length: ramps }, () => one.weights.map((w) => w / ramps)).flat(),
  poissonFactor: one.poissonFactor / ramps,
  readNoiseFactor: one.readNoiseFactor / ramps,
});
