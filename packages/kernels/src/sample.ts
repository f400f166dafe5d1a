import { roundUp } from './allocator.ts';
import { ALIGN, type Core, planeOrNumber } from './core.ts';
import { KernelsError } from './errors.ts';
import { type Corrections, prepareFeed } from './feed.ts';
import type { FlagPlane, FloatPlane, RawImage, Shape2 } from './plane.ts';

export interface Noise {
  /** e-/DN. */
  readonly gain?: FloatPlane | number | undefined;
  /** DN, of a single read. */
  readonly readNoise?: FloatPlane | number | undefined;
  /** P of `samplingWeights`. */
  readonly poissonFactor: number;
  /** R of `samplingWeights`. */
  readonly readNoiseFactor: number;
}

export interface SampleSpec extends Corrections, Noise {
  /** Reads of all ramps, in the order of the weights. */
  readonly reads: readonly RawImage[];
  /** One per read; a read of weight 0 is not touched. */
  readonly weights: readonly number[];
  readonly shape: Shape2;
  /** DN, `[nreads × noutputs]`, subtracted from the columns of each output; outputs are equal vertical stripes. */
  readonly offsets?: Float32Array | undefined;
}

/** Frames that the caller releases. */
export interface SampleResult {
  readonly slope: FloatPlane;
  readonly varPoisson: FloatPlane;
  readonly varRnoise: FloatPlane;
  readonly dq: FlagPlane;
}

/** Addresses and values of what the variances are made from. */
export const noiseOf = (noise: Noise, shape: Shape2) => {
  const [gain, gainValue] = planeOrNumber(noise.gain, Number.NaN, shape, 'gain');
  const [readNoise, readNoiseValue] = planeOrNumber(noise.readNoise, Number.NaN, shape, 'readNoise');
  const { poissonFactor, readNoiseFactor } = noise;
  return { gain, gainValue, readNoise, readNoiseValue, poissonFactor, readNoiseFactor };
};

const check = ({ reads, weights, offsets, shape }: SampleSpec): void => {
  if (reads.length === 0 || weights.length !== reads.length) {
    throw new KernelsError(
      'BadSpec',
      `${reads.length} reads and ${weights.length} weights; give one weight to each read`,
    );
  }
  if (weights.every((w) => w === 0)) {
    throw new KernelsError('BadSpec', `weights [${weights}]; they must be finite and not all zero`);
  }
  if (offsets && (offsets.length === 0 || offsets.length % reads.length !== 0)) {
    throw new KernelsError(
      'BadSpec',
      `${offsets.length} offsets for ${reads.length} reads of ${shape[1]} columns; give one per read and output, outputs being equal stripes of columns`,
    );
  }
};

/**
 * Slope of an exposure from its reads, streamed from their files.
 *
 *   slope       = Σ wᵣ F(xᵣ − bias − offset[r][output])
 *   VAR_POISSON = max(slope, 0) / gain × P
 *   VAR_RNOISE  = readNoise² × R
 *
 * A missing gain or read noise gives NaN variances: unknown, not zero. Flags: SATURATED | DO_NOT_USE where a raw
 * value reaches the limit; NO_LIN_CORR where a coefficient is NaN (polynomial form: or c₁ = 0), there F(x) = x;
 * DO_NOT_USE where the slope is no finite number.
 *
 * @throws KernelsError ReadFailed with path and offset when a read is missing or cut short
 */
export const sample = async (core: Core, spec: SampleSpec): Promise<SampleResult> => {
  check(spec);
  const { pool, team } = core;
  const { shape, offsets, weights } = spec;
  const outputs = (offsets?.length ?? 0) / spec.reads.length;
  const reads = spec.reads.flatMap((image, r) =>
    weights[r] === 0
      ? []
      : [
          {
            image,
            weights: [weights[r]!],
            offsets: offsets?.subarray(r * outputs, (r + 1) * outputs),
          },
        ],
  );
  const noise = noiseOf(spec, shape);
  // A sum and a byte of flags to each pixel; the kernel works on blocks of 8.
  const sumBytes = (rows: number): number => roundUp(rows * shape[1] * 4, ALIGN) + ALIGN;
  const ownBytes = (rows: number): number => sumBytes(rows) + rows * shape[1] + ALIGN;
  using prepared = prepareFeed(core, shape, spec, reads, 1, ownBytes);
  const { feed } = prepared;
  using held = new DisposableStack();
  const slope = held.use(pool.float32(shape));
  const varPoisson = held.use(pool.float32(shape));
  const varRnoise = held.use(pool.float32(shape));
  const dq = held.use(pool.uint32(shape));
  await team.run(
    {
      kind: 'sample',
      ...feed,
      flagsAt: sumBytes(feed.tileRows),
      ...noise,
      ...{ slope: slope.ptr, varPoisson: varPoisson.ptr, varRnoise: varRnoise.ptr, dq: dq.ptr },
    },
    Math.ceil(shape[0] / feed.tileRows),
  );
  held.move();
  return { slope, varPoisson, varRnoise, dq };
};
