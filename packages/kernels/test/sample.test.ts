import { readFileSync, truncateSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { type RawImage, type SampleSpec, type Shape2, samplingWeights } from '../src/index.ts';
import { sample as twin } from '../src/twins/index.ts';
import { expectFrames, type Options, scenes, tolerance } from './scene.ts';
import { differences, EPS, imageFile, release, testDirectory, testEngine } from './support.ts';

const engine = await testEngine();
const directory = testDirectory();

const scene = scenes(engine, directory);

const compare = async (options: Options): Promise<void> => {
  const made = scene(options);
  const { spec, n, pixel } = made;
  const result = await engine.sample(spec);
  const expected = Array.from({ length: n }, (_, i) => twin(pixel(i)));
  const bounds = expected.map((_, i) => tolerance(pixel(i)));
  expectFrames(result, expected, bounds, pixel, spec.poissonFactor);
  release(result);
  made.release();
  expect(engine.pool.usedBytes).toBe(0);
};

describe('sample agrees with its double-precision twin', () => {
  const shapes: Shape2[] = [
    [1, 1],
    [7, 13],
    [37, 53],
    [26, 40],
    [70, 1030],
  ];
  it.each(shapes.flatMap((s) => (['relative', 'polynomial'] as const).map((f) => [s, f] as const)))(
    'for shape %j and %s non-linearity',
    (shape, form) => compare({ shape, reads: 5, form }),
  );
  it.each([0, 1, 2, 3, 4, 5, 6, 7, 9])('for %i coefficients of either form', async (terms) => {
    await compare({ shape: [9, 21], reads: 4, terms, form: 'relative' });
    await compare({ shape: [9, 21], reads: 4, terms, form: 'polynomial' });
  });
  it.each([8, 32, -32, -64] as const)('for reads of BITPIX %i', (type) =>
    compare({ shape: [19, 23], reads: 4, bitpix: [type] }),
  );
  it('for reads of several formats', () =>
    compare({ shape: [19, 23], reads: 6, bitpix: [16, -32, 32, 8, -64] }));
  it.each([
    [[21, 33], 3],
    [[16, 64], 4],
    [[33, 35], 35],
  ] as const)('for offsets of shape %j in %i outputs', (shape, outputs) =>
    compare({ shape, reads: 5, outputs }),
  );
  it('for more reads than are held at once', async () => {
    await compare({ shape: [11, 17], reads: 45, outputs: 17 });
    await compare({ shape: [11, 17], reads: 33, form: 'polynomial' });
  });
  it('for more files than are held open', () => compare({ shape: [3, 5], reads: 300, terms: 2 }));
  it('without any reference', () => compare({ shape: [11, 17], reads: 3, terms: 0, plain: true }));
  it('for several tiles per worker', () => compare({ shape: [100, 999], reads: 3, outputs: 3, terms: 2 }));
});

describe('sample', () => {
  const shape = [5, 9] as const;
  const format = { bitpix: 16, bscale: 1, bzero: 32768 } as const;
  const files = (n: number): RawImage[] =>
    Array.from({ length: n }, (_, r) =>
      imageFile(
        join(directory, `s${r}`),
        Array.from({ length: 45 }, (_, i) => 100 * r + i - 32768),
        shape,
        format,
      ),
    );
  const factors = { poissonFactor: 1, readNoiseFactor: 1 };

  it('does not touch a read of weight 0', async () => {
    const [a, , b] = files(3);
    const reads = [a!, { ...b!, path: join(directory, 'absent') }, b!];
    const result = await engine.sample({ reads, shape, weights: [-0.5, 0, 0.5], ...factors });
    expect([...result.slope.data]).toEqual(Array(45).fill(100));
    release(result);
  });

  it('cuts the window out of every read', async () => {
    const window = { x0: 2, y0: 1, nx: 3, ny: 2 };
    const reads = files(2).map((image) => ({ ...image, window }));
    const result = await engine.sample({ reads, shape: [2, 3], weights: [0, 1], ...factors });
    expect([...result.slope.data]).toEqual([111, 112, 113, 120, 121, 122]);
    release(result);
  });

  it('leaves variances unknown without gain and read noise', async () => {
    const result = await engine.sample({ reads: files(2), shape, weights: [-1, 1], ...factors });
    expect(result.varPoisson.data.every(Number.isNaN)).toBe(true);
    expect(result.varRnoise.data.every(Number.isNaN)).toBe(true);
    release(result);
  });

  it('names the file and the byte at which a read ends too early, and holds nothing', async () => {
    const reads = files(3);
    truncateSync(reads[2]!.path, 2880 + 33);
    const failed = engine.sample({ reads, shape, weights: [-1, 0, 1], ...factors });
    await expect(failed).rejects.toMatchObject({
      code: 'ReadFailed',
      path: reads[2]!.path,
      offset: 2880 + 33,
    });
    expect(engine.pool.usedBytes).toBe(0);
    await expect(
      engine.sample({ reads: files(2), shape, weights: [1, Number.NaN], ...factors }),
    ).rejects.toMatchObject({ code: 'BadSpec' });
    await expect(
      engine.sample({ reads: files(2), shape: [9, 5], weights: [1, 1], ...factors }),
    ).rejects.toMatchObject({ code: 'BadSpec' });
  });

  it('agrees with iris_readout on a random, non-square ramp with random coefficients', async () => {
    const golden = JSON.parse(readFileSync(new URL('./golden/iris-readout.json', import.meta.url), 'utf8'));
    const n = golden.shape[0] * golden.shape[1];
    const { times } = golden;
    const images: RawImage[] = times.map((_: number, r: number) => {
      const stored = golden.reads.slice(r * n, (r + 1) * n).map((v: number) => v - 32768);
      return imageFile(join(directory, `g${r}`), stored, golden.shape, format);
    });
    const run = async (
      expected: number[],
      weights: readonly number[],
      scale: number,
      more: Partial<SampleSpec>,
      bound: number,
    ) => {
      const result = await engine.sample({
        reads: images,
        shape: golden.shape,
        weights,
        ...factors,
        ...more,
      });
      const scaled = Array.from(result.slope.data, (v) => v * scale);
      expect(differences(scaled, expected, () => bound)).toEqual([]);
      release(result);
    };
    const bound = (12 + times.length) * EPS * 65536 * 2;
    const span = times.at(-1) - times[0];
    await run(golden.uptheramp, samplingWeights({ kind: 'utr' }, times).weights, span, {}, bound);
    for (const k of [1, 2, 3]) {
      const { weights } = samplingWeights({ kind: 'mcds', n: k }, times);
      await run(golden[`mcds${k}`], weights, 1 / (k * weights.at(-1)!), {}, bound);
    }
    const coefficients = [0, 1, 2, 3, 4].map((i) => {
      const plane = engine.float32(golden.shape);
      plane.data.set(golden[`c${i}`]);
      return plane;
    });
    for (let r = 0; r < times.length; r++) {
      const weights = times.map((_: number, i: number) => (i === r ? 1 : 0));
      const corrected = golden.corrected.slice(r * n, (r + 1) * n);
      await run(corrected, weights, 1, { nonlinearity: { form: 'relative', coefficients } }, bound);
    }
    for (const plane of coefficients) plane.release();
  });
});
