import { roundUp } from './allocator.ts';
import { ALIGN, address, type Core, planeOrNumber, tileRows, writeTable } from './core.ts';
import { KernelsError } from './errors.ts';
import { checkImage } from './frames.ts';
import type { SampleJob } from './jobs/sample.ts';
import { type FlagPlane, type FloatPlane, type RawImage, type Shape2, shapeOf } from './plane.ts';

export interface Nonlinearity {
  /** relative: F(x) = x(1 + Σ cᵢxⁱ), iris_readout's NONLINCOEFF; polynomial: F(x) = Σ cᵢxⁱ, JWST's LINEARITY. */
  readonly form: 'relative' | 'polynomial';
  /** c₀, c₁, … per pixel, for x in DN. */
  readonly coefficients: readonly FloatPlane[];
}

export interface SampleSpec {
  /** Reads of all ramps, in the order of the weights. */
  readonly reads: readonly RawImage[];
  /** One per read; a read of weight 0 is not touched. */
  readonly weights: readonly number[];
  readonly shape: Shape2;
  readonly nonlinearity?: Nonlinearity | undefined;
  /** DN, subtracted from every read. */
  readonly bias?: FloatPlane | undefined;
  /** DN, `[nreads × noutputs]`, subtracted from the columns of each output; outputs are equal vertical stripes. */
  readonly offsets?: Float32Array | undefined;
  /** DN; a raw value at or above it is saturated. NaN: no limit. */
  readonly saturation?: FloatPlane | number | undefined;
  /** e-/DN. */
  readonly gain?: FloatPlane | number | undefined;
  /** DN, of a single read. */
  readonly readNoise?: FloatPlane | number | undefined;
  /** P of `samplingWeights`. */
  readonly poissonFactor: number;
  /** R of `samplingWeights`. */
  readonly readNoiseFactor: number;
}

/** Frames that the caller releases. */
export interface SampleResult {
  readonly slope: FloatPlane;
  readonly varPoisson: FloatPlane;
  readonly varRnoise: FloatPlane;
  readonly dq: FlagPlane;
}

/** Reads whose tiles a thread holds at once; more are taken in turns, so memory does not grow with their number. */
const BATCH = 16;
const TILE_PIXELS = 16384;

