import { describe, expect, it } from 'vitest';
import type { Engine, SampleResult } from '../src/index.ts';
import { type Options, scenes, tolerance } from './scene.ts';
import { differences, testDirectory, testEngine } from './support.ts';

const directory = testDirectory();
const plain = await testEngine({ build: 'plain' });
const relaxed = await testEngine({ build: 'relaxed' });

const sampled = async (engine: Engine, options: Options) => {
  const { spec, pixel, n, release } = scenes(engine, directory)(options);
  const result = await engine.sample(spec);
  const bounds = Array.from({ length: n }, (_, i) => tolerance(pixel(i)));
  release();
  return { result, bounds };
};

const summed = async (engine: Engine, options: Options): Promise<SampleResult> => {
  const { spec, release } = scenes(engine, directory)(options);
  const sums = engine.openSums(spec);
  const reads = spec.reads.map((image, r) => ({ image, weights: [spec.weights[r]!, 1] as const }));
  await sums.add(reads);
  await sums.endRamp([1, 0]);
  const result = await sums.finish(spec);
  release();
  return result;
};

describe('both builds of the kernels', () => {
  it.each([
    { shape: [19, 43], reads: 7 },
    { shape: [19, 43], reads: 7, form: 'polynomial', terms: 8 },
    { shape: [19, 43], reads: 7, bitpix: [-32], terms: 3 },
  ] as Options[])('make the same frames of %j within the bound on their roundings', async (options) => {
    const { result: a, bounds } = await sampled(plain, options);
    const { result: b } = await sampled(relaxed, options);
    const [c, d] = [await summed(plain, options), await summed(relaxed, options)];
    for (const other of [b, c, d]) {
      expect(differences(other.slope.data, a.slope.data, (i) => 2 * bounds[i]!)).toEqual([]);
      expect(differences(other.dq.data, a.dq.data, () => 0)).toEqual([]);
    }
    for (const frame of [a, b, c, d].flatMap((made) => Object.values(made))) frame.release();
    expect([plain.pool.usedBytes, relaxed.pool.usedBytes]).toEqual([0, 0]);
  });
});
