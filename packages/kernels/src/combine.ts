import { roundUp } from './allocator.ts';
import { ALIGN, address, type Core, map, planeArg, tilePixels, writeTable } from './core.ts';
import { KernelsError } from './errors.ts';
import { type FlagPlane, type FloatPlane, pixelsOf } from './plane.ts';

export interface CombineSpec {
  readonly method: 'median' | 'mean' | 'clipped';
  /** Clip at this many scales from the median; default 3. */
  readonly sigma?: number | undefined;
  /** What the scale is; default `mad`. */
  readonly scale?: 'mad' | 'std' | undefined;
  /** Default 10; clipping ends as soon as nothing more is rejected. */
  readonly maxIterations?: number | undefined;
  /** Variance components, each with one plane per frame. */
  readonly variances?: readonly (readonly FloatPlane[])[] | undefined;
  /** One per frame; flagged DO_NOT_USE: the frame's value does not count at this pixel. */
  readonly dq?: readonly FlagPlane[] | undefined;
}

/** Frames that the caller releases. */
export interface Combined {
  /** NaN where no frame has a good value. */
  readonly value: FloatPlane;
  /** OR of the flags of the values used; of all flags and DO_NOT_USE where there is none. */
  readonly dq: FlagPlane;
  /** Values used. */
  readonly count: FlagPlane;
  /** One per component of the spec. */
  readonly variances: readonly FloatPlane[];
}

const METHODS = { mean: 0, median: 1, clipped: 2 } as const;
const DO_NOT_USE = 1;
/** More are not combined. */
export const MOST_FRAMES = 4096;

// n × variance of the median of n standard normal values, by quadrature over the order statistics.
const MEDIAN = [
  1, 1, 1.346, 1.1928, 1.4342, 1.2885, 1.4731, 1.3455, 1.4949, 1.3833, 1.5088, 1.4102, 1.5184, 1.4304, 1.5254,
  1.446, 1.5308, 1.4585, 1.535, 1.4688,
];

/** Variance of the median over that of the mean, for n normal values of one variance; → π/2. */
export const medianFactor = (n: number): number =>
  MEDIAN[n - 1] ?? (Math.PI / 2) * (1 - (n % 2 === 1 ? 0.433 : 1.34) / n);

// Croux & Rousseeuw 1992, Compstat: small-sample correction of the MAD.
const MAD = [1, 1, 1.196, 1.495, 1.363, 1.206, 1.2, 1.14, 1.129, 1.107];

/** Standard deviation of normal values over the MAD of n of them. */
export const madFactor = (n: number): number => 1.482602218505602 * (MAD[n] ?? n / (n - 0.8));

const check = (frames: readonly FloatPlane[], spec: CombineSpec): void => {
  const { length } = frames;
  if (length < 1 || length > MOST_FRAMES) {
    throw new KernelsError('BadSpec', `${length} frames to combine; give 1 to ${MOST_FRAMES}`);
  }
  const lists = [...(spec.dq ? [spec.dq] : []), ...(spec.variances ?? [])];
  const odd = lists.find((list) => list.length !== length);
  if (odd) {
    throw new KernelsError(
      'BadSpec',
      `${odd.length} flag or variance planes for ${length} frames; give one to each`,
    );
  }
  const { sigma = 3, maxIterations = 10 } = spec;
  if (!(sigma >= 1) || !(maxIterations >= 1)) {
    throw new KernelsError(
      'BadSpec',
      `clipping at ${sigma} σ, ${maxIterations} iterations; both must be 1 or more`,
    );
  }
};

/**
 * Frames combined pixel by pixel, all of one weight; values that are not finite or flagged DO_NOT_USE are left out.
 *
 *   mean     x̄ = Σx/n,          variance Σσ²/n²
 *   median   of the n values,    variance Σσ²/n² × m(n), m from normal order statistics (m → π/2)
 *   clipped  mean of the values within sigma × scale of the median, repeated until none is rejected
 *
 * The scale is the MAD × 1.4826 × a small-sample factor, or the standard deviation. With `std` one wild value among
 * n lies at most n/√(n−1) standard deviations from the median, which passes 3 only for n ≥ 8: with seven frames or
 * fewer a 3σ standard deviation clip can reject nothing, hence the default. Two values are never clipped. Where
 * variances are given the scale is never taken below the smallest σ that a frame claims for the pixel, so that
 * values which agree by chance reject no good one.
 */
export const combine = async (
  core: Core,
  frames: readonly FloatPlane[],
  spec: CombineSpec,
): Promise<Combined> => {
  check(frames, spec);
  const { pool, team } = core;
  const { length } = frames;
  const { shape } = frames[0]!;
  const { dq: dqs = [], variances = [], sigma = 3, scale = 'mad', maxIterations = 10 } = spec;
  using held = new DisposableStack();
  const inputs = [
    ...frames.map((plane, i) => address(plane, shape, `frame ${i}`)),
    ...dqs.map((plane, i) => address(plane, shape, `dq ${i}`)),
    ...variances.flat().map((plane, i) => address(plane, shape, `variance ${i}`)),
  ];
  const value = held.use(pool.float32(shape));
  const dq = held.use(pool.uint32(shape));
  const count = held.use(pool.uint32(shape));
  const outputs = variances.map(() => held.use(pool.float32(shape)));

  const factorBytes = roundUp((length + 1) * 4, ALIGN);
  const tableBytes = roundUp((inputs.length + outputs.length) * 4, ALIGN);
  const stride = roundUp((2 * length + 4) * 16, ALIGN) + ALIGN;
  using block = pool.block(2 * factorBytes + tableBytes + stride * team.threads);
  const table = block.start + 2 * factorBytes;
  const factors = Array.from({ length: length + 1 }, (_, n) =>
    spec.method === 'median' && n > 0 ? medianFactor(n) : 1,
  );
  new Float32Array(pool.memory.buffer, block.start, length + 1).set(factors);
  const scales = Array.from({ length: length + 1 }, (_, n) => madFactor(n));
  new Float32Array(pool.memory.buffer, block.start + factorBytes, length + 1).set(scales);
  writeTable(core, table, [...inputs, ...outputs.map((plane) => plane.ptr)]);

  const dqTable = table + length * 4;
  const varianceTable = dqTable + dqs.length * 4;
  await map(
    core,
    'combine',
    pixelsOf(shape),
    [
      ...[table, dqs.length === 0 ? 0 : dqTable, length, DO_NOT_USE, METHODS[spec.method]],
      ...[sigma, scale === 'mad' ? block.start + factorBytes : 0, maxIterations],
      ...[variances.length, varianceTable, table + inputs.length * 4, block.start],
      { perWorker: table + tableBytes, stride },
      planeArg(value, shape, 'value'),
      planeArg(count, shape, 'count'),
      planeArg(dq, shape, 'dq'),
      'start',
      'count',
    ],
    tilePixels(inputs.length + outputs.length + 3),
  );
  held.move();
  return { value, dq, count, variances: outputs };
};
