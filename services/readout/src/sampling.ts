import { type SamplingMethod, samplingWeights } from '@iris-drs/kernels';
import { StepError } from '@iris-drs/stpipe';

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
 * The mean of the ramps' slopes. With n ramps each weight is divided by n, and so
 *
 *   P = Σ P_ramp / n²,   R = Σ R_ramp / n²
 *
 * Ramps of fewer than two reads have no slope and are left out; a shorter ramp counts as much as the others.
 *
 * @param times   seconds of each read, `[ramp][read]`
 * @param method  of a ramp of so many reads
 * @throws StepError STEP_INPUT when no ramp has two reads
 */
export const sampleExposure = (
  times: readonly (readonly number[])[],
  method: (reads: number) => SamplingMethod,
): ExposureSampling => {
  const sampled = times.map((ramp) =>
    ramp.length < 2 ? undefined : samplingWeights(method(ramp.length), ramp),
  );
  const ramps = sampled.filter((one) => one !== undefined).length;
  if (ramps === 0) {
    throw new StepError(
      'STEP_INPUT',
      'readoutsamp',
      `The exposure has ramps of ${times.map((ramp) => ramp.length).join(', ')} reads; a slope needs one of two reads or more.`,
    );
  }
  const total = (name: 'poissonFactor' | 'readNoiseFactor'): number =>
    sampled.reduce((sum, one) => sum + (one?.[name] ?? 0), 0) / ramps ** 2;
  return {
    weights: sampled.flatMap((one, i) => one?.weights.map((w) => w / ramps) ?? times[i]!.map(() => 0)),
    poissonFactor: total('poissonFactor'),
    readNoiseFactor: total('readNoiseFactor'),
    ramps,
  };
};
