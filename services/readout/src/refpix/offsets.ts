/**
 * Electronic offsets of the outputs from reference pixels, which collect no light.
 *
 * Each output reads a stripe of nx/outputs columns. In one read, for each output, and for its odd and even columns
 * apart, the level is the mean of its reference pixels in the rows at the bottom, and of those at the top, after
 * clipping at 3 σ until nothing changes; the two are averaged. It is subtracted from all pixels of the stripe and
 * parity. What is left in the columns at the sides, smoothed by a running median over rows, is common to all outputs
 * at the time of a row (1/f noise).
 *
 * @see jwst, refpix/reference_pixels.py (NIR), with 4 outputs there
 */
import type { RawImage } from '@iris-drs/kernels';

/** Reference pixels at the edges of a detector: whole rows and columns. */
export interface Border {
  readonly bottom: number;
  readonly top: number;
  readonly left: number;
  readonly right: number;
}

export interface OffsetOptions {
  /** Stripes of columns, 1 … 64; they divide nx. */
  readonly outputs: number;
  readonly oddEven: boolean;
}

/** Offsets of the reads of all ramps, ramp after ramp. */
export interface ReferenceOffsets {
  /** DN, `[nreads, nx]`. */
  readonly columns: Float32Array;
  /** DN, `[nreads, ny]`, what the side pixels say beyond that. */
  readonly rows?: Float32Array;
}

/** Offsets of one read, DN: `[nx]` and `[ny]`. */
export interface ReadOffsets {
  readonly columns: Float32Array;
  readonly rows?: Float32Array;
}

export type OffsetMeter = (image: RawImage) => Promise<ReadOffsets>;

/** Some rows or columns of pixels, DN; NaN where a pixel is of no use. */
export type Strip = Float32Array;

const CLIP = 3;

/**
 * Mean of the finite values, clipped at 3 σ until nothing changes (scipy.stats.sigmaclip); NaN without any.
 *
 * Sums are taken about the first value: levels are thousands of DN and their scatter a few.
 */
export const clippedMean = (values: readonly number[]): number => {
  let kept = values.filter(Number.isFinite);
  for (;;) {
    const n = kept.length;
    if (n === 0) return Number.NaN;
    const zero = kept[0]!;
    const mean = zero + kept.reduce((sum, value) => sum + (value - zero), 0) / n;
    const sigma = Math.sqrt(kept.reduce((sum, value) => sum + (value - mean) ** 2, 0) / n);
    const left = kept.filter((value) => Math.abs(value - mean) <= CLIP * sigma);
    if (left.length === n || left.length === 0) return mean;
    kept = left;
  }
};

const meanOf = (values: readonly number[]): number => {
  const known = values.filter((value) => !Number.isNaN(value));
  return known.reduce((sum, value) => sum + value, 0) / known.length;
};

/**
 * Offset of each column of one read, `[nx]`, DN. An output without a usable reference pixel is left as it is, 0.
 *
 * @param strips  bottom and top rows, each `[rows, nx]`
 */
export const columnOffsets = (
  strips: readonly Strip[],
  nx: number,
  { outputs, oddEven }: OffsetOptions,
): Float32Array => {
  const offsets = new Float32Array(nx);
  const width = nx / outputs;
  const step = oddEven ? 2 : 1;
  for (let output = 0; output < outputs; output++) {
    for (let parity = 0; parity < step; parity++) {
      const first = output * width + ((output * width + parity) % step);
      const end = (output + 1) * width;
      const levels = strips.map((strip) => {
        const values: number[] = [];
        for (let row = 0; row < strip.length / nx; row++)
          for (let x = first; x < end; x += step) values.push(strip[row * nx + x]!);
        return clippedMean(values);
      });
      const level = meanOf(levels);
      for (let x = first; x < end; x += step) offsets[x] = Number.isNaN(level) ? 0 : level;
    }
  }
  return offsets;
};

const median = (values: readonly number[]): number => {
  const sorted = values.filter((value) => !Number.isNaN(value)).sort((a, b) => a - b);
  const n = sorted.length;
  return n === 0 ? Number.NaN : (sorted[(n - 1) >> 1]! + sorted[n >> 1]!) / 2;
};

/**
 * Offset of each row of one read, `[ny]`, DN: the median of the side pixels of the rows within the window, reflected at
 * the ends, left and right averaged, less the median over all rows, so that it has no level of its own.
 *
 * @param sides   left and right columns, each `[ny, columns]`, offsets of their outputs subtracted
 * @param window  rows, odd
 */
export const rowOffsets = (sides: readonly Strip[], ny: number, window: number): Float32Array => {
  const half = (window - 1) / 2;
  const reflected = (y: number): number => {
    const period = 2 * ny;
    const place = ((y % period) + period) % period;
    return place < ny ? place : period - 1 - place;
  };
  const rows = Array.from({ length: ny }, (_, y) =>
    meanOf(
      sides.map((side) => {
        const columns = side.length / ny;
        const near: number[] = [];
        for (let dy = -half; dy <= half; dy++) {
          const at = reflected(y + dy) * columns;
          for (let x = 0; x < columns; x++) near.push(side[at + x]!);
        }
        return median(near);
      }),
    ),
  );
  const level = median(rows);
  return Float32Array.from(rows, (row) => (Number.isNaN(row) ? 0 : row - level));
};
