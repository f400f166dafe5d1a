import { openGain, openReadnoise, type RampModel, readPixelFlags } from '@iris-drs/datamodels';
import { type FloatPlane, type SamplingMethod, samplingWeights } from '@iris-drs/kernels';
import { defineStep, type OptionsOf, type StepContext } from '@iris-drs/stpipe';
import type { ReadoutPlan } from '../plan.ts';

const spec = {
  mode: {
    type: 'option',
    choices: ['auto', 'cds', 'mcds', 'utr'],
    default: 'auto',
    doc: 'Sampling: what the header says (auto; else utr), cds, mcds or utr',
  },
  num_coadd: { type: 'integer', default: 2, min: 1, doc: 'Reads averaged at each end of the ramp by mcds' },
} as const;

/** The ramp's own method, a chosen one, or up-the-ramp; cds where the ramp is too short for the others. */
const methodOf = (ramp: RampModel, reads: number, options: OptionsOf<typeof spec>): SamplingMethod => {
  const mode = options.mode === 'auto' ? (ramp.sampling?.method ?? 'utr') : options.mode;
  if (mode === 'mcds') {
    const n = (options.mode === 'auto' ? ramp.sampling?.reads : undefined) ?? options.num_coadd;
    return { kind: 'mcds', n: Math.min(n, Math.floor(reads / 2)) };
  }
  return mode === 'cds' ? { kind: 'cds' } : { kind: 'utr' };
};

interface WeightedReads {
  readonly weights: readonly number[];
  readonly poissonFactor: number;
  readonly readNoiseFactor: number;
}

/** The mean of the ramps' slopes as one weighted sum over all their reads. Ramps of fewer than two reads are left out. */
const weigh = (ramp: RampModel, method: (reads: number) => SamplingMethod): WeightedReads => {
  const sampled = ramp.times.map((times) =>
    times.length < 2 ? undefined : samplingWeights(method(times.length), times),
  );
  const count = sampled.filter((one) => one !== undefined).length;
  return {
    weights: sampled.flatMap(
      (one, i) => one?.weights.map((w) => w / count) ?? (ramp.times[i] ?? []).map(() => 0),
    ),
    poissonFactor: sampled.reduce((sum, one) => sum + (one?.poissonFactor ?? 0), 0) / count ** 2,
    readNoiseFactor: sampled.reduce((sum, one) => sum + (one?.readNoiseFactor ?? 0), 0) / count ** 2,
  };
};

/** Noise of one read in DN: the reference, else the header's electrons over the gain; undefined when unknown. */
const readNoiseOf = async (
  ramp: RampModel,
  gain: FloatPlane | number | undefined,
  { engine, reference, log }: StepContext,
): Promise<{ readonly value: FloatPlane | number; readonly owned?: FloatPlane } | undefined> => {
  const found = await reference('readnoise', openReadnoise);
  if (found?.unit === 'DN') return { value: found.readNoise };
  const electrons = found?.readNoise ?? ramp.readNoise;
  if (electrons === undefined) {
    log.warn('no READNOISE reference and no RDNOISE in the header: VAR_RNOISE is NaN, unknown');
    return undefined;
  }
  if (gain === undefined) {
    log.warn('the read noise is in electrons and no gain is known: VAR_RNOISE is NaN, unknown');
    return undefined;
  }
  if (typeof electrons === 'number' && typeof gain === 'number') return { value: electrons / gain };
  const shape = typeof electrons === 'number' ? (gain as FloatPlane).shape : electrons.shape;
  const plane = engine.float32(shape);
  const e = (i: number): number =>
    typeof electrons === 'number' ? electrons : (electrons.data[i] ?? Number.NaN);
  const g = (i: number): number => (typeof gain === 'number' ? gain : (gain.data[i] ?? Number.NaN));
  for (let i = 0; i < plane.data.length; i++) plane.data[i] = e(i) / g(i);
  return { value: plane, owned: plane };
};

/**
 * Slope of each pixel, DN/s, from all reads of all ramps, streamed from their files through bias, non-linearity
 * and the weights of the sampling method: CDS, MCDS and UTR are all Σ wᵣ·F(xᵣ) with Σ wᵣ = 0. With them the exact
 * variances of that sum: photons VAR_POISSON = slope/gain·P, reads VAR_RNOISE = σ²·R. Several ramps are averaged.
 *
 * Without a gain (reference, header) VAR_POISSON is NaN, unknown; without a read noise VAR_RNOISE is.
 *
 * @see samplingWeights of @iris-drs/kernels for the equations; Offenberg et al. 2001, PASP 113, 240
 */
export const readoutsamp = defineStep<ReadoutPlan, typeof spec>({
  name: 'readoutsamp',
  doc: 'Slope and variances of each pixel from the reads of its ramps',
  spec,
  referenceTypes: [],
  optionalReferenceTypes: ['gain', 'readnoise'],
  async process(plan, options, context) {
    const { ramp, header, sciHeader, shape } = plan;
    const { engine, log } = context;
    for (const warning of ramp.warnings) log.warn(warning);
    const method = methodOf(ramp, Math.min(...ramp.times.map((times) => times.length)), options);
    const weighted = weigh(ramp, (reads) => methodOf(ramp, reads, options));

    const gain = (await context.reference('gain', openGain))?.gain ?? ramp.gain;
    if (gain === undefined)
      log.warn('no GAIN reference and no GAIN in the header: VAR_POISSON is NaN, unknown');
    const readNoise = await readNoiseOf(ramp, gain, context);
    try {
      const { slope, varPoisson, varRnoise, dq } = await engine.sample({
        reads: ramp.reads.flat(),
        ...weighted,
        shape,
        ...(plan.nonlinearity ? { nonlinearity: plan.nonlinearity } : {}),
        ...(plan.bias ? { bias: plan.bias } : {}),
        ...(plan.saturation ? { saturation: plan.saturation } : {}),
        ...(gain === undefined ? {} : { gain }),
        ...(readNoise ? { readNoise: readNoise.value } : {}),
      });
      const flags = await readPixelFlags(engine, ramp);
      if (flags) {
        await engine.orFlags(dq, flags);
        flags.release();
      }
      header.set('SAMPMODE', method.kind.toUpperCase(), 'sampling of the ramps');
      if (method.kind === 'mcds') header.set('NCOADD', method.n, 'reads averaged at each end of a ramp');
      header.set('NREADS', weighted.weights.filter((w) => w !== 0).length, 'reads used, all ramps');
      const rate = { sci: slope, dq, varPoisson, varRnoise, extra: [], units: 'DN/s', warnings: [] };
      return { ...plan, frame: { header, sciHeader, shape, ...rate } };
    } finally {
      readNoise?.owned?.release();
    }
  },
});
