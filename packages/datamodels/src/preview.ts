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

/**
 * A picture of a plane, its limits by zscale: blocks of k × k pixels are averaged, k the smallest with which
 * both sides are at most `size`. Blocks without a finite pixel are black.
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
  const { low, high } = zscale(means);
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
  for (let y = y0; y < y0 + Math.min(k, rows); y++) {
    for (let x = x0; x < x0 + Math.min(k, columns); x++) {
      const value = data[y * nx + x]!;
      if (value - value === 0) {
        sum += value;
        count += 1;
      }
    }
  }
  return count > 0 ? sum / count : Number.NaN;
}
