import { exposureTimeSeconds, type ImageModel, writeProvenance } from '@iris-drs/datamodels';
import type { RampFit, SampleResult, SamplingMethod } from '@iris-drs/kernels';
import { defineStep, type OptionsOf, type StepContext } from '@iris-drs/stpipe';
import { fitReads } from '../fit.ts';
import { compatSeconds, type FitMethod, fitMethodOf, sumMethodOf } from '../method.ts';
import { gainOf, type Noise, readNoiseOf } from '../noise.ts';
import type { ReadoutPlan } from '../plan.ts';
import { readsUsedHdu } from '../reads-used.ts';
import { sampleExposure } from '../sampling.ts';
import { type ChosenReads, type Selection, selectionSpec, selectReads } from '../selection.ts';
import { sumReads } from '../sum.ts';
import { settingsOf } from '../telemetry.ts';

export const samplingSpec = {
  mode: {
    type: 'option',
    choices: ['auto', 'cds', 'mcds', 'utr', 'ols', 'likely'],
    default: 'auto',
    doc: 'Sampling: what header or telemetry say (auto; else utr), cds, mcds, utr, ols or likely',
  },
  num_coadd: {
    type: 'integer',
    default: 2,
    min: 1,
    doc: 'Reads averaged at each end of the ramp by mcds, at most half of them',
  },
  variance: {
    type: 'option',
    choices: ['exact', 'jwst'],
    default: 'exact',
    doc: 'Variances of ols: of its own estimator, or by the formulae of stcal',
  },
  rateints: { type: 'boolean', default: false, doc: 'The slope of each ramp too, as _rateints' },
  reads_used: {
    type: 'boolean',
    default: false,
    doc: 'Number of reads in the fit of each pixel, as READSUSED',
  },
  compat: {
    type: 'option',
    choices: ['none', 'iris_readout'],
    default: 'none',
    doc: 'iris_readout: DN over the ramp instead of DN/s',
  },
  ...selectionSpec,
} as const;

export type SamplingOptions = OptionsOf<typeof samplingSpec>;

/** Slopes of the exposure, of each ramp where asked for, and what they were made of. */
interface Sampled {
  readonly method: SamplingMethod | FitMethod;
  readonly whole: SampleResult | RampFit;
  readonly ramps: readonly (SampleResult | RampFit)[];
  readonly reads: number;
  readonly rampsUsed: number;
}

const onlyRamp = (chosen: readonly ChosenReads[], ramp: number): ChosenReads[] =>
  chosen.map((one, i) => (i === ramp ? one : { indices: [] }));

const summed = async (
  plan: ReadoutPlan,
  selection: Selection,
  noise: Noise,
  options: SamplingOptions,
  context: StepContext,
): Promise<Sampled> => {
  const { ramp, header } = plan;
  const { log } = context;
  const method = sumMethodOf(settingsOf(ramp, header), options);
  const sampling = sampleExposure(ramp.times, method, selection.ramps);
  const whole = await sumReads(plan, sampling, noise, context);
  const ramps: SampleResult[] = [];
  try {
    for (let r = 0; options.rateints && r < ramp.times.length; r++) {
      if (selection.ramps[r]!.indices.length < 2) continue;
      const one = sampleExposure(ramp.times, method, onlyRamp(selection.ramps, r));
      ramps.push(await sumReads(plan, one, noise, context));
    }
  } catch (error) {
    for (const result of [whole, ...ramps]) for (const plane of Object.values(result)) plane.release();
    throw error;
  }
  if (options.reads_used) log.info('all pixels have the reads that NRDUSED says; READSUSED is left out');
  // Steps that ran apart could not know that no fit follows.
  const unmet = [...(plan.fit.mask ? ['dq_init'] : []), ...(plan.fit.jump ? ['jump'] : [])];
  writeProvenance(header, { steps: Object.fromEntries(unmet.map((step) => [step, 'SKIPPED'])) });
  const reads = sampling.weights.filter((w) => w !== 0).length;
  const longest = Math.max(...selection.ramps.map(({ indices }) => indices.length));
  return { method: method(longest), whole, ramps, reads, rampsUsed: sampling.ramps };
};

const fitted = async (
  plan: ReadoutPlan,
  { ramps: chosen }: Selection,
  noise: Noise,
  method: FitMethod,
  options: SamplingOptions,
  context: StepContext,
): Promise<Sampled> => {
  const result = await fitReads(
    plan,
    chosen,
    noise,
    {
      method,
      variance: options.variance === 'jwst' ? 'jwst' : 'exact',
      perRamp: options.rateints,
      readsUsed: options.reads_used,
    },
    context,
  );
  if (result.method !== method) context.log.warn(`${method} needs three differences of reads; ols was done`);
  const used = chosen.filter(({ indices }) => indices.length >= 2);
  const reads = used.reduce((sum, { indices }) => sum + indices.length, 0);
  return { method: result.method, whole: result, ramps: result.ramps, reads, rampsUsed: used.length };
};

const frameOf = (
  { header, sciHeader, shape }: ReadoutPlan,
  { slope, varPoisson, varRnoise, dq }: SampleResult | RampFit,
): ImageModel => ({
  ...{ header, sciHeader, shape, sci: slope, dq, varPoisson, varRnoise },
  ...{ extra: [], units: 'DN/s', warnings: [] },
});

