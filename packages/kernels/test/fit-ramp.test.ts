import { closeSync, openSync, readFileSync, truncateSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import {
  type FitRampSpec,
  type FlagPlane,
  type FloatPlane,
  openEngine,
  type RampFit,
  type RawImage,
  type Shape2,
} from '../src/index.ts';
import { type RampFrame, type TwinFit, fitRamp as twin } from '../src/twins/fit-ramp.ts';
import { differences, EPS, imageFile, normal, testDirectory, testEngine, uniform } from './support.ts';

const engine = await testEngine();
const directory = testDirectory();

interface Options {
  readonly shape?: Shape2;
  /** Reads of each ramp. */
  readonly reads: readonly number[];
  readonly even?: boolean;
  readonly bitpix?: 16 | 32 | -32;
  readonly form?: 'relative' | 'polynomial';
  readonly terms?: number;
  readonly outputs?: number;
  readonly rows?: boolean;
  readonly lost?: boolean;
  readonly grow?: number;
  /** Neither flags in the input nor anything to correct. */
  readonly plain?: boolean;
  readonly jump?: boolean;
  readonly after?: boolean;
  readonly method?: 'ols' | 'likely';
  readonly variance?: 'exact' | 'jwst';
  readonly seed?: number;
}

const GAIN = 1.6;
const NOISE = 7;
const FLOOR = 5;

/** Random ramps with hits, saturation, group flags, masks and every correction, and what the twin makes of them. */
const scene = (options: Options) => {
  const { shape = [23, 40], form = 'polynomial', bitpix = 16, plain = false, seed = 1 } = options;
  const { method = 'ols', variance = 'exact', outputs = 0, terms = plain ? 0 : 5 } = options;
  const random = uniform(seed);
  const n = shape[0] * shape[1];
  const plane = (make: () => number): FloatPlane => {
    const made = engine.float32(shape);
    for (let i = 0; i < n; i++) made.data[i] = make();
    return made;
  };
  const pick = (chance: number, a: number, b: number): number => (random() < chance ? a : b);
  const bias = plane(() => 800 + 300 * random());
  const gain = plane(() => (plain ? GAIN : pick(0.01, -1, GAIN * (0.8 + 0.4 * random()))));
  const readNoise = plane(() => NOISE * (plain ? 1 : 0.8 + 0.4 * random()));
  const threshold = plane(() => (plain ? Number.POSITIVE_INFINITY : pick(0.1, Number.NaN, 45000)));
  const coefficients = Array.from({ length: terms }, (_, i) =>
    plane(() => {
      if (random() < 0.005) return Number.NaN;
      if (form === 'polynomial' && i === 1) return random() < 0.01 ? 0 : 1 + 0.02 * random();
      return (0.1 * (random() - 0.5)) / 65536 ** (form === 'polynomial' ? i - 1 : i);
    }),
  );
  const mask = engine.uint32(shape);
  for (let i = 0; i < n; i++) mask.data[i] = plain ? 0 : pick(0.02, 1 | 1024, pick(0.02, 2048, 0));
  const rates = Array.from({ length: n }, () => 0.3 * Math.exp(6 * random()) + pick(0.02, 2500, 0));
  const chance = plain ? 0 : 0.003;
  const ramps = options.reads.map((count, k) => {
    const times = Array.from({ length: count }, (_, r) => 2 + 3 * r + (options.even ? 0 : random()));
    const level = rates.map((_, i) => bias.data[i]! + 40 * random());
    const raw = times.map((t, r) => {
      for (let i = 0; i < n; i++) {
        const flux = rates[i]! * (t - (times[r - 1] ?? 0));
        level[i] = level[i]! + flux + Math.sqrt(flux / GAIN) * normal(random);
        if (random() < 0.01) level[i] = level[i]! + 30 + 2000 * random();
      }
      return level.map((v) => {
        const value = v + NOISE * normal(random);
        if (bitpix === -32) return random() < chance ? pick(0.5, Number.NaN, Infinity) : Math.fround(value);
        return Math.max(0, Math.min(65535, Math.round(random() < chance ? 3 : value)));
      });
    });
    const flags = raw.map((values) =>
      values.map(() => (random() < chance ? [1, 2, 4, 8, 32, 129][Math.floor(6 * random())]! : 0)),
    );
    const dark = raw.map((values) => values.map(() => Math.fround(pick(0.01, Number.NaN, 3 * random()))));
    const offsets = Float32Array.from({ length: count * outputs }, () => 6 * (random() - 0.5));
    const rowOffsets = Float32Array.from(
      { length: options.rows ? count * shape[0] : 0 },
      () => 4 * (random() - 0.5),
    );
    const lost = raw.map((_, r) =>
      options.lost
        ? [
            { x0: 3, y0: 2, nx: 8, ny: Math.min(20, shape[0] - 2) },
            ...(r % 4 === 2 ? [{ x0: 9, y0: 0, nx: 7, ny: 5 }] : []),
          ]
        : [],
    );
    const file = (name: string): string => join(directory, `${name}-${k}`);
    const zero = bitpix === 16 ? 32768 : 0;
    const images = raw.map((values, r) =>
      imageFile(
        file(`read${r}`),
        values.map((v) => v - zero),
        shape,
        { bitpix, bscale: 1, bzero: zero },
      ),
    );
    const byte = { bitpix: 8, bscale: 1, bzero: 0 } as const;
    const groupDq = flags.map((values, r) => imageFile(file(`flags${r}`), values, shape, byte));
    const float = { bitpix: -32, bscale: 1, bzero: 0 } as const;
    const darks = dark.map((values, r) => imageFile(file(`dark${r}`), values, shape, float));
    return { times, raw, flags, dark, offsets, rowOffsets, lost, images, groupDq, darks };
  });
  const jump = { rejection: 4, fourReads: 5, threeReads: 6 };
  const after = options.after ? [{ threshold: 800, seconds: 6.5 }] : [];
  const grow = options.grow ?? 1;
  const spec: FitRampSpec = {
    shape,
    ramps: ramps.map(({ images, times, groupDq, offsets, rowOffsets, lost }) => ({
      reads: images,
      times,
      ...(plain ? {} : { groupDq }),
      ...(outputs > 0 ? { offsets } : {}),
      ...(options.rows ? { rowOffsets } : {}),
      ...(options.lost ? { lost } : {}),
    })),
    ...(plain ? {} : { mask, bias, saturation: { threshold, floor: FLOOR, grow } }),
    ...(plain ? {} : { dark: ramps.reduce((a, b) => (b.darks.length > a.darks.length ? b : a)).darks }),
    ...(terms > 0 ? { nonlinearity: { form, coefficients } } : {}),
    ...(options.jump ? { jump: { ...jump, after } } : {}),
    ...{ gain, readNoise, method, variance, readsUsed: true, pedestal: true },
  };
  const longest = ramps.reduce((a, b) => (b.dark.length > a.dark.length ? b : a));
  const frame: RampFrame = {
    shape,
    ramps: ramps.map(({ times, raw, flags, offsets, rowOffsets, lost }) => ({
      times,
      raw: (r, i) => raw[r]![i]!,
      flags: (r, i) => {
        const given = plain ? 0 : flags[r]![i]!;
        const known = gain.data[i]! > 0 ? 0 : 1;
        return (given & 0x6f) | (given >> 7) | (plain ? 0 : mask.data[i]! & 1) | known;
      },
      offset: (r, i) =>
        (offsets[r * outputs + Math.floor(((i % shape[1]) * outputs) / shape[1])] ?? 0) +
        (rowOffsets[r * shape[0] + Math.floor(i / shape[1])] ?? 0),
      lost: (r, i) => {
        const [y, x] = [Math.floor(i / shape[1]), i % shape[1]];
        return lost[r]!.some(({ x0, y0, nx, ny }) => x >= x0 && x < x0 + nx && y >= y0 && y < y0 + ny);
      },
      dark: (r, i) => (plain ? 0 : longest.dark[r]![i]! || 0),
    })),
    pixel: (i) => ({
      form,
      coefficients: coefficients.map((c) => c.data[i]!),
      gain: gain.data[i]!,
      readNoise: readNoise.data[i]!,
      bias: plain ? 0 : bias.data[i]!,
      threshold: plain ? Number.NaN : threshold.data[i]!,
    }),
    floor: plain ? Number.NEGATIVE_INFINITY : FLOOR,
    grow,
    jump: options.jump && method === 'ols' ? { ...jump, min: 10, max: 1000 } : undefined,
    ...{ neighbours: true, after, method, variance },
    chi2: options.jump ? jump.rejection ** 2 : 0,
  };
  const release = (): void => {
    for (const held of [bias, gain, readNoise, threshold, mask, ...coefficients]) held.release();
  };
  return { spec, frame, n, terms, mask, release };
};

type Scene = ReturnType<typeof scene>;

/** Flags of a pixel that no read has. */
const pixelFlags = ({ spec, frame, mask }: Scene, i: number): number => {
  const { form, coefficients, gain, threshold } = frame.pixel(i);
  const bent = coefficients.some(Number.isNaN) || (form === 'polynomial' && coefficients[1] === 0);
  return (
    (spec.mask ? mask.data[i]! : 0) |
    (spec.saturation && Number.isNaN(threshold) ? 2097152 : 0) |
    (bent ? 1048576 : 0) |
    (gain > 0 ? 0 : 524288 | 1)
  );
};

/** A decision so near its limit that float32 may take it the other way: see `tolerances` for the size of the errors. */
const NEAR = 0.004;

/**
 * Bounds on float32 errors. A linearised signal takes a rounding to each operation, of numbers up to its sum of moduli. A
 * slope Σ cᵢ(yᵢ − y₀) has Σ|cᵢ| ≤ √(N Σcᵢ²) times that, Σcᵢ² = VAR_RNOISE/readNoise², and a rounding of each product; the
 * recursions of `likely` take a dozen to a read.
 */
const tolerances = ({ frame, terms }: Scene, fit: TwinFit, i: number) => {
  const { readNoise, coefficients, form } = frame.pixel(i);
  const reads = fit.ramps.flatMap(({ signal, flags }) => signal.filter((_, r) => (flags[r]! & 0x43) === 0));
  const size = Math.max(0, ...reads.map(Math.abs)) * 1.1 + 1300;
  const bend = coefficients.reduce(
    (sum, c, k) =>
      sum + (Number.isNaN(c) ? 0 : (1 + k) * Math.abs(c) * size ** (form === 'relative' ? k + 1 : k)),
    0,
  );
  const signal = (2 * terms + 6) * EPS * (size + bend);
  const count = reads.length;
  const steps = frame.method === 'likely' ? 12 * count : count + 8;
  const slope = (2 * Math.sqrt(count * fit.varRnoise) * (signal + steps * EPS * size)) / readNoise;
  const least = Math.min(...frame.ramps.flatMap(({ times }) => times.slice(1).map((t, k) => t - times[k]!)));
  const rate = frame.method === 'ols' && frame.variance === 'exact' ? slope : (2 * signal) / least;
  const perRate = fit.slope > 0 ? fit.varPoisson / fit.slope : fit.varPoisson / Math.max(rate, 1e-9);
  const noise =
    frame.method === 'likely' ? 40 * count * EPS + rate / Math.max(fit.slope, 1) : 4 * count * EPS;
  return {
    slope,
    varPoisson: 3 * perRate * rate + (noise + 8 * count * EPS) * fit.varPoisson,
    varRnoise: noise * fit.varRnoise,
    pedestal: 2 * signal + 3 * slope,
  };
};

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

const flagsOf = (it: Scene, { ramps, slope }: TwinFit, i: number): number => {
  const seen = ramps.flatMap(({ flags }) => flags).reduce((a, b) => a | b, 0);
  return (pixelFlags(it, i) | (seen & 0x6e) | (Number.isNaN(slope) ? 1 : 0)) >>> 0;
};

const releaseAll = (fit: RampFit): void => {
  for (const plane of [fit.slope, fit.varPoisson, fit.varRnoise, fit.dq, fit.readsUsed, fit.pedestal])
    plane?.release();
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
      releaseAll(result);
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
      for (const fit of [plain, result, ...result.ramps]) releaseAll(fit);
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
    releaseAll(result);
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
    releaseAll(result);
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
    releaseAll(result);
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
