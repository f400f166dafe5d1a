import type { SampleResult } from '@iris-drs/kernels';
import type { StepContext } from '@iris-drs/stpipe';
import { addInputFlags, growSaturation } from './flags.ts';
import { loseGuidesOfSum } from './guides.ts';
import type { Noise } from './noise.ts';
import type { ReadoutPlan } from './plan.ts';
import type { ExposureSampling } from './sampling.ts';

/** What a dark's reads give under the same weights; pixels it does not know count 0. */
const subtractDark = async (
  { ramp, dark = [], shape }: ReadoutPlan,
  weights: readonly number[],
  { slope }: SampleResult,
  { engine }: StepContext,
): Promise<void> => {
  const total = dark.map(() => 0);
  let at = 0;
  for (const { length } of ramp.times) for (let r = 0; r < length; r++) total[r]! += weights[at++]!;
  const found = await engine.sample({
    reads: dark,
    weights: total,
    shape,
    poissonFactor: 0,
    readNoiseFactor: 0,
  });
  using held = new DisposableStack();
  for (const plane of Object.values(found)) held.use(plane);
  const { data } = found.slope;
  for (let i = 0; i < data.length; i++) if (Number.isNaN(data[i]!)) data[i] = 0;
  await engine.subtractPlane({ sci: slope, minus: found.slope });
};

/** Row terms of the reads under the same weights: F′ = 1 is assumed for them. */
const subtractRows = (
  rows: Float32Array,
  weights: readonly number[],
  { slope: { data, shape } }: SampleResult,
): void => {
  const [ny, nx] = shape;
  for (let y = 0; y < ny; y++) {
    const term = weights.reduce((sum, w, r) => sum + w * rows[r * ny + y]!, 0);
    for (let i = y * nx; i < (y + 1) * nx; i++) data[i]! -= term;
  }
};

/** The slope as a weighted sum of reads, streamed once from their files. The caller releases the planes. */
export const sumReads = async (
  plan: ReadoutPlan,
  sampling: ExposureSampling,
  { gain, readNoise }: Noise,
  context: StepContext,
): Promise<SampleResult> => {
  const { engine } = context;
  const { ramp, shape, saturation, refpix } = plan;
  const { weights, poissonFactor, readNoiseFactor } = sampling;
  const result = await engine.sample({
    reads: ramp.reads.flat(),
    ...{ weights, poissonFactor, readNoiseFactor, shape, gain, readNoise },
    ...{ nonlinearity: plan.nonlinearity, bias: plan.bias, saturation: saturation?.threshold },
    offsets: refpix?.columns,
  });
  try {
    if (refpix?.rows) subtractRows(refpix.rows, weights, result);
    if (plan.dark) await subtractDark(plan, weights, result, context);
    if (saturation?.grow) growSaturation(result.dq, saturation.grow);
    loseGuidesOfSum(plan, weights, result);
    for (const flags of plan.flags) await engine.orFlags(result.dq, flags);
    await addInputFlags(
      engine,
      ramp,
      weights.map((w) => w !== 0),
      result.dq,
    );
    return result;
  } catch (error) {
    for (const plane of Object.values(result)) plane.release();
    throw error;
  }
};
