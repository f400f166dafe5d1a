import { type Sampling, type SamplingMethod, samplingOf, samplingWeights } from '@iris-drs/kernels';
import { StepError } from '@iris-drs/stpipe';
import type { ChosenReads } from './selection.ts';

/** A slope as one weighted sum over the reads of all ramps. */
export interface ExposureSampling {
  /** 1/s, ramp after ramp; 0 for reads that are not used. */
  readonly weights: readonly number[];
  readonly poissonFactor: number;
  readonly readNoiseFactor: number;
  /** Ramps of two reads or more. */
  readonly ramps: number;
}

/**
 * Weights of reads that count with qᵣ each: utr a weighted straight line, mcds (cds: n = 1) weighted means at the ends.
 *
 *   utr    wᵣ = qᵣ(tᵣ − t̄) / Σ q(t − t̄)²,  t̄ = Σ qt / Σ q
 *   mcds   wᵣ = ±qᵣ / Σ_end q, over the difference of the ends' weighted mean times
 */
const qualityWeights = (
  method: SamplingMethod,
  times: readonly number[],
  quality: readonly number[],
): number[] => {
  const mean = (from: number, to: number): number => {
    const q = quality.slice(from, to);
    return q.reduce((sum, v, i) => sum + v * times[from + i]!, 0) / q.reduce((a, b) => a + b, 0);
  };
  const count = times.length;
  if (method.kind === 'utr') {
    const centre = mean(0, count);
    const spread = times.reduce((sum, t, i) => sum + quality[i]! * (t - centre) ** 2, 0);
    return times.map((t, i) => (quality[i]! * (t - centre)) / spread);
  }
  const n = method.kind === 'cds' ? 1 : method.n;
  const span = mean(count - n, count) - mean(0, n);
  const total = (from: number, to: number) => quality.slice(from, to).reduce((a, b) => a + b, 0);
  const [early, late] = [total(0, n), total(count - n, count)];
  return times.map(
    (_, i) => ((i >= count - n ? quality[i]! / late : 0) - (i < n ? quality[i]! / early : 0)) / span,
  );
};

/**
 * Up the ramp a read in the middle may weigh nothing, by how its time is rounded. It is used all the same: where it is
 * saturated the pixel is. Not 0, and 0 in float32.
 */
const UNWEIGHED = 1e-300;

const sampleRamp = (
  times: readonly number[],
  { indices, quality }: ChosenReads,
  method: (reads: number) => SamplingMethod,
): Sampling | undefined => {
  if (indices.length < 2) return undefined;
  const chosen = indices.map((i) => times[i]!);
  const way = method(chosen.length);
  const one = quality
    ? samplingOf(qualityWeights(way, chosen, quality), chosen)
    : samplingWeights(way, chosen);
  const weights = times.map(() => 0);
  const least = way.kind === 'utr' ? UNWEIGHED : 0;
  for (const [k, i] of indices.entries()) weights[i] = one.weights[k]! || least;
  return { ...one, weights };
};

/** Thrown where no ramp has the reads for a slope. */
export const tooFewReads = (counts: readonly number[]): StepError =>
  new StepError(
    'STEP_INPUT',
    'readoutsamp',
    `The exposure has ramps of ${counts.join(', ')} reads; a slope needs one of two reads or more.`,
  );

/**
 * The mean of the ramps' slopes. With n ramps each weight is divided by n, and so
 *
 *   P = Σ P_ramp / n²,   R = Σ R_ramp / n²
 *
 * Ramps of fewer than two reads have no slope and are left out; a shorter ramp counts as much as the others.
 *
 * @param times   seconds of each read, `[ramp][read]`
 * @param method  of a ramp of so many reads
 * @param chosen  the reads of each ramp that enter; all of them unless given
 * @throws StepError STEP_INPUT when no ramp has two reads
 */
export const sampleExposure = (
  times: readonly (readonly number[])[],
  method: (reads: number) => SamplingMethod,
  chosen: readonly ChosenReads[] = times.map((ramp) => ({ indices: [...ramp.keys()] })),
): ExposureSampling => {
  const sampled = times.map((ramp, i) => sampleRamp(ramp, chosen[i]!, method));
  const ramps = sampled.filter((one) => one !== undefined).length;
  if (ramps === 0) throw tooFewReads(chosen.map(({ indices }) => indices.length));
  const total = (name: 'poissonFactor' | 'readNoiseFactor'): number =>
    sampled.reduce((sum, one) => sum + (one?.[name] ?? 0), 0) / ramps ** 2;
  return {
    weights: sampled.flatMap((one, i) => one?.weights.map((w) => w / ramps) ?? times[i]!.map(() => 0)),
    poissonFactor: total('poissonFactor'),
    readNoiseFactor: total('readNoiseFactor'),
    ramps,
  };
};
