import { closeSync, openSync, readFileSync, truncateSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import {
  type FitRampSpec,
  type FlagPlane,
  openEngine,
  type RampFit,
  type RawImage,
  type Shape2,
} from '../src/index.ts';
import { type TwinFit, fitRamp as twin } from '../src/twins/fit-ramp.ts';
import { flagsOf, NEAR, type Options, rampScenes, type Scene, tolerances } from './ramp-scene.ts';
import { differences, imageFile, release, testDirectory, testEngine } from './support.ts';

const engine = await testEngine();
const directory = testDirectory();

const scene = rampScenes(engine, directory);

const compare = (it: Scene, result: RampFit, fits: readonly TwinFit[]): void => {
  const clear = fits.map(({ margin }) => margin > NEAR);
  expect(clear.filter((sure) => !sure).length).toBeLessThan(0.06 * it.n + 3);
  const bound = fits.map((fit, i) => tolerances(it, fit, i));
  const check = (
    got: ArrayLike<number>,
    want: (fit: TwinFit, i: number) => number,
    tolerance: (i: number) => number,
  ): void => {
    const values = fits.map((fit, i) => (clear[i] ? want(fit, i) : got[i]!));
    expect(differences(got, values, tolerance)).toEqual([]);
  };
  const exact = (): number => 0;
  check(result.dq.data, (fit, i) => flagsOf(it, fit, i), exact);
  check(result.readsUsed!.data, ({ readsUsed }) => readsUsed, exact);
  check(
    result.slope.data,
    ({ slope }) => slope,
    (i) => bound[i]!.slope,
  );
  check(
    result.varRnoise.data,
    ({ varRnoise }) => varRnoise,
    (i) => bound[i]!.varRnoise,
  );
  check(
    result.varPoisson.data,
    ({ varPoisson }) => varPoisson,
    (i) => bound[i]!.varPoisson,
  );
};

const cases: readonly (readonly [string, Options])[] = [
  ['a plain even ramp', { reads: [12], even: true, plain: true }],
  ['a plain ramp of uneven times with jumps', { reads: [16], plain: true, jump: true }],
  ['all corrections, single-pass jumps', { reads: [14], jump: true }],
  ['all corrections, few reads', { reads: [6], jump: true, form: 'relative' }],
  ['four reads', { reads: [4], jump: true }],
  ['three reads', { reads: [3], jump: true }],
  ['two reads', { reads: [2], jump: true }],
  ['three ramps of unequal length', { reads: [13, 12, 15], jump: true, outputs: 4 }],
  ['two short ramps, flags after jumps', { reads: [5, 7], jump: true, after: true }],
  ["JWST's variances", { reads: [12], jump: true, variance: 'jwst' }],
  ["JWST's variances of short ramps", { reads: [3, 4], jump: true, variance: 'jwst', outputs: 1 }],
  [
    'float32 reads with NaN, saturation that grows by 3',
    { reads: [11], bitpix: -32, grow: 3, after: true, jump: true },
  ],
  ['int32 reads, more than five coefficients', { reads: [11], bitpix: 32, terms: 8, grow: 0 }],
  ['odd rows', { shape: [37, 53], reads: [5], jump: true, outputs: 1 }],
  ['rectangles lost in some reads', { shape: [70, 40], reads: [12, 5], jump: true, lost: true }],
  ['rectangles lost, likelihood', { reads: [9], jump: true, lost: true, method: 'likely' }],
  ['offsets of rows alone', { shape: [70, 262], reads: [12, 4], jump: true, rows: true }],
  ['rows of many tiles', { shape: [70, 262], reads: [12], jump: true, outputs: 2, rows: true }],
  ['one pixel', { shape: [1, 1], reads: [5], jump: true }],
  ['likelihood, plain', { reads: [10], plain: true, method: 'likely' }],
  ['likelihood with jumps', { reads: [10], jump: true, method: 'likely' }],
  ['likelihood of few reads', { reads: [4], jump: true, method: 'likely', form: 'relative' }],
  ['likelihood of several ramps', { shape: [17, 31], reads: [5, 6, 4], jump: true, method: 'likely' }],
];

describe('a ramp fitted from its files', () => {
  it.each(cases)('agrees with the twin: %s', async (_, options) => {
    const before = engine.pool.usedBytes;
    for (const seed of [1, 2]) {
      const made = scene({ ...options, seed });
      const result = await engine.fitRamp(made.spec);
      compare(made, result, twin(made.frame));
      release(result);
      made.release();
    }
    expect(engine.pool.usedBytes).toBe(before);
  });

  it('gives each ramp by itself, with the flags that all of them have in common', async () => {
    for (const method of ['ols', 'likely'] as const) {
      const made = scene({ reads: [12, 13], jump: true, method });
      const plain = await engine.fitRamp(made.spec);
      const result = await engine.fitRamp({ ...made.spec, perRamp: true });
      expect(Buffer.from(result.slope.data).equals(Buffer.from(plain.slope.data))).toBe(true);
      expect(result.ramps.length).toBe(2);
      const [a, b] = result.ramps.map(({ slope }) => slope.data);
      // Both see the same star: their mean lies where the common fit is.
      const apart = Array.from(result.slope.data, (v, i) => (a![i]! + b![i]!) / 2 - v).filter(
        (_, i) => result.dq.data[i] === 0,
      );
      expect(apart.length).toBeGreaterThan(100);
      const noise = Math.sqrt(Math.max(...result.varPoisson.data.filter((v) => v > 0)));
      expect(Math.max(...apart.map(Math.abs))).toBeLessThan(noise);
      for (const fit of [plain, result, ...result.ramps]) release(fit);
      made.release();
    }
  });

  it('writes the group flags and counts them', async () => {
    const made = scene({ shape: [37, 53], reads: [6, 5], jump: true });
    const path = join(directory, 'group-flags');
    const fd = openSync(path, 'w');
    const result = await engine.fitRamp({ ...made.spec, groupDq: { fd, offset: 100 } });
    closeSync(fd);
    const got = readFileSync(path).subarray(100);
    const fits = twin(made.frame);
    let plane = 0;
    for (const [k, { times }] of made.frame.ramps.entries()) {
      for (const r of times.keys()) {
        const mine = got.subarray(plane * made.n, (plane + 1) * made.n);
        const want = fits.map(({ ramps, margin }, i) => (margin > NEAR ? ramps[k]!.flags[r]! : mine[i]!));
        expect(differences(mine, want, () => 0)).toEqual([]);
        expect(result.jumps[plane]).toBe(mine.filter((q) => q & 4).length);
        expect(result.saturated[plane]).toBe(mine.filter((q) => q & 2).length);
        plane++;
      }
    }
    expect(got.length).toBe(plane * made.n);
    release(result);
    made.release();
  });

  it('puts the pedestal where the line of the fit meets the reset', async () => {
    const made = scene({ reads: [8], plain: true });
    const result = await engine.fitRamp(made.spec);
    const { times, raw } = made.frame.ramps[0]!;
    const fits = twin(made.frame);
    const want = fits.map(({ slope }, i) => raw(0, i) - slope * times[0]!);
    const got = result.pedestal!.data;
    expect(differences(got, want, (i) => tolerances(made, fits[i]!, i).pedestal)).toEqual([]);
    release(result);
    made.release();
  });
});

describe('memory of a ramp fit', () => {
  /** A ramp of as many reads as wanted from one file. */
  const peak = async (method: 'ols' | 'likely', count: number): Promise<number> => {
    const shape: Shape2 = [256, 1024];
    const path = join(directory, 'flat');
    const stored = Array.from({ length: shape[0] * shape[1] }, (_, i) => i % 1000);
    const image: RawImage = imageFile(path, stored, shape, { bitpix: 16, bscale: 1, bzero: 0 });
    const own = await openEngine({ threads: 2 });
    const result = await own.fitRamp({
      shape,
      ramps: [
        {
          reads: Array.from({ length: count }, () => image),
          times: Array.from({ length: count }, (_, r) => r),
        },
      ],
      ...{ gain: 2, readNoise: 10, method, jump: {}, saturation: { threshold: 60000 } },
    });
    release(result);
    const { peakBytes } = own.pool;
    await own.close();
    return peakBytes;
  };

  it.each([
    ['ols', 10],
    ['ols', 50],
    ['ols', 200],
    ['likely', 200],
  ] as const)('of %s with %i reads is the frames and a few rows of all reads', async (method, count) => {
    const frames = 4 * 256 * 1024 * 4;
    // 5 bytes to a sample: 8 MiB to a thread, or 12 rows where that is more; half as much for what is not per read.
    const tile = Math.max(8 * 2 ** 20, 12 * 1024 * 5 * count);
    expect(await peak(method, count)).toBeLessThan(frames + 2 * 1.5 * tile);
  });
});

describe('a ramp fit refuses', () => {
  const made = scene({ reads: [4], plain: true });
  const [ramp] = made.spec.ramps;
  const cut = (extra: Partial<FitRampSpec>): FitRampSpec => ({ ...made.spec, ...extra });
  const small: FlagPlane = engine.uint32([2, 2]);

  it.each([
    ['no ramp', { ramps: [] }],
    ['a single read', { ramps: [{ reads: ramp!.reads.slice(0, 1), times: [0] }] }],
    ['times that stand still', { ramps: [{ ...ramp!, times: [0, 1, 1, 2] }] }],
    ['times for other reads', { ramps: [{ ...ramp!, times: [0, 1] }] }],
    ['reads of another shape', { shape: [5, 5] }],
    ['offsets that do not fit', { ramps: [{ ...ramp!, offsets: new Float32Array(5) }] }],
    ['a dark that is too short', { dark: ramp!.reads.slice(0, 3) }],
    ['flags for some reads', { ramps: [{ ...ramp!, groupDq: ramp!.reads.slice(0, 1) }] }],
    ['half a pixel of growth', { saturation: { threshold: 1, grow: 0.5 } }],
    ['a mask of another shape', { mask: small }],
  ] as [string, Partial<FitRampSpec>][])('%s', async (_, extra) => {
    await expect(engine.fitRamp(cut(extra))).rejects.toMatchObject({ code: 'BadSpec' });
  });

  it('a read that ends too early, and gives everything back', async () => {
    const before = engine.pool.usedBytes;
    const images = ramp!.reads;
    truncateSync(images[3]!.path, 3000);
    await expect(engine.fitRamp(made.spec)).rejects.toMatchObject({
      code: 'ReadFailed',
      path: images[3]!.path,
      offset: 3000,
    });
    expect(engine.pool.usedBytes).toBe(before);
    small.release();
    made.release();
  });
});
