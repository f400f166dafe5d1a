import { roundUp } from './allocator.ts';
import { ALIGN, address, type Core, planeOrNumber, spreadOffsets, tileRows, writeTable } from './core.ts';
import { KernelsError } from './errors.ts';
import { checkImageOf } from './frames.ts';
import type { Feed } from './jobs/feed.ts';
import { type FloatPlane, pixelsOf, type RawImage, type Shape2 } from './plane.ts';

export interface Nonlinearity {
  /** relative: F(x) = x(1 + Σ cᵢxⁱ), iris_readout's NONLINCOEFF; polynomial: F(x) = Σ cᵢxⁱ, JWST's LINEARITY. */
  readonly form: 'relative' | 'polynomial';
  /** c₀, c₁, … per pixel, for x in DN. */
  readonly coefficients: readonly FloatPlane[];
}

/** What is done to each read before it is summed. */
export interface Corrections {
  readonly nonlinearity?: Nonlinearity | undefined;
  /** DN, subtracted from every read. */
  readonly bias?: FloatPlane | undefined;
  /** DN; a raw value at or above it is saturated. NaN: no limit. */
  readonly saturation?: FloatPlane | number | undefined;
}

export interface FedRead {
  readonly image: RawImage;
  /** One to each sum. */
  readonly weights: readonly number[];
  /** DN, one to each output or column. */
  readonly offsets?: Float32Array | undefined;
}

/** Reads whose tiles a thread holds at once; more are taken in turns, so memory does not grow with their number. */
const BATCH = 16;
/** Raw reads of a tile should fit a core's L2; fewer, larger pieces cost fewer system calls. */
const TILE_BYTES = 2 ** 20;
const [LEAST_PIXELS, MOST_PIXELS] = [16384, 262144];
/** Tiles to each thread, so that all end at nearly the same time. */
const TILES = 8;

const checkReads = (reads: readonly FedRead[], shape: Shape2): void => {
  for (const { image, weights, offsets } of reads) {
    checkImageOf(image, shape);
    const { path } = image;
    if (weights.some((w) => !Number.isFinite(w))) {
      throw new KernelsError('BadSpec', `weights [${weights}] of ${path}; they must be finite`, { path });
    }
    if (offsets && (offsets.length < 1 || shape[1] % offsets.length !== 0)) {
      throw new KernelsError(
        'BadSpec',
        `${offsets.length} offsets for a read of ${shape[1]} columns; give one per output, outputs being equal stripes of columns`,
        { path },
      );
    }
  }
};

/** Throws BadSpec where a correction does not fit the frame. */
const corrected = (corrections: Corrections, shape: Shape2) => {
  const { nonlinearity } = corrections;
  if (nonlinearity && nonlinearity.coefficients.length === 0) {
    throw new KernelsError('BadSpec', 'a non-linearity without coefficients; leave it out');
  }
  const [saturation, saturationValue] = planeOrNumber(
    corrections.saturation,
    Number.POSITIVE_INFINITY,
    shape,
    'saturation',
  );
  return {
    planes: (nonlinearity?.coefficients ?? []).map((c, i) => address(c, shape, `coefficient ${i}`)),
    form: nonlinearity?.form === 'polynomial' ? 1 : 0,
    bias: address(corrections.bias, shape, 'bias'),
    saturation,
    saturationValue,
  };
};

/** Throws BadSpec for corrections that do not fit, before there are reads. */
export const checkCorrections = (corrections: Corrections, shape: Shape2): void => {
  corrected(corrections, shape);
};

/**
 * Tables and areas of threads for a job that sums reads, in a block of the pool that the caller disposes of.
 *
 * @param own  bytes that a thread keeps for itself, for `rows` rows of a tile
 */
export const prepareFeed = (
  core: Core,
  shape: Shape2,
  corrections: Corrections,
  reads: readonly FedRead[],
  sums: 1 | 2,
  own: (rows: number) => number,
): { readonly feed: Feed } & Disposable => {
  checkReads(reads, shape);
  const { planes, ...rest } = corrected(corrections, shape);
  const nx = shape[1];
  const direct = reads.every(({ image: i }) => i.bitpix === 16 && i.bscale === 1 && i.bzero === 32768);
  const batch = Math.min(BATCH, reads.length);
  const fit = Math.min(MOST_PIXELS, TILE_BYTES / 2 / batch, pixelsOf(shape) / core.team.threads / TILES);
  const rows = tileRows(shape, Math.max(LEAST_PIXELS, fit));
  // Decoding reads and writes whole blocks of 8 pixels; raw pixels have up to 8 bytes.
  const raw = direct ? 0 : roundUp(rows * nx * 8, ALIGN) + ALIGN;
  const readStride = roundUp(rows * nx * (direct ? 2 : 4), ALIGN) + ALIGN;
  const ownAt = raw + batch * readStride;
  const scratchStride = ownAt + roundUp(own(rows), ALIGN);
  const shifted = reads.some(({ offsets }) => offsets !== undefined);
  const offsetStride = roundUp(nx * 4, ALIGN) + ALIGN;
  const coefficientsAt = roundUp(reads.length * 4 * sums, ALIGN);
  const offsetsAt = coefficientsAt + roundUp(planes.length * 4 + 4, ALIGN);
  const scratchAt = offsetsAt + (shifted ? reads.length * offsetStride : 0);

  const block = core.pool.block(scratchAt + scratchStride * core.team.threads);
  const { buffer } = core.pool.memory;
  const weights = new Float32Array(buffer, block.start, reads.length * sums);
  for (const [r, read] of reads.entries()) {
    weights.set(read.weights, r * sums);
    if (shifted)
      spreadOffsets(new Float32Array(buffer, block.start + offsetsAt + r * offsetStride, nx), read.offsets);
  }
  writeTable(core, block.start + coefficientsAt, planes);
  const feed: Feed = {
    ...{ shape, reads: reads.map(({ image }) => image), direct, weights: block.start, sums },
    offsets: shifted ? block.start + offsetsAt : 0,
    offsetStride,
    coefficients: block.start + coefficientsAt,
    coefficientCount: planes.length,
    ...rest,
    ...{ tileRows: rows, batch, scratch: block.start + scratchAt, scratchStride },
    ...{ store: raw, readStride, own: ownAt },
  };
  return { feed, [Symbol.dispose]: block.release };
};
