import { combinationFor, type Pair } from './combination.ts';
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

/** @throws KernelsError BadSpec for times of reads that do not increase */
export const checkTimes = (times: readonly number[]): void => {
  const stuck = times.findIndex((t, i) => !Number.isFinite(t) || (i > 0 && t <= times[i - 1]!));
  if (stuck < 0) return;
  throw new KernelsError(
    'BadSpec',
    `read times must increase; time ${stuck} is ${times[stuck]} after ${times[stuck - 1]}`,
  );
};

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
 * A slope of any weights with the factors of its variances.
 *
 * Photons that arrive between reads k−1 and k are in all later reads, so they count with Wₖ = Σ_{r≥k} wᵣ and
 *
 *   P = Σ_{k≥1} Wₖ² (tₖ − tₖ₋₁),   R = Σ wᵣ²
 *
 * @param weights  one per read, 1/s, Σ wᵣ = 0
 * @param times    of the reads, s, increasing
 */
export const samplingOf = (weights: readonly number[], times: readonly number[]): Sampling => {
  let later = 0;
  let poissonFactor = 0;
  for (let k = times.length - 1; k >= 1; k--) {
    later += weights[k]!;
    poissonFactor += later ** 2 * (times[k]! - times[k - 1]!);
  }
  return { weights, poissonFactor, readNoiseFactor: weights.reduce((sum, w) => sum + w * w, 0) };
};

/**
 * Weights of correlated double sampling, multiple CDS (Fowler) and up-the-ramp sampling, for reads without jumps.
 *
 *   cds    w = ±1/(t_last − t_first) at the ends
 *   mcds   mean of the last n reads minus mean of the first n, over the difference of their mean times
 *   utr    wᵣ = (tᵣ − t̄) / Σ(t − t̄)², the slope of an equally weighted straight line
 *
 * @param times  of the reads, seconds, strictly increasing
 * @throws KernelsError BadSpec with fewer than two reads, times that do not increase, or an impossible n
 * @see iris_readout, drsrop.c (`uptheramp` and `mcds` there give slope × time difference, in DN)
 * @see Offenberg et al. 2001, PASP 113, 240
 */
export const samplingWeights = (method: SamplingMethod, times: readonly number[]): Sampling => {
  if (times.length < 2)
    throw new KernelsError('BadSpec', `a slope needs two reads or more, ${times.length} given`);
  checkTimes(times);
  return samplingOf(rawWeights(method, times), times);
};

/** The mean slope of several like ramps, as one weighted sum over the reads of all of them, ramp after ramp. */
export const averageRamps = (one: Sampling, ramps: number): Sampling => ({
  weights: Array.from({ length: ramps }, () => one.weights.map((w) => w / ramps)).flat(),
  poissonFactor: one.poissonFactor / ramps,
  readNoiseFactor: one.readNoiseFactor / ramps,
});

/** How the reads of a ramp join two running sums (`Engine.openSums`) as they come, and what the sums make in the end. */
export interface OnePass {
  /**
   * @param read  its place in the ramp, from 0
   * @param time  s
   * @returns the weights of the read in either sum; with 0 and 0 it need not be read
   */
  weights(read: number, time: number): Pair;
  /**
   * The slope of the ramp is c₀ acc₀ + c₁ acc₁.
   *
   * @param times  of all reads of the ramp, those of weights 0 and 0 included; s, increasing
   * @throws KernelsError BadSpec where these reads have no slope, or CDS or MCDS were promised another number
   */
  end(times: readonly number[]): Omit<Sampling, 'weights'> & { readonly combination: Pair };
}

/**
 * CDS, MCDS and UTR in one pass, when the last time, and for UTR the number of reads, are not known yet:
 *
 *   cds, mcds  acc₀ = Σ first n reads, acc₁ = Σ last n;  slope = (acc₁ − acc₀)/(n·(difference of mean times))
 *   utr        acc₀ = Σ F, acc₁ = Σ (t − t₀) F;          slope = (acc₁ − (t̄ − t₀) acc₀)/Σ(t − t̄)²
 *
 * @param expected.reads   number of reads that the ramp will have; needed by cds and mcds
 * @param expected.middle  t₀, best the mean time of the reads, s: half a ramp away, the bound on the error of the sums
 *                         (`openSums`) is four times as large
 */
export const onePass = (
  method: SamplingMethod,
  expected: { readonly reads?: number | undefined; readonly middle?: number | undefined },
): OnePass => {
  const { reads, middle = 0 } = expected;
  const weights =
    method.kind === 'utr' ? (_: number, time: number): Pair => [1, time - middle] : ends(method, reads);
  return {
    weights,
    end(times) {
      const { weights: wanted, ...factors } = samplingWeights(method, times);
      const summed = times.map((time, read) => weights(read, time));
      const combination = combinationFor(summed, wanted);
      if (combination) return { combination, ...factors };
      throw new KernelsError(
        'BadSpec',
        `the sums of ${times.length} reads where ${reads ?? 'an unknown number'} were expected do not make their slope; sample the reads anew`,
      );
    },
  };
};

/** Weights for sums of the first n reads and of the last n. */
const ends = (
  method: Exclude<SamplingMethod, { kind: 'utr' }>,
  reads: number | undefined,
): ((read: number) => Pair) => {
  const n = method.kind === 'cds' ? 1 : method.n;
  if (reads === undefined || !Number.isInteger(n) || n < 1 || n >= reads) {
    throw new KernelsError(
      'BadSpec',
      `sums of the first and last ${n} of ${reads ?? 'an unknown number of'} reads; both must be integers, the first from 1 to less than the second`,
    );
  }
  return (read) => {
    const [first, last] = [read < n, read >= reads - n && read < reads];
    // Of more than half of the reads some are in both means and cancel.
    return [first && !last ? 1 : 0, last && !first ? 1 : 0];
  };
};
