import { closeImage, DQ, type ImageModel, openImage } from '@iris-drs/datamodels';
import type { Engine, FlagPlane, FloatPlane } from '@iris-drs/kernels';
import { defineStep, type OptionsOf, type StepContext } from '@iris-drs/stpipe';
import type { ImagerFrame } from '../frame.ts';

const spec = {
  sigma: {
    type: 'float',
    default: 3,
    min: 1,
    doc: 'Clipping threshold when several backgrounds are combined',
  },
  maxiters: {
    type: 'integer',
    default: null,
    min: 1,
    doc: 'Most clipping rounds; None: until nothing changes',
  },
  scale: {
    type: 'float',
    default: 1,
    doc: 'Factor on the background before it is subtracted',
  },
} as const;

/** Variance of the median of n Gaussian values is π/2 times that of their mean. */
const MEDIAN_FACTOR = Math.PI / 2;

/** The sky frames that cover the same pixels as the frame; of another subarray they cannot be subtracted. */
const openSkies = async (
  { backgrounds, shape }: ImagerFrame,
  { engine, log }: StepContext,
  held: DisposableStack,
): Promise<ImageModel[]> => {
  const skies: ImageModel[] = [];
  for (const background of backgrounds) {
    const given = typeof background !== 'string';
    const sky = given ? background : await openImage(engine, background);
    if (!given) held.defer(() => closeImage(sky));
    if (sky.shape[0] === shape[0] && sky.shape[1] === shape[1]) skies.push(sky);
    else
      log.warn(
        `${given ? 'a background' : background} is left out: it has [${sky.shape}] pixels, the frame has [${shape}]`,
      );
  }
  return skies;
};

interface Background {
  readonly sci: FloatPlane;
  readonly dq: FlagPlane;
  readonly varPoisson: FloatPlane;
  readonly varRnoise: FloatPlane;
  readonly varFlat?: FloatPlane;
}

/** Several backgrounds as their clipped mean. */
const clippedMean = async (
  engine: Engine,
  models: readonly ImageModel[],
  { sigma, maxiters }: OptionsOf<typeof spec>,
): Promise<Background & { release(): void }> => {
  const flats = models.flatMap(({ varFlat }) => varFlat ?? []);
  const { value, dq, count, variances } = await engine.combine(
    models.map(({ sci }) => sci),
    {
      method: 'clipped',
      sigma,
      ...(maxiters === null ? {} : { maxIterations: maxiters }),
      dq: models.map((model) => model.dq),
      variances: [
        models.map(({ varPoisson }) => varPoisson),
        models.map(({ varRnoise }) => varRnoise),
        ...(flats.length === models.length ? [flats] : []),
      ],
    },
  );
  const [varPoisson, varRnoise, varFlat] = variances;
  if (!varPoisson || !varRnoise) throw new Error('combine returned fewer variances than it was given');
  return {
    ...{ sci: value, dq, varPoisson, varRnoise },
    ...(varFlat ? { varFlat } : {}),
    release() {
      for (const plane of [value, dq, count, ...variances]) plane.release();
    },
  };
};

/** @returns false when no sky frame fits */
const subtractSky = async (
  frame: ImagerFrame,
  options: OptionsOf<typeof spec>,
  context: StepContext,
): Promise<boolean> => {
  const { engine, log } = context;
  using held = new DisposableStack();
  const models = await openSkies(frame, context, held);
  const [first] = models;
  if (!first) return false;
  let background: Background = first;
  if (models.length > 1) {
    const mean = await clippedMean(engine, models, options);
    held.defer(() => mean.release());
    background = mean;
  }
  const level = frame.level
    ? { values: [0], count: 1 } // a place for it
    : await engine.quantiles(background.sci, [0.5], { dq: background.dq, mask: DQ.DO_NOT_USE });
  await frame.level?.(background);

  // Frames that were divided by one flat share its error: it is relative, so that of the difference follows from it.
  const flat = frame.header.get('R_FLAT');
  const shared = models.every(({ header }) => header.get('R_FLAT') === flat);
  const { varFlat } = frame;
  const relative =
    varFlat && first.varFlat && shared
      ? { variance: varFlat, other: { variance: first.varFlat, of: first.sci } }
      : undefined;
  await engine.subtractPlane({
    sci: frame.sci,
    minus: background.sci,
    factor: options.scale,
    variances: [
      { to: frame.varPoisson, add: background.varPoisson },
      { to: frame.varRnoise, add: background.varRnoise },
      ...(varFlat && background.varFlat && !relative ? [{ to: varFlat, add: background.varFlat }] : []),
    ],
    ...{ dq: frame.dq, minusDq: background.dq, shared: relative },
  });
  frame.header
    .set('BKGMETH', 'SKY', 'background: sky frames')
    .set('NBKG', models.length, 'sky frames combined');
  if (level.count > 0)
    frame.header.set('BKGLEVEL', level.values[0] ?? null, '[DN/s] median of the background');
  log.info(`subtracted ${models.length} sky frame(s)`);
  return true;
};

/** The frame's own median of pixels that may be used; its variance joins VAR_RNOISE. */
const subtractMedian = async (
  frame: ImagerFrame,
  remark: string,
  { engine, log, skip }: StepContext,
): Promise<void> => {
  const good = { dq: frame.dq, mask: DQ.DO_NOT_USE };
  const { values, count } = await engine.quantiles(frame.sci, [0.15865, 0.5, 0.84135], good);
  const [low = Number.NaN, median = Number.NaN, high = Number.NaN] = values;
  if (count === 0) {
    frame.header.set('BKGMETH', 'NONE', 'background: no usable pixel');
    skip('no pixel of the frame may be used');
    return;
  }
  const valueVariance = (MEDIAN_FACTOR * ((high - low) / 2) ** 2) / count;
  await engine.subtractValue({ sci: frame.sci, value: median, variance: frame.varRnoise, valueVariance });
  frame.header
    .set('BKGMETH', 'MEDIAN', 'background: the median of the frame itself')
    .set('BKGLEVEL', median, '[DN/s] level subtracted');
  if (remark) frame.header.set('BKGNOTE', remark, 'why');
  log.info(`no sky frame (${remark || 'none given'}): subtracted the own median ${median} DN/s`);
};

/**
 * Background subtraction: the clipped mean of the sky frames of the same observation, or the median of the frame
 * itself where there is none. Science and sky have both had dark and flat.
 *
 * Variances of photons and reads add. Frames that share the flat F share its relative error ρ = σ_F/F, which the
 * subtraction therefore keeps: VAR_FLAT = (S − B)²·ρ² with ρ² = (VAR_FLAT_S + VAR_FLAT_B)/(S² + B²). With different
 * flats the two add as well.
 *
 * The seed's chapter 11.5 (real time); jwst `background`.
 */
export const bkgSubtract = defineStep<ImagerFrame, typeof spec>({
  name: 'bkg_subtract',
  doc: 'Subtract the sky frames, or the own median where there are none',
  spec,
  referenceTypes: [],
  async process(frame, options, context) {
    if (!(await subtractSky(frame, options, context))) {
      const unfit = frame.backgrounds.length > 0 ? 'sky frames are of another subarray' : '';
      await subtractMedian(frame, frame.remark || unfit, context);
    }
    frame.header.set('BKGSUB', frame.header.get('BKGMETH') !== 'NONE', 'background has been subtracted');
  },
});