const check = (spec: SampleSpec): void => {
  const { reads, weights, shape, offsets, nonlinearity } = spec;
  if (reads.length === 0 || weights.length !== reads.length) {
    throw new KernelsError(
      'BadSpec',
      `${reads.length} reads and ${weights.length} weights; give one weight to each read`,
    );
  }
  if (weights.every((w) => w === 0) || weights.some((w) => !Number.isFinite(w))) {
    throw new KernelsError('BadSpec', `weights [${weights}]; they must be finite and not all zero`);
  }
  for (const image of reads) {
    checkImage(image);
    const [ny, nx] = shapeOf(image);
    if (ny !== shape[0] || nx !== shape[1]) {
      throw new KernelsError(
        'BadSpec',
        `${image.path} gives [${ny}, ${nx}] pixels, the frame has [${shape}]`,
        {
          path: image.path,
        },
      );
    }
  }
  if (offsets) {
    const outputs = offsets.length / reads.length;
    if (!Number.isInteger(outputs) || outputs < 1 || shape[1] % outputs !== 0) {
      throw new KernelsError(
        'BadSpec',
        `${offsets.length} offsets for ${reads.length} reads of ${shape[1]} columns; give one per read and output, outputs being equal stripes of columns`,
      );
    }
  }
  if (nonlinearity && nonlinearity.coefficients.length === 0) {
    throw new KernelsError('BadSpec', 'a non-linearity without coefficients; leave it out');
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
 * DO_NOT_USE where the slope is NaN.
 *
 * @throws KernelsError ReadFailed with path and offset when a read is missing or cut short
 */
export const sample = async (core: Core, spec: SampleSpec): Promise<SampleResult> => {
  check(spec);
  const { pool, team } = core;
  const { shape } = spec;
  const [, nx] = shape;
  const used = spec.weights.flatMap((w, i) => (w === 0 ? [] : [i]));
  const reads = used.map((i) => spec.reads[i]!);
  const first = reads[0]!;
  const direct = reads.every((r) => r.bitpix === 16 && r.bscale === first.bscale && r.bzero === first.bzero);
  const coefficients = (spec.nonlinearity?.coefficients ?? []).map((c, i) =>
    address(c, shape, `coefficient ${i}`),
  );
  const [saturation, saturationValue] = planeOrNumber(
    spec.saturation,
    Number.POSITIVE_INFINITY,
    shape,
    'saturation',
  );
  const [gain, gainValue] = planeOrNumber(spec.gain, Number.NaN, shape, 'gain');
  const [readNoise, readNoiseValue] = planeOrNumber(spec.readNoise, Number.NaN, shape, 'readNoise');
  const bias = address(spec.bias, shape, 'bias');

  const rows = tileRows(shape, TILE_PIXELS);
  const batch = Math.min(BATCH, reads.length);
  const tileBytes = roundUp(rows * nx * 4, ALIGN) + ALIGN;
  const readStride = direct ? roundUp(rows * nx * 2, ALIGN) + ALIGN : tileBytes;
  const layout = {
    sum: 0,
    flags: tileBytes,
    raw: 2 * tileBytes,
    reads: direct ? 2 * tileBytes : 4 * tileBytes,
    readStride,
  };
  const scratchStride = layout.reads + batch * readStride;

  // Tables first: weights, coefficient addresses, one row of offsets per read.
  const offsetStride = roundUp(nx * 4, ALIGN) + ALIGN;
  const coefficientsAt = roundUp(reads.length * 4, ALIGN);
  const offsetsAt = coefficientsAt + roundUp(coefficients.length * 4 + 4, ALIGN);
  const scratchAt = offsetsAt + (spec.offsets ? reads.length * offsetStride : 0);

  const held: { release(): void }[] = [];
  const hold = <T extends { release(): void }>(frame: T): T => {
    held.push(frame);
    return frame;
  };
  try {
    const block = hold(pool.block(scratchAt + scratchStride * team.threads));
    const slope = hold(pool.float32(shape));
    const varPoisson = hold(pool.float32(shape));
    const varRnoise = hold(pool.float32(shape));
    const dq = hold(pool.uint32(shape));
    const weights = used.map((i) => Math.fround(spec.weights[i]!));
    new Float32Array(pool.memory.buffer, block.start, weights.length).set(weights);
    writeTable(core, block.start + coefficientsAt, coefficients);
    if (spec.offsets) {
      const outputs = spec.offsets.length / spec.reads.length;
      const width = nx / outputs;
      for (const [row, read] of used.entries()) {
        const line = new Float32Array(pool.memory.buffer, block.start + offsetsAt + row * offsetStride, nx);
        for (let o = 0; o < outputs; o++)
          line.fill(spec.offsets[read * outputs + o]!, o * width, (o + 1) * width);
      }
    }
    const job: SampleJob = {
      kind: 'sample',
      shape,
      reads,
      direct,
      weights: block.start,
      sumOfWeights: weights.reduce((sum, w) => sum + w, 0),
      offsets: spec.offsets ? block.start + offsetsAt : 0,
      offsetStride,
      coefficients: block.start + coefficientsAt,
      coefficientCount: coefficients.length,
      form: spec.nonlinearity?.form === 'polynomial' ? 1 : 0,
      ...{ bias, saturation, saturationValue, gain, gainValue, readNoise, readNoiseValue },
      poissonFactor: spec.poissonFactor,
      readNoiseFactor: spec.readNoiseFactor,
      slope: slope.ptr,
      varPoisson: varPoisson.ptr,
      varRnoise: varRnoise.ptr,
      dq: dq.ptr,
      ...{ tileRows: rows, batch, scratch: block.start + scratchAt, scratchStride, layout },
    };
    await team.run(job, Math.ceil(shape[0] / rows));
    block.release();
    return { slope, varPoisson, varRnoise, dq };
  } catch (error) {
    for (const frame of held) frame.release();
    throw error;
  }
};
