import { join } from 'node:path';
import { expect } from 'vitest';
import {
  type Engine,
  type FloatPlane,
  type RawImage,
  type SampleResult,
  type SampleSpec,
  type Shape2,
  samplingWeights,
} from '../src/index.ts';
import { differences, EPS, imageFile, uniform } from './support.ts';

export type Form = 'relative' | 'polynomial';
export interface Options {
  readonly shape: Shape2;
  readonly reads: number;
  readonly bitpix?: readonly RawImage['bitpix'][];
  readonly form?: Form;
  readonly terms?: number;
  readonly outputs?: number;
  readonly plain?: boolean;
  readonly seed?: number;
}

const FORMAT = { 8: [1, 0], 16: [1, 32768], 32: [1, 0], [-32]: [1, 0], [-64]: [1, 0] } as const;

/** A random spatially varying ramp with every option of `sample`, and what the twin makes of it. */
export const scenes =
  (engine: Engine, directory: string) =>
  ({
    shape,
    reads,
    bitpix = [16],
    form = 'relative',
    terms = 5,
    outputs = 0,
    plain = false,
    seed = 1,
  }: Options) => {
    const random = uniform(seed);
    const n = shape[0] * shape[1];
    const times = Array.from({ length: reads }, (_, r) => 0.3 + r * 1.5 + random());
    const sampling = samplingWeights({ kind: 'utr' }, times);
    const plane = (make: () => number): FloatPlane => {
      const made = engine.float32(shape);
      for (let i = 0; i < n; i++) made.data[i] = make();
      return made;
    };
    const raw = times.map((_, r) => {
      const type = bitpix[r % bitpix.length]!;
      const top = type === 8 ? 255 : 65535;
      return { type, values: Array.from({ length: n }, () => Math.floor(random() * (top + 1))) };
    });
    const images = raw.map(({ type, values }, r) => {
      const [bscale, bzero] = FORMAT[type];
      const stored = values.map((v) => v - bzero);
      return imageFile(join(directory, `r${r}`), stored, shape, { bitpix: type, bscale, bzero });
    });
    const coefficients = Array.from({ length: terms }, (_, i) =>
      plane(() => {
        if (random() < 0.01) return Number.NaN;
        if (form === 'polynomial' && i === 1) return random() < 0.01 ? 0 : 1 + 0.1 * random();
        return (0.2 * (random() - 0.5)) / 65536 ** (form === 'polynomial' ? i - 1 : i);
      }),
    );
    const planes = plain
      ? {}
      : {
          bias: plane(() => 500 * random()),
          saturation: plane(() => (random() < 0.1 ? Number.NaN : 55000 + 10000 * random())),
          gain: plane(() => (random() < 0.05 ? -1 : 1 + random())),
          readNoise: plane(() => 5 + random()),
        };
    const offsets = Float32Array.from({ length: reads * outputs }, () => 100 * (random() - 0.5));
    const spec: SampleSpec = {
      reads: images,
      shape,
      ...planes,
      ...sampling,
      ...(terms > 0 ? { nonlinearity: { form, coefficients } } : {}),
      ...(outputs > 0 ? { offsets } : {}),
    };
    const pixel = (i: number) => {
      const output = Math.floor(((i % shape[1]) * outputs) / shape[1]);
      return {
        reads: raw.map(({ values }) => values[i]!),
        weights: sampling.weights,
        form,
        coefficients: coefficients.map((c) => c.data[i]!),
        bias: planes.bias?.data[i] ?? 0,
        offsets: raw.map((_, r) => offsets[r * outputs + output] ?? 0),
        saturation: planes.saturation?.data[i] ?? Number.POSITIVE_INFINITY,
        gain: planes.gain?.data[i] ?? Number.NaN,
        readNoise: planes.readNoise?.data[i] ?? Number.NaN,
        poissonFactor: sampling.poissonFactor,
        readNoiseFactor: sampling.readNoiseFactor,
      };
    };
    const release = () => {
      for (const held of [...coefficients, ...Object.values(planes)]) held.release();
    };
    return { spec, n, times, pixel, release };
  };

type Pixel = ReturnType<ReturnType<ReturnType<typeof scenes>>['pixel']>;

/**
 * What a read can be wrong by for each rounding. With F = Σ kᵢxⁱ a term takes a rounding for each operation, and i times
 * the roundings of x.
 */
export const amplitude = (p: Pixel, r: number): number => {
  const c = p.coefficients.map((v) => (Number.isNaN(v) ? 0 : Math.abs(v)));
  const k = p.form === 'polynomial' ? c : [0, ...c];
  k[1] = 1 + (k[1] ?? 0);
  const size = Math.abs(p.reads[r]!) + Math.abs(p.bias) + Math.abs(p.offsets[r]!);
  return k.reduce((f, ki, i) => f + (1 + i) * ki * size ** i, 0);
};

/**
 * Bound on the float32 error of a slope: two subtractions, two operations to a coefficient, weight, product, sum over
 * reads.
 */
export const tolerance = (p: Pixel): number => {
  const roundings = p.reads.length + 2 * p.coefficients.length + 6;
  return roundings * EPS * p.reads.reduce((sum, _, r) => sum + Math.abs(p.weights[r]!) * amplitude(p, r), 0);
};

/** Slopes within their bounds, variances within what these and their own roundings make of them, and the same flags. */
export const expectFrames = (
  result: SampleResult,
  expected: readonly Readonly<Record<'slope' | 'dq' | 'varPoisson' | 'varRnoise', number>>[],
  bounds: readonly number[],
  pixel: (i: number) => Pixel,
  poissonFactor: number,
): void => {
  const off = (name: keyof SampleResult, bound: (i: number) => number): string[] =>
    differences(
      result[name].data,
      expected.map((e) => e[name]),
      bound,
    );
  expect(off('slope', (i) => bounds[i]!)).toEqual([]);
  expect(off('dq', () => 0)).toEqual([]);
  const poisson = (i: number): number =>
    (bounds[i]! * poissonFactor) / pixel(i).gain + 4 * EPS * expected[i]!.varPoisson;
  expect(off('varPoisson', poisson)).toEqual([]);
  expect(off('varRnoise', (i) => 4 * EPS * expected[i]!.varRnoise)).toEqual([]);
};
