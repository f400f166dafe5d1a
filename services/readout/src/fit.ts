import { readPixelFlags } from '@iris-drs/datamodels';
import type { FitRampResult, Ramp, RampFit } from '@iris-drs/kernels';
import { type StepContext, StepError } from '@iris-drs/stpipe';
import { loseGuides } from './guides.ts';
import type { Noise } from './noise.ts';
import type { ReadoutPlan } from './plan.ts';
import { tooFewReads } from './sampling.ts';
import type { ChosenReads } from './selection.ts';
import { darkSum, flagUnknownDark } from './unknown-dark.ts';

export interface FitOptions {
  readonly method: 'ols' | 'likely';
  readonly variance: 'exact' | 'jwst';
  readonly perRamp: boolean;
  readonly readsUsed: boolean;
}

/** Each ramp's reads that enter, with what belongs to each of them. */
const chosenRamps = (
  { ramp, refpix, guides, shape }: ReadoutPlan,
  chosen: readonly ChosenReads[],
): Ramp[] => {
  const [ny, nx] = shape;
  let first = 0;
  return ramp.reads.flatMap((reads, r): Ramp[] => {
    const start = first;
    first += reads.length;
    const { indices } = chosen[r]!;
    if (indices.length < 2) return [];
    const pick = <T>(of: readonly T[]): T[] => indices.map((i) => of[i]!);
    const flags = ramp.groupDq?.[r];
    const offsets = refpix && new Float32Array(indices.length * nx);
    const rowOffsets = refpix?.rows && new Float32Array(indices.length * ny);
    for (const [k, i] of indices.entries()) {
      const read = start + i;
      offsets?.set(refpix!.columns.subarray(read * nx, (read + 1) * nx), k * nx);
      rowOffsets?.set(refpix!.rows!.subarray(read * ny, (read + 1) * ny), k * ny);
    }
    return [
      {
        reads: pick(reads),
        times: pick(ramp.times[r]!),
        ...(flags ? { groupDq: pick(flags) } : {}),
        ...(guides ? { lost: pick(guides[r]!) } : {}),
        ...(offsets ? { offsets } : {}),
        ...(rowOffsets ? { rowOffsets } : {}),
      },
    ];
  });
};

const needed = (method: string, missing: string, remedy: string): StepError =>
  new StepError(
    'STEP_INPUT',
    'readoutsamp',
    `${method} needs the ${missing}, and nobody gives one. ${remedy}`,
  );

/** Gain and read noise, without which no reads can be weighed. @throws StepError STEP_INPUT */
const knownNoise = ({ gain, readNoise }: Noise, method: string) => {
  if (gain === undefined) {
    const remedy = 'Add a GAIN reference or keyword (e-/DN), or use cds, mcds or utr.';
    throw needed(method, 'gain', remedy);
  }
  if (readNoise === undefined) {
    const remedy = 'Add a READNOISE reference or keyword READNOIS (electrons), or use cds, mcds or utr.';
    throw needed(method, 'read noise', remedy);
  }
  return { gain, readNoise };
};

const refuseWeights = (chosen: readonly ChosenReads[], method: string): void => {
  if (chosen.some(({ quality }) => quality)) {
    throw new StepError(
      'STEP_INPUT',
      'readoutsamp',
      `${method} weighs reads by their noise and takes no quality_weights; use a threshold, or cds, mcds or utr.`,
    );
  }
};

/**
 * The slope as a fit of each pixel's good reads, replayed from their files tile by tile. The caller releases the
 * planes.
 *
 * @throws StepError STEP_INPUT without gain or read noise, or when no ramp has two reads
 */
export const fitReads = async (
  plan: ReadoutPlan,
  chosen: readonly ChosenReads[],
  noise: Noise,
  options: FitOptions,
  { engine, log }: StepContext,
): Promise<FitRampResult> => {
  const { method } = options;
  refuseWeights(chosen, method);
  const ramps = chosenRamps(plan, chosen);
  if (ramps.length === 0) throw tooFewReads(chosen.map(({ indices }) => indices.length));
  const { gain, readNoise } = knownNoise(noise, method);
  if (plan.dark && chosen.some(({ indices }) => indices.some((i, k) => i !== k))) {
    throw new StepError(
      'STEP_INPUT',
      'readoutsamp',
      `${method} takes reads of a RAMPDARK one by one from the first on; choose reads 0:n, or skip step rampdark.`,
    );
  }
  const result = await engine.fitRamp({
    ...{ shape: plan.shape, ramps, mask: plan.fit.mask?.dq, saturation: plan.saturation, bias: plan.bias },
    ...{ nonlinearity: plan.nonlinearity, dark: plan.dark, gain, readNoise, jump: plan.fit.jump },
    ...options,
  });
  try {
    const flags = await readPixelFlags(engine, plan.ramp);
    using held = new DisposableStack();
    if (flags) held.use(flags);
    const frames = [result, ...result.ramps];
    if (plan.dark) {
      const reads = plan.dark.slice(0, Math.max(...ramps.map(({ times }) => times.length)));
      using sum = await darkSum(
        engine,
        reads,
        reads.map(() => 1),
        plan.shape,
      );
      flagUnknownDark(
        sum,
        frames.map(({ dq }) => dq),
      );
    }
    for (const fit of frames) {
      const { dq } = fit;
      loseGuides(plan, fit, () => true, true);
      for (const one of plan.flags) await engine.orFlags(dq, one);
      if (flags) await engine.orFlags(dq, flags);
    }
  } catch (error) {
    for (const fit of [result, ...result.ramps]) releaseFit(fit);
    throw error;
  }
  const hits = result.jumps.reduce((sum, count) => sum + count, 0);
  if (plan.fit.jump) log.info(`${hits} reads of pixels behind a jump`);
  if (result.events) log.info(`${result.events.reduce((sum, count) => sum + count, 0)} snowballs`);
  return result;
};

const releaseFit = ({ slope, varPoisson, varRnoise, dq, readsUsed, pedestal }: RampFit): void => {
  for (const plane of [slope, varPoisson, varRnoise, dq, readsUsed, pedestal]) plane?.release();
};
