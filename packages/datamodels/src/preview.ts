/** Small greyscale pictures of frames. */
import type { Shape2 } from '@iris-drs/kernels';
import { zscale } from './zscale.ts';

export interface Preview {
  readonly width: number;
  readonly height: number;
  /** Grey values, top row first; row 0 of the frame is at the bottom, as astronomers look at it. */
  readonly data: Uint8Array;
  /** Pixel values shown as black and white. */
  readonly black: number;
  readonly white: number;
}

/** Pixels of a block that are looked at, along each axis: a picture of 512² costs 4 million however large the frame. */
const BLOCK_SAMPLES = 4;
/** zscale looks at a thousand values; it need not be handed many more. */
const LIMIT_SAMPLES = 10_000;

/** Every n-th value, n odd: rows of a picture are even, so that no column is favoured. */
const thinned = (values: Float32Array): Float32Array => {
  const step = Math.floor(values.length / LIMIT_SAMPLES) | 1;
  return Float32Array.from({ length: Math.ceil(values.length / step) }, (_, i) => values[i * step]!);
};

/**
 * A picture of a plane, its limits by zscale: blocks of k × k pixels are averaged, k the smallest with which
 * both sides are at most `size`; of large blocks every few pixels count. Blocks without a finite pixel are black.
 */
export function previewPixels(
  plane: { readonly data: Float32Array; readonly shape: Shape2 },
  size = 1024,
): Preview {
  const { data, shape } = plane;
  const [ny, nx] = shape;
  const k = Math.max(1, Math.ceil(Math.max(ny, nx) / size));
  const width = Math.max(1, Math.floor(nx / k));
  const height = Math.max(1, Math.floor(ny / k));
  const means = new Float32Array(width * height);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++)
      means[y * width + x] = blockMean(data, nx, x * k, y * k, k, Math.min(k, ny), Math.min(k, nx));
  }
  const { low, high } = zscale(thinned(means));
  const slope = high > low ? 255 / (high - low) : 0;
  const grey = new Uint8Array(width * height);
  for (let y = 0; y < height; y++) {
    const from = (height - 1 - y) * width;
    for (let x = 0; x < width; x++) {
      const value = (means[from + x]! - low) * slope;
      grey[y * width + x] = value > 0 ? Math.min(255, Math.round(value)) : 0;
    }
  }
  return { width, height, data: grey, black: low, white: high };
}

function blockMean(
  data: Float32Array,
  nx: number,
  x0: number,
  y0: number,
  k: number,
  rows: number,
  columns: number,
): number {
  let sum = 0;
  let count = 0;
  const step = Math.ceil(k / BLOCK_SAMPLES);
  for (let y = y0; y < y0 + Math.min(k, rows); y += step) {
    for (let x = x0; x < x0 + Math.min(k, columns); x += step) {
      const value = data[y * nx + x]!;
      if (value - value === 0) {
        sum += value;
        count += 1;
      }
    }
  }
  return count > 0 ? sum / count : Number.NaN;
}
