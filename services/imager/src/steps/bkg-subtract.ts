import { closeImage, DQ, type ImageModel, openImage } from '@iris-drs/datamodels';
import type { Engine, FlagPlane, FloatPlane } from '@iris-drs/kernels';
import { defineStep, type OptionsOf, type StepContext } from '@iris-drs/stpipe';
import type { ImagerFrame } from '../frame.ts';

const spec = {
  sigma: {
    type: 'float',
    default: 3,
    min: 0,
    doc: 'Clipping threshold when several backgrounds are combined',
  },
  maxiters: {
    type: 'integer',
    default: null,
    min: 0,
    doc: 'Most clipping rounds; None: until nothing changes',
  },
} as const;

/** Variance of the median of n Gaussian values is π/2 times that of their mean. */
const MEDIAN_FACTOR = Math.PI / 2;

const openAll = async (engine: Engine, paths: readonly string[]): Promise<ImageModel[]> => {
  const opened: ImageModel[] = [];
  try {
    for (const path of paths) opened.push(await openImage(engine, path));
    return opened;
  } catch (error) {
    for (const model of opened) closeImage(model);
    throw error;
  }
};

interface Background {
  readonly sci: FloatPlane;
  readonly dq: FlagPlane;
  readonly varPoisson: FloatPlane;
  readonly varRnoise: FloatPlane;
  readonly varFlat?: FloatPlane;
  close(): void;
}

/** One background as it is; several as their clipped mean, the flat's error not averaged down. */
const combined = async (
  engine: Engine,
  models: readonly ImageModel[],
  options: OptionsOf<typeof spec>,
): Promise<Background> => {
  const [first] = models;
  if (models.length === 1 && first) return { ...first, close: () => closeImage(first) };
  try {
    return await engine.combineFrames(models, {
      sigma: options.sigma,
      maxIterations: options.maxiters ?? 50,
    });
  } finally {
    for (const model of models) closeImage(model);
  }
};

const subtractSky = async (
  frame: ImagerFrame,
  options: OptionsOf<typeof spec>,
  { engine, log }: StepContext,
): Promise<void> => {
  const background = await combined(engine, await openAll(engine, frame.backgrounds), options);
  try {
    const level = await engine.quantiles(background.sci, [0.5], { dq: background.dq, mask: DQ.DO_NOT_USE });
    await engine.subtractFrame(frame, background);
    frame.header
      .set('BKGMETH', 'SKY', 'background: sky frames')
      .set('NBKG', frame.backgrounds.length, 'sky frames combined')
      .set('BKGLEVEL', level.values[0] ?? null, '[DN/s] median of the background');
    log.info(`subtracted ${frame.backgrounds.length} sky frame(s)`);
  } finally {
    background.close();
  }
};

/** The frame's own median of pixels that may be used; its variance joins VAR_RNOISE. */
const subtractMedian = async (frame: ImagerFrame, { engine, log }: StepContext): Promise<void> => {
  const good = { dq: frame.dq, mask: DQ.DO_NOT_USE };
  const { values, count } = await engine.quantiles(frame.sci, [0.15865, 0.5, 0.84135], good);
  const [low = Number.NaN, median = Number.NaN, high = Number.NaN] = values;
  if (count === 0) {
    log.warn('no pixel of the frame may be used: no background is subtracted');
    frame.header.set('BKGMETH', 'NONE', 'background: no usable pixel');
    return;
  }
  const valueVariance = (MEDIAN_FACTOR * ((high - low) / 2) ** 2) / count;
  await engine.subtractValue({ sci: frame.sci, value: median, variance: frame.varRnoise, valueVariance });
  frame.header
    .set('BKGMETH', 'MEDIAN', 'background: the median of the frame itself')
    .set('BKGLEVEL', median, '[DN/s] level subtracted');
  if (frame.remark) frame.header.set('BKGNOTE', frame.remark, 'why');
  log.info(`no sky frame (${frame.remark || 'none given'}): subtracted the own median ${median} DN/s`);
};

/**
 * Background subtraction: the clipped mean of the sky frames of the same observation, or the median of the frame
 * itself where there is none. Science and sky have both had dark and flat.
 *
 * Variances of photons and reads add. The flat's error is common to science and sky when they share the flat, so
 * it is that of the difference: VAR_FLAT = (s·√VAR_FLAT_sci − b·√VAR_FLAT_bkg)² with s, b the signs of the signals.
 *
 * The seed's chapter 11.5 (real time); jwst `background`.
 */
export const bkgSubtract = defineStep<ImagerFrame, typeof spec>({
  name: 'bkg_subtract',
  doc: 'Subtract the sky frames, or the own median where there are none',
  spec,
  referenceTypes: [],
  async process(frame, options, context) {
    if (frame.backgrounds.length > 0) await subtractSky(frame, options, context);
    else await subtractMedian(frame, context);
    frame.header.set('BKGSUB', frame.header.get('BKGMETH') !== 'NONE', 'background has been subtracted');
    return frame;
  },
});
