import type { ImageModel } from '@iris-drs/datamodels';
import { type CombineSpec, type Engine, type FloatPlane, medianFactor } from '@iris-drs/kernels';
import { defineStep, type OptionsOf } from '@iris-drs/stpipe';

/** A frame, which becomes the combined one, and those that are combined with it. */
export interface FrameStack extends ImageModel {
  /** Their pixels are used up. */
  readonly others: readonly ImageModel[];
}

const spec = {
  method: {
    type: 'option',
    choices: ['median', 'mean', 'clipped'],
    default: 'median',
    doc: 'How frames become one: median, mean, or mean without outliers',
  },
  sigma: { type: 'float', default: 3, min: 1, doc: 'Clipping threshold of method clipped' },
  maxiters: {
    type: 'integer',
    default: null,
    min: 1,
    doc: 'Most clipping rounds; None: until nothing changes',
  },
  error_calc: {
    type: 'option',
    choices: ['propagate', 'measure'],
    default: 'propagate',
    doc: 'Variance from those of the frames, or from how the frames differ, pixel by pixel',
  },
} as const;

type Options = OptionsOf<typeof spec>;

/**
 * Variance of the combined value from the scatter of n frames about it, Σ(xᵢ − x̄)²/n(n − 1), times m(n) for a median.
 * The frames' pixels become squared differences.
 */
const measured = async (
  engine: Engine,
  frames: readonly ImageModel[],
  value: FloatPlane,
  { method }: Options,
): Promise<FloatPlane> => {
  const n = frames.length;
  for (const { sci } of frames) {
    await engine.subtractPlane({ sci, minus: value });
    await engine.square({ plane: sci });
  }
  const squares = await engine.combine(
    frames.map(({ sci }) => sci),
    { method: 'mean', dq: frames.map(({ dq }) => dq) },
  );
  squares.dq.release();
  squares.count.release();
  const factor = method === 'median' ? medianFactor(n) : 1;
  await engine.divideValue({ sci: squares.value, value: (n - 1) / factor });
  return squares.value;
};

/**
 * Several frames to one, pixel by pixel; values that are not finite or DO_NOT_USE are left out. Variances are those of
 * the frames, carried through; where no frame has any (no ERR), or when asked for, VAR_RNOISE is measured from the
 * scatter of the frames and VAR_POISSON is 0.
 *
 * The seed's chapters 11.1 and 15.6; liger `combine_frames`; the kernel is `combine` of @iris-drs/kernels.
 */
export const combineFrames = defineStep<FrameStack, typeof spec>({
  name: 'combine_frames',
  doc: 'Combine frames to one: median, mean or clipped mean',
  spec,
  referenceTypes: [],
  async process(model, options, { engine, log, skip }) {
    const { method, sigma, maxiters } = options;
    const frames: readonly ImageModel[] = [model, ...model.others];
    if (frames.length === 1) return skip('there is one frame only');
    const flats = frames.flatMap(({ varFlat }) => varFlat ?? []);
    const { value, dq, count, variances } = await engine.combine(
      frames.map(({ sci }) => sci),
      {
        ...{ method: method as CombineSpec['method'], sigma },
        ...(maxiters === null ? {} : { maxIterations: maxiters }),
        dq: frames.map((frame) => frame.dq),
        variances: [
          frames.map(({ varPoisson }) => varPoisson),
          frames.map(({ varRnoise }) => varRnoise),
          ...(flats.length === frames.length ? [flats] : []),
        ],
      },
    );
    using held = new DisposableStack();
    for (const plane of [value, dq, count, ...variances]) held.use(plane);
    const { count: known } = await engine.statistics(model.varRnoise);
    const [varPoisson, varRnoise, varFlat] = variances;
    if (options.error_calc === 'measure' || known === 0) {
      const variance = held.use(await measured(engine, frames, value, options));
      model.varRnoise.data.set(variance.data);
      model.varPoisson.data.fill(0);
    } else {
      model.varPoisson.data.set(varPoisson!.data);
      model.varRnoise.data.set(varRnoise!.data);
    }
    if (model.varFlat && varFlat) model.varFlat.data.set(varFlat.data);
    model.sci.data.set(value.data);
    model.dq.data.set(dq.data);
    model.header
      .set('NCOMBINE', frames.length, 'frames combined')
      .set('COMBMETH', method, 'how frames were combined');
    log.info(`${frames.length} frames combined, method ${method}`);
  },
});