const warn = ({ ramp }: ReadoutPlan, used: number, { log }: StepContext): void => {
  for (const warning of ramp.warnings) log.warn(warning);
  const lost = ramp.times.length - used;
  if (lost > 0) log.warn(`${lost} of ${ramp.times.length} ramps have fewer than two reads and are left out`);
};

/** What was done, in words that the next step and the reader need. */
const describe = (
  { header, sciHeader, ramp }: ReadoutPlan,
  { method, reads, rampsUsed }: Sampled,
  { text }: Selection,
): void => {
  const kind = typeof method === 'string' ? method : method.kind;
  header.set('SAMPMODE', kind.toUpperCase(), 'sampling of the ramps');
  if (typeof method === 'object' && method.kind === 'mcds')
    header.set('NCOADD', method.n, 'reads averaged at each end of a ramp');
  header
    .set('NRDUSED', reads, 'reads used, all ramps')
    .set('NRMPUSED', rampsUsed, 'ramps whose slopes were averaged')
    .set('TIMESRC', ramp.timeSource, 'where the times of the reads came from');
  if (text !== undefined) header.set('RDSELECT', text, 'how reads were chosen');
  if (ramp.timeSource === 'none' || exposureTimeSeconds([header, sciHeader]) !== undefined) return;
  const seconds = ramp.times.reduce((sum, times) => sum + (times.at(-1) ?? 0) - (times[0] ?? 0), 0);
  header.set('EXPTIME', seconds, '[s] first to last read, all ramps together');
};

/** DN over the ramp, as iris_readout has them; EXPTIME becomes the time that makes DN/s of them again. */
const asIrisReadout = async (
  plan: ReadoutPlan,
  frames: readonly ImageModel[],
  { method }: Sampled,
  { ramps }: Selection,
  { engine }: StepContext,
): Promise<ImageModel[]> => {
  const first = ramps.findIndex(({ indices }) => indices.length >= 2);
  const times = ramps[first]!.indices.map((i) => plan.ramp.times[first]![i]!);
  const seconds = compatSeconds(method, times);
  for (const { sci, varPoisson, varRnoise } of frames)
    await engine.divideValue({ sci, value: 1 / seconds, variances: [varPoisson, varRnoise] });
  plan.header.set('EXPTIME', seconds, '[s] over which the DN were collected, one ramp');
  return frames.map((frame) => ({ ...frame, units: 'DN' }));
};

/**
 * Slope of each pixel, DN/s, from the reads of all ramps, replayed from their files through bias, offsets and
 * non-linearity. CDS, MCDS and UTR are Σ wᵣ·F(xᵣ) with Σ wᵣ = 0, with the exact variances of that sum: photons
 * VAR_POISSON = max(slope, 0)/gain·P, reads VAR_RNOISE = σ²·R; several ramps are averaged. OLS and LIKELY fit the good
 * reads of each pixel, jumps and saturation taken into account.
 *
 * Without a gain (reference, header, telemetry) VAR_POISSON is NaN, unknown; without a read noise VAR_RNOISE is. The
 * fits need both.
 *
 * @see samplingWeights of @iris-drs/kernels for the equations; Offenberg et al. 2001, PASP 113, 240
 * @see Fixsen et al. 2000, PASP 112, 1350 (ols); Brandt 2024, PASP 136, 045004 (likely)
 */
export const readoutsamp = defineStep<ReadoutPlan, typeof samplingSpec>({
  name: 'readoutsamp',
  doc: 'Slope and variances of each pixel from the reads of its ramps',
  spec: samplingSpec,
  referenceTypes: [],
  optionalReferenceTypes: ['gain', 'readnoise'],
  async process(plan, options, context) {
    const settings = settingsOf(plan.ramp, plan.header);
    const selection = await selectReads(plan.ramp, options);
    const gain = await gainOf(plan, settings, context);
    using held = new DisposableStack();
    const readNoise = await readNoiseOf(settings, gain, context);
    if (readNoise?.owned) held.use(readNoise.owned);
    const noise = { gain, readNoise: readNoise?.value };
    const method = fitMethodOf(options);
    const sampled = method
      ? await fitted(plan, selection, noise, method, options, context)
      : await summed(plan, selection, noise, options, context);
    warn(plan, sampled.rampsUsed, context);
    plan.frame = frameOf(plan, sampled.whole);
    plan.ramps.push(...sampled.ramps.map((one) => frameOf(plan, one)));
    if ('readsUsed' in sampled.whole && sampled.whole.readsUsed) {
      held.use(sampled.whole.readsUsed);
      plan.frame = { ...plan.frame, extra: [readsUsedHdu(sampled.whole.readsUsed)] };
    }
    for (const one of sampled.ramps) if ('readsUsed' in one && one.readsUsed) held.use(one.readsUsed);
    describe(plan, sampled, selection);
    if (options.compat === 'none') return;
    const [frame, ...ramps] = await asIrisReadout(
      plan,
      [plan.frame, ...plan.ramps],
      sampled,
      selection,
      context,
    );
    plan.frame = frame!;
    plan.ramps.splice(0, plan.ramps.length, ...ramps);
  },
});
