import type { FloatPlane, SampleResult } from '@iris-drs/kernels';
import type { StepContext } from '@iris-drs/stpipe';
import { addInputFlags, growSaturation } from './flags.ts';
import { loseGuidesOfSum } from './guides.ts';
import { type Taken, takeSums } from './live/accumulated.ts';
import type { Noise } from './noise.ts';
import type { ReadoutPlan } from './plan.ts';
import type { ExposureSampling } from './sampling.ts';
import { darkSum, flagUnknownDark } from './unknown-dark.ts';

/** What a dark's reads give under the same weights. */
const sumDark = async (
  { ramp, dark = [], shape }: ReadoutPlan,
  weights: readonly number[],
  { engine }: StepContext,
): Promise<FloatPlane> => {
  const total = dark.map(() => 0);
  let at = 0;
  for (const { length } of ramp.times) for (let r = 0; r < length; r++) total[r]! += weights[at++]!;
  return darkSum(engine, dark, total, shape);
};

/** Takes the dark's sum off and gives it back; pixels it does not know count 0 and are flagged. */
const subtractDark = async (
  { slope, dq }: SampleResult,
  minus: FloatPlane,
  { engine }: StepContext,
): Promise<void> => {
  using dark = minus;
  flagUnknownDark(dark, [dq]);
  await engine.subtractPlane({ sci: slope, minus: dark });
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

/** The sums made while the ramp ran, where they are those of this plan; else the reads are replayed from their files. */
const taken = async (
  plan: ReadoutPlan,
  sampling: ExposureSampling,
  noise: Noise,
  { engine, log }: StepContext,
): Promise<Taken> => {
  const { ramp, shape, saturation, refpix, live } = plan;
  if (live.accumulated) {
    const found = await takeSums(live.accumulated, plan, sampling, noise);
    if (typeof found !== 'string') return found;
    (live.say ?? log.info)(`the ramp is replayed, as the sums of its reads are of no use: ${found}`);
  }
  const { weights, poissonFactor, readNoiseFactor } = sampling;
  const result = await engine.sample({
    reads: ramp.reads.flat(),
    ...{ weights, poissonFactor, readNoiseFactor, shape, ...noise },
    ...{ nonlinearity: plan.nonlinearity, bias: plan.bias, saturation: saturation?.threshold },
    offsets: refpix?.columns,
  });
  return { result };
};

/** The slope as a weighted sum of reads. The caller releases the planes. */
export const sumReads = async (
  plan: ReadoutPlan,
  sampling: ExposureSampling,
  noise: Noise,
  context: StepContext,
): Promise<SampleResult> => {
  const { engine } = context;
  const { ramp, saturation, refpix } = plan;
  const { weights } = sampling;
  const { result, dark } = await taken(plan, sampling, noise, context);
  try {
    if (plan.dark) await subtractDark(result, dark ?? (await sumDark(plan, weights, context)), context);
    if (refpix?.rows) subtractRows(refpix.rows, weights, result);
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
