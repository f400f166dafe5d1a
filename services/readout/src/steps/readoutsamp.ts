import { exposureTimeSeconds } from '@iris-drs/datamodels';
import type { SamplingMethod } from '@iris-drs/kernels';
import { defineStep, type OptionsOf, type StepLog } from '@iris-drs/stpipe';
import { addInputFlags } from '../flags.ts';
import { gainOf, readNoiseOf } from '../noise.ts';
import type { ReadoutPlan } from '../plan.ts';
import { type ExposureSampling, sampleExposure } from '../sampling.ts';
import { type DetectorSettings, settingsOf } from '../telemetry.ts';

const spec = {
  mode: {
    type: 'option',
    choices: ['auto', 'cds', 'mcds', 'utr'],
    default: 'auto',
    doc: 'Sampling: what header or telemetry say (auto; else utr), cds, mcds or utr',
  },
  num_coadd: {
    type: 'integer',
    default: 2,
    min: 1,
    doc: 'Reads averaged at each end of the ramp by mcds, at most half of them',
  },
} as const;

/** The exposure's own method, a chosen one, or up-the-ramp, for a ramp of so many reads. */
const methodOf =
  ({ sampling }: DetectorSettings, options: OptionsOf<typeof spec>) =>
  (reads: number): SamplingMethod => {
    const auto = options.mode === 'auto';
    const mode = auto ? (sampling?.method ?? 'utr') : options.mode;
    if (mode !== 'mcds') return { kind: mode === 'cds' ? 'cds' : 'utr' };
    const n = (auto ? sampling?.reads : undefined) ?? options.num_coadd;
    return { kind: 'mcds', n: Math.min(n, Math.floor(reads / 2)) };
  };

const warn = ({ ramp }: ReadoutPlan, { ramps }: ExposureSampling, log: StepLog): void => {
  for (const warning of ramp.warnings) log.warn(warning);
  const lost = ramp.times.length - ramps;
  if (lost > 0) log.warn(`${lost} of ${ramp.times.length} ramps have fewer than two reads and are left out`);
};

/** What was done, in words that the next step and the reader need. */
const describe = (
  { header, sciHeader, ramp }: ReadoutPlan,
  method: SamplingMethod,
  { weights, ramps }: ExposureSampling,
): void => {
  header.set('SAMPMODE', method.kind.toUpperCase(), 'sampling of the ramps');
  if (method.kind === 'mcds') header.set('NCOADD', method.n, 'reads averaged at each end of a ramp');
  header
    .set('NRDUSED', weights.filter((w) => w !== 0).length, 'reads used, all ramps')
    .set('NRMPUSED', ramps, 'ramps whose slopes were averaged')
    .set('TIMESRC', ramp.timeSource, 'where the times of the reads came from');
  if (ramp.timeSource === 'none' || exposureTimeSeconds([header, sciHeader]) !== undefined) return;
  const seconds = ramp.times.reduce((sum, times) => sum + (times.at(-1) ?? 0) - (times[0] ?? 0), 0);
  header.set('EXPTIME', seconds, '[s] first to last read, all ramps together');
};

/**
 * Slope of each pixel, DN/s, from all reads of all ramps, streamed from their files through bias, non-linearity
 * and the weights of the sampling method: CDS, MCDS and UTR are all Σ wᵣ·F(xᵣ) with Σ wᵣ = 0. With them the exact
 * variances of that sum: photons VAR_POISSON = max(slope, 0)/gain·P, reads VAR_RNOISE = σ²·R. Several ramps are
 * averaged.
 *
 * Without a gain (reference, header, telemetry) VAR_POISSON is NaN, unknown; without a read noise VAR_RNOISE is.
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
    const settings = settingsOf(ramp, header);
    const method = methodOf(settings, options);
    const sampling = sampleExposure(ramp.times, method);
    const { weights, poissonFactor, readNoiseFactor } = sampling;
    warn(plan, sampling, log);

    const gain = await gainOf(plan, settings, context);
    using held = new DisposableStack();
    const readNoise = await readNoiseOf(settings, gain, context);
    if (readNoise?.owned) held.use(readNoise.owned);
    const { slope, varPoisson, varRnoise, dq } = await engine.sample({
      reads: ramp.reads.flat(),
      ...{ weights, poissonFactor, readNoiseFactor, shape },
      ...{ nonlinearity: plan.nonlinearity, bias: plan.bias, saturation: plan.saturation },
      ...{ gain, readNoise: readNoise?.value },
    });
    const rate = { sci: slope, dq, varPoisson, varRnoise, extra: [], units: 'DN/s', warnings: [] };
    plan.frame = { header, sciHeader, shape, ...rate };
    for (const flags of plan.flags) await engine.orFlags(dq, flags);
    await addInputFlags(
      engine,
      ramp,
      weights.map((w) => w !== 0),
      dq,
    );
    describe(plan, method(ramp.shape[1]), sampling);
  },
});
