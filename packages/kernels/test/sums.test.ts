import { truncateSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import {
  averageRamps,
  onePass,
  openEngine,
  type RawImage,
  type SamplingMethod,
  type Shape2,
  samplingWeights,
} from '../src/index.ts';
import { sums as twin } from '../src/twins/sums.ts';
import { amplitude, expectFrames, type Options, scenes, tolerance } from './scene.ts';
import { differences, EPS, imageFile, release, testDirectory, testEngine } from './support.ts';

const engine = await testEngine();
const directory = testDirectory();
const scene = scenes(engine, directory);

interface How {
  readonly method?: SamplingMethod;
  /** Reads to a call of `add`. */
  readonly together?: number;
  readonly ramps?: number;
}

/** The reads of a scene, cut into like ramps, summed in one pass. */
const compare = async (options: Options, { method = { kind: 'utr' }, together = 1, ramps = 1 }: How = {}) => {
  const made = scene(options);
  const { spec, pixel, n } = made;
  const reads = options.reads / ramps;
  const outputs = (spec.offsets?.length ?? 0) / options.reads;
  const times = made.times.slice(0, reads);
  const pass = onePass(method, { reads, middle: times[1] });
  const weights = times.map((t, r) => pass.weights(r, t));
  const { combination, ...factors } = pass.end(times);
  const { gain, readNoise } = spec;

  const sums = engine.openSums(spec);
  for (let first = 0; first < options.reads; first += reads) {
    for (let r = 0; r < reads; r += together) {
      await sums.add(
        spec.reads.slice(first + r, first + Math.min(r + together, reads)).map((image, i) => {
          const read = first + r + i;
          const offsets = spec.offsets?.subarray(read * outputs, (read + 1) * outputs);
          return { image, weights: weights[r + i]!, ...(offsets ? { offsets } : {}) };
        }),
      );
    }
    await sums.endRamp(combination);
  }
  const { poissonFactor, readNoiseFactor } = averageRamps({ weights: [], ...factors }, ramps);
  const noise = { gain, readNoise, poissonFactor, readNoiseFactor };
  const result = await sums.finish({ ...noise, scale: 1 / ramps });

  const expected = Array.from({ length: n }, (_, i) => {
    const p = pixel(i);
    const all = p.reads.map((x, r) => ({ x, weights: weights[r % reads]!, offset: p.offsets[r]! }));
    const cut = Array.from({ length: ramps }, (_, k) => all.slice(k * reads, (k + 1) * reads));
    return twin({
      ...p,
      poissonFactor,
      readNoiseFactor,
      ramps: cut.map((these) => ({ reads: these, combination })),
      scale: 1 / ramps,
    });
  });
  // Beyond the roundings of `sample`: those of c, its product, the sum of the two, the scale, its product, the ramps.
  const bounds = expected.map((_, i) => {
    const p = pixel(i);
    const roundings = reads + 2 * p.coefficients.length + 11 + ramps;
    const size = (r: number): number =>
      Math.abs(combination[0] * weights[r]![0]) + Math.abs(combination[1] * weights[r]![1]);
    return (
      (roundings * EPS * p.reads.reduce((sum, _, r) => sum + size(r % reads) * amplitude(p, r), 0)) / ramps
    );
  });
  expectFrames(result, expected, bounds, pixel, poissonFactor);

  const sampled = await engine.sample({ ...spec, ...averageRamps(samplingWeights(method, times), ramps) });
  expect(differences(result.dq.data, sampled.dq.data, () => 0)).toEqual([]);
  const both = (i: number): number => bounds[i]! + tolerance(pixel(i));
  expect(differences(result.slope.data, sampled.slope.data, both)).toEqual([]);
  release(sampled);
  release(result);
  made.release();
  expect(engine.pool.usedBytes).toBe(0);
};

describe('sums of one pass agree with their double-precision twin and with sample', () => {
  const shapes: Shape2[] = [
    [1, 1],
    [7, 13],
    [37, 53],
    [26, 40],
    [70, 1030],
  ];
  it.each(shapes.flatMap((s) => (['relative', 'polynomial'] as const).map((f) => [s, f] as const)))(
    'for shape %j and %s non-linearity',
    (shape, form) => compare({ shape, reads: 4, form }),
  );
  it.each([0, 1, 5, 6, 9])('for %i coefficients of either form', async (terms) => {
    await compare({ shape: [9, 21], reads: 4, terms, form: 'relative' }, { together: 3 });
    await compare({ shape: [9, 21], reads: 4, terms, form: 'polynomial' }, { together: 3 });
  });
  it.each([
    [{ kind: 'cds' }, 6],
    [{ kind: 'mcds', n: 2 }, 6],
    [{ kind: 'mcds', n: 4 }, 6],
  ] as [SamplingMethod, number][])('for %j', (method, reads) =>
    compare({ shape: [19, 23], reads, outputs: 23 }, { method, together: 2 }),
  );
  it('for reads of several formats', () =>
    compare({ shape: [19, 23], reads: 6, bitpix: [16, -32, 32, 8, -64] }, { together: 4 }));
  it.each([
    [[21, 33], 3],
    [[16, 64], 4],
    [[33, 35], 35],
  ] as const)('for offsets of shape %j in %i outputs', (shape, outputs) =>
    compare({ shape, reads: 4, outputs }, { together: 2 }),
  );
  it('for rows of odd length in many tiles', () =>
    compare({ shape: [1100, 35], reads: 3, terms: 2, outputs: 5 }, { together: 1 }));
  it('for several ramps', async () => {
    await compare({ shape: [19, 23], reads: 12, outputs: 1 }, { ramps: 2, together: 3 });
    await compare({ shape: [19, 23], reads: 12, form: 'polynomial' }, { ramps: 3, together: 16 });
  });
  it('for more reads at once than are held', () => compare({ shape: [11, 17], reads: 34 }, { together: 34 }));
  it('without any reference', () => compare({ shape: [11, 17], reads: 4, terms: 0, plain: true }));
});

describe('sums of one pass', () => {
  const shape = [5, 9] as const;
  const format = { bitpix: 16, bscale: 1, bzero: 32768 } as const;
  const flat = (name: string, value: number, size: Shape2 = shape): RawImage => {
    const stored = Array.from({ length: size[0] * size[1] }, (_, i) => value - 32768 + (i % 7));
    return imageFile(join(directory, name), stored, size, format);
  };
  const factors = { poissonFactor: 1, readNoiseFactor: 1 };

  it.each([
    ['the middle', 199],
    ['the first read, half a ramp off', 0],
    ['the last read', 398],
    ['a time before the reset', -400],
  ])('stay within the bound for 200 reads near 60000 DN, with times from %s', async (_, middle) => {
    const times = Array.from({ length: 200 }, (_, r) => 2 * r);
    const rate = 0.05;
    const pass = onePass({ kind: 'utr' }, { middle });
    const sums = engine.openSums({ shape });
    const values = times.map((t) => Math.round(59_980 + rate * t));
    const images = [...new Set(values)].map((v) => [v, flat(`high${v}`, v)] as const);
    const image = new Map(images);
    for (const [r, t] of times.entries()) {
      await sums.add([{ image: image.get(values[r]!)!, weights: pass.weights(r, t) }]);
    }
    const { combination, ...noise } = pass.end(times);
    await sums.endRamp(combination);
    const result = await sums.finish(noise);
    const exact = samplingWeights({ kind: 'utr' }, times).weights.reduce((s, w, r) => s + w * values[r]!, 0);
    const size = times.reduce((s, t, r) => {
      const [a, b] = pass.weights(r, t);
      return s + (Math.abs(combination[0] * a) + Math.abs(combination[1] * b)) * (values[r]! + 6);
    }, 0);
    const bound = (200 + 6) * EPS * size;
    // Half a ramp off, the bound is below the photon noise of such a signal, √(60000 DN · P / 2 e-/DN / 398 s).
    if (middle >= 0) expect(bound).toBeLessThan(Math.sqrt((60_000 / 398 / 2) * noise.poissonFactor));
    expect(differences(result.slope.data, Array(45).fill(exact), () => bound)).toEqual([]);
    release(result);
  });

  it('hold two planes and a byte to each pixel, however many reads come', async () => {
    const size = [256, 1024] as const;
    const read = flat('wide', 1000, size);
    const peaks = [];
    for (const reads of [10, 50, 200]) {
      const own = await openEngine({ threads: 2 });
      const sums = own.openSums({ shape: size });
      const pass = onePass({ kind: 'utr' }, { middle: reads });
      const times = Array.from({ length: reads }, (_, r) => 2 * r);
      for (const [r, t] of times.entries()) await sums.add([{ image: read, weights: pass.weights(r, t) }]);
      const { combination } = pass.end(times);
      await sums.endRamp(combination);
      expect(sums.bytes).toBe(9 * 256 * 1024);
      expect(own.pool.usedBytes).toBe(9 * 256 * 1024);
      peaks.push(own.pool.peakBytes);
      sums.release();
      expect(own.pool.usedBytes).toBe(0);
      await own.close();
    }
    // To each of two threads a tile of one read, 16 rows, and its tables.
    expect(peaks[0]).toBeLessThan(9 * 256 * 1024 + 2 * 16 * 1024 * 2 + 16384);
    expect(peaks).toEqual([peaks[0], peaks[0], peaks[0]]);
  });

  it('hold a third plane once a second ramp begins', async () => {
    const sums = engine.openSums({ shape: [256, 1024] });
    const read = flat('wide', 1000, [256, 1024]);
    for (const bytes of [9, 13, 13]) {
      await sums.add([{ image: read, weights: [1, 0] }]);
      await sums.endRamp([1, 0]);
      expect(sums.bytes).toBe(bytes * 256 * 1024);
    }
    const result = await sums.finish(factors);
    expect(result.slope.data[3]).toBe(3009);
    release(result);
    expect(engine.pool.usedBytes).toBe(0);
  });

  it('take calls in their order without waiting for each', async () => {
    const sums = engine.openSums({ shape });
    const calls = [1, 2, 4].map((v) => sums.add([{ image: flat(`in${v}`, v), weights: [1, v] }]));
    calls.push(sums.endRamp([1, 10]));
    const result = await sums.finish(factors);
    await Promise.all(calls);
    expect(result.slope.data[0]).toBe(7 + 10 * (1 + 4 + 16));
    release(result);
  });

  it('do not touch a read of weights 0', async () => {
    const sums = engine.openSums({ shape });
    const missing = { ...flat('in1', 1), path: join(directory, 'absent') };
    await sums.add([{ image: missing, weights: [0, 0] }]);
    await sums.add([
      { image: missing, weights: [0, 0] },
      { image: flat('in1', 1), weights: [0, 1] },
    ]);
    sums.release();
    expect(engine.pool.usedBytes).toBe(0);
  });

  it('are lost when a read ends too early, and say so from then on', async () => {
    const sums = engine.openSums({ shape });
    const short = flat('short', 5);
    truncateSync(short.path, 2880 + 33);
    await sums.add([{ image: flat('in1', 1), weights: [1, 0] }]);
    await expect(sums.add([{ image: short, weights: [1, 0] }])).rejects.toMatchObject({
      code: 'ReadFailed',
      path: short.path,
      offset: 2880 + 33,
    });
    await expect(sums.endRamp([1, 0])).rejects.toMatchObject({ code: 'ReadFailed' });
    sums.release();
    expect(engine.pool.usedBytes).toBe(0);
  });

  it('refuse what cannot be meant and go on', async () => {
    const bad = { code: 'BadSpec' };
    const image = flat('in1', 1);
    expect(() =>
      engine.openSums({ shape, nonlinearity: { form: 'relative', coefficients: [] } }),
    ).toThrowError(expect.objectContaining(bad));
    const sums = engine.openSums({ shape });
    await expect(sums.endRamp([1, 0])).rejects.toMatchObject(bad);
    await expect(sums.add([{ image: { ...image, shape: [9, 5] }, weights: [1, 0] }])).rejects.toMatchObject(
      bad,
    );
    await expect(sums.add([{ image, weights: [1, Number.NaN] }])).rejects.toMatchObject(bad);
    const offsets = new Float32Array(2);
    await expect(sums.add([{ image, weights: [1, 0], offsets }])).rejects.toMatchObject(bad);
    await sums.add([{ image, weights: [1, 0] }]);
    await expect(sums.finish(factors)).rejects.toMatchObject(bad);
    await sums.endRamp([1, 0]);
    release(await sums.finish(factors));
    await expect(sums.add([{ image, weights: [1, 0] }])).rejects.toMatchObject({ code: 'Released' });
    sums.release();
    expect(engine.pool.usedBytes).toBe(0);
  });
});
