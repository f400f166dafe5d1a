import { open } from 'node:fs/promises';
import type { RawImage } from '@iris-drs/kernels';

/** A few pixels of every read so far, evenly spread. */
export interface RampLook {
  /** `[ny, nx]` of the pixels looked at. */
  readonly shape: readonly [ny: number, nx: number];
  /** DN, `[reads][ny × nx]`. */
  readonly reads: readonly Float32Array[];
  /** Seconds of each read. */
  readonly times: readonly number[];
}

export interface RampView {
  /** DN/s, from the first to the latest read. */
  readonly slopes: Float32Array;
  readonly medianSlope: number;
  readonly saturatedFraction: number;
  /** Per second and pixel. */
  readonly jumpRate: number;
}

/** Pixels along each side of a preview. */
const SIDE = 64;
/** Times the scatter of a difference between reads. */
const JUMP_SIGMA = 6;

type Decode = (row: DataView, at: number) => number;

const DECODERS: Readonly<Record<RawImage['bitpix'], Decode>> = {
  8: (row, at) => row.getUint8(at),
  16: (row, at) => row.getInt16(at),
  32: (row, at) => row.getInt32(at),
  [-32]: (row, at) => row.getFloat32(at),
  [-64]: (row, at) => row.getFloat64(at),
};

/**
 * Every so many-th pixel of a read, as float32 `[ny, nx]`; only their rows are read, and not by the kernels' threads,
 * where each row would wait behind the pixel work of other ramps.
 */
export const glance = async ({
  path,
  offset,
  bitpix,
  bscale,
  bzero,
  shape: [ny, nx],
}: RawImage): Promise<{ readonly shape: readonly [number, number]; readonly pixels: Float32Array }> => {
  const [rows, columns] = [Math.min(SIDE, ny), Math.min(SIDE, nx)];
  const pixels = new Float32Array(rows * columns);
  const bytes = Math.abs(bitpix) / 8;
  const decode = DECODERS[bitpix];
  const row = new DataView(new ArrayBuffer(nx * bytes));
  const file = await open(path);
  try {
    for (let j = 0; j < rows; j++) {
      const y = Math.floor(((j + 0.5) * ny) / rows);
      const { bytesRead } = await file.read(row, 0, row.byteLength, offset + y * row.byteLength);
      if (bytesRead < row.byteLength) throw new Error(`${path} ends within row ${y}`);
      for (let i = 0; i < columns; i++)
        pixels[j * columns + i] =
          bzero + bscale * decode(row, bytes * Math.floor(((i + 0.5) * nx) / columns));
    }
  } finally {
    await file.close();
  }
  return { shape: [rows, columns], pixels };
};

const median = (values: Float64Array | Float32Array): number => {
  const sorted = Float64Array.from(values).sort();
  const n = sorted.length;
  return n === 0 ? Number.NaN : (sorted[(n - 1) >> 1]! + sorted[n >> 1]!) / 2;
};

/**
 * How a ramp looks. A jump is a difference of neighbouring reads, per second, that lies more than 6 σ above the
 * pixel's own median, σ being 1.48 times the median of such distances over all pixels: good to see a shower by, not to
 * measure one.
 *
 * @param ceiling  DN; a pixel at or above it is saturated
 */
export const viewOf = ({ reads, times }: RampLook, ceiling: number): RampView => {
  const [first, latest] = [reads[0]!, reads.at(-1)!];
  const seconds = times.at(-1)! - times[0]!;
  const slopes = latest.map((value, i) => (seconds > 0 ? (value - first[i]!) / seconds : 0));
  let saturated = 0;
  for (const value of latest) if (value >= ceiling) saturated++;
  return {
    slopes,
    medianSlope: median(slopes),
    saturatedFraction: saturated / latest.length,
    jumpRate: jumpRate(reads, times),
  };
};

const jumpRate = (reads: readonly Float32Array[], times: readonly number[]): number => {
  const count = reads.length - 1;
  if (count < 3) return 0;
  const pixels = reads[0]!.length;
  const distances = new Float64Array(count * pixels);
  const rises = new Float64Array(count);
  for (let i = 0; i < pixels; i++) {
    for (let r = 0; r < count; r++)
      rises[r] = (reads[r + 1]![i]! - reads[r]![i]!) / (times[r + 1]! - times[r]!);
    const middle = median(rises);
    for (let r = 0; r < count; r++) distances[i * count + r] = rises[r]! - middle;
  }
  const sigma = 1.4826 * median(distances.map(Math.abs));
  let jumps = 0;
  for (const distance of distances) if (distance > JUMP_SIGMA * sigma) jumps++;
  return jumps / pixels / (times.at(-1)! - times[0]!);
};
