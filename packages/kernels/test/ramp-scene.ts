import { join } from 'node:path';
import type { Engine, FitRampSpec, FloatPlane, Shape2 } from '../src/index.ts';
import type { RampFrame, TwinFit } from '../src/twins/fit-ramp.ts';
import { EPS, imageFile, normal, uniform } from './support.ts';

export interface Options {
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
export const rampScenes = (engine: Engine, directory: string) => (options: Options) => {
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

export type Scene = ReturnType<ReturnType<typeof rampScenes>>;

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
export const NEAR = 0.004;

/**
 * Bounds on float32 errors. A linearised signal takes a rounding to each operation, of numbers up to its sum of moduli. A
 * slope Σ cᵢ(yᵢ − y₀) has Σ|cᵢ| ≤ √(N Σcᵢ²) times that, Σcᵢ² = VAR_RNOISE/readNoise², and a rounding of each product; the
 * recursions of `likely` take a dozen to a read.
 */
export const tolerances = ({ frame, terms }: Scene, fit: TwinFit, i: number) => {
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

export const flagsOf = (it: Scene, { ramps, slope }: TwinFit, i: number): number => {
  const seen = ramps.flatMap(({ flags }) => flags).reduce((a, b) => a | b, 0);
  return (pixelFlags(it, i) | (seen & 0x6e) | (Number.isNaN(slope) ? 1 : 0)) >>> 0;
};
