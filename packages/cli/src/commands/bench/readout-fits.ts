import type { FitRampSpec, FloatPlane } from '@iris-drs/kernels';
import { type Case, type Contender, compare, timed } from './compare.ts';
import type { BenchLine } from './line.ts';
import { type Exposure, GAIN, PEDESTAL, READ_NOISE, SATURATION } from './ramp.ts';
import { label, MOST_RUNS, noise, one, type Scene } from './readout-scene.ts';
import { scalarFit } from './scalar-fit.ts';
import { releaseFrames } from './scalar-sums.ts';

/** A fit that replays the files once the ramp is over. */
export const benchFit = async (
  scene: Scene,
  what: string,
  more: Pick<FitRampSpec, 'method'> & Partial<FitRampSpec>,
  targets: Partial<Case>,
): Promise<BenchLine[]> => {
  const { engine, from, inMemory, beside } = scene;
  const runs = Math.min(scene.runs, MOST_RUNS);
  const specOf = ({ shape, reads, times }: Exposure): FitRampSpec => ({
    ...{ shape, ramps: [{ reads, times }], ...noise },
    ...more,
  });
  const work = (place: Exposure): Contender =>
    timed(label(scene, what, place), async () => {
      const { slope, varPoisson, varRnoise, dq } = await engine.fitRamp(specOf(place));
      releaseFrames({ slope, varPoisson, varRnoise, dq });
    });
  const twin = await scalarFit(engine, from, specOf(from));
  const ours = one(scene, work(from), from.samples, targets);
  const lines = await compare('readout', [ours], [...beside, twin], runs);
  if (!inMemory || more.method !== 'ols' || more.jump) return lines;
  const memory = one(scene, work(inMemory), from.samples);
  return [...lines, ...(await compare('readout', [memory], [beside[1]], runs))];
};

/** Everything at once, with all reference planes. */
export const benchAll = async (scene: Scene, coefficients: FloatPlane[]): Promise<BenchLine[]> => {
  const { engine, from } = scene;
  const { shape } = from;
  const planes = {
    bias: engine.float32(shape, PEDESTAL),
    gain: engine.float32(shape, GAIN),
    readNoise: engine.float32(shape, READ_NOISE),
  };
  const threshold = engine.float32(shape, SATURATION);
  const four = shape[0] === 4096 && from.reads.length === 20 ? { targetSeconds: 4 } : {};
  try {
    return await benchFit(
      scene,
      'saturation + bias + linearity + jump + ols, reference planes',
      {
        ...planes,
        saturation: { threshold, floor: 0, grow: 1 },
        nonlinearity: { form: 'relative', coefficients },
        ...{ jump: {}, method: 'ols' },
      },
      four,
    );
  } finally {
    for (const plane of [...Object.values(planes), threshold]) plane.release();
  }
};
