import {
  type FloatPlane,
  onePass,
  type SampleSpec,
  type SamplingMethod,
  samplingWeights,
} from '@iris-drs/kernels';
import { type Case, type Contender, compare, timed } from './compare.ts';
import type { BenchLine } from './line.ts';
import { type Exposure, SATURATION } from './ramp.ts';
import { dropFromCache, fromDisk, readingToKeep } from './reading.ts';
import { label, MOST_RUNS, noise, one, type Scene } from './readout-scene.ts';
import { releaseFrames, scalarSums } from './scalar-sums.ts';

const sampleSpec = (from: Exposure, method: SamplingMethod, coefficients?: FloatPlane[]): SampleSpec => ({
  reads: from.reads,
  shape: from.shape,
  ...samplingWeights(method, from.times),
  ...noise,
  saturation: SATURATION,
  ...(coefficients ? { nonlinearity: { form: 'relative', coefficients } } : {}),
});

/** A weighted sum that looks at the files once the ramp is over. */
export const benchSample = async (
  scene: Scene,
  what: string,
  method: SamplingMethod,
  coefficients?: FloatPlane[],
): Promise<BenchLine[]> => {
  const { engine, from, inMemory, beside, runs } = scene;
  const twin = await scalarSums(engine, sampleSpec(from, method, coefficients));
  const work = (place: Exposure): Contender => {
    const spec = sampleSpec(place, method, coefficients);
    return timed(label(scene, what, place), async () => releaseFrames(await engine.sample(spec)));
  };
  const targets = ({ name }: Contender): Partial<Case> =>
    coefficients ? { targetTimes: { most: 1.5, of: name } } : {};
  const lines = await compare(
    'readout',
    [one(scene, work(from), from.samples, targets(beside[0]))],
    [...beside, twin],
    runs,
  );
  if (coefficients) {
    const against = (ours: Contender, reading: Contender): Promise<BenchLine[]> =>
      compare('readout', [one(scene, ours, from.samples, targets(reading))], [reading], runs);
    lines.push(...(await against(work(from), readingToKeep(from.path, from.bytes))));
    if (dropFromCache(from.path))
      lines.push(...(await against(fromDisk(work(from), from.path), fromDisk(beside[0], from.path))));
  }
  if (!inMemory || method.kind !== 'utr') return lines;
  const memory = one(scene, work(inMemory), from.samples);
  return [...lines, ...(await compare('readout', [memory], [beside[1]], runs))];
};

/** Sums fed read by read, and what is left to do after the last one. */
export const benchSums = async (scene: Scene, coefficients: FloatPlane[]): Promise<BenchLine[]> => {
  const { engine, from, beside } = scene;
  const runs = Math.min(scene.runs, MOST_RUNS);
  const { times, reads, shape } = from;
  const method = { kind: 'utr' } as const;
  const pass = onePass(method, { middle: (times[0]! + times.at(-1)!) / 2 });
  const nonlinearity = { form: 'relative', coefficients } as const;
  const begin = async (count: number) => {
    const sums = engine.openSums({ shape, saturation: SATURATION, nonlinearity });
    for (const [r, image] of reads.slice(0, count).entries())
      await sums.add([{ image, weights: pass.weights(r, times[r]!) }]);
    return sums;
  };
  type Running = Awaited<ReturnType<typeof begin>>;
  const end = async (sums: Running): Promise<void> => {
    const { combination, ...factors } = pass.end(times);
    await sums.endRamp(combination);
    releaseFrames(await sums.finish({ ...noise, ...factors }));
  };
  const whole = timed(label(scene, 'sums of one pass, read by read, non-linearity + utr', from), async () =>
    end(await begin(reads.length)),
  );
  let running: Running | undefined;
  const last = timed(
    label(scene, 'of that after the last read: its sum, slope and variances', from),
    async () => {
      const r = reads.length - 1;
      await running!.add([{ image: reads[r]!, weights: pass.weights(r, times[r]!) }]);
      await end(running!);
    },
    async () => {
      running = await begin(reads.length - 1);
    },
  );
  const twin = await scalarSums(engine, sampleSpec(from, method, coefficients));
  return [
    ...(await compare('readout', [one(scene, whole, from.samples)], [...beside, twin], runs)),
    ...(await compare('readout', [one(scene, last, from.samples)], [], runs)),
  ];
};
