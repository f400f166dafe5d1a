import type { RawImage, Shape2 } from '../plane.ts';
import { type OpenFiles, readRows } from './files.ts';
import type { Bench } from './job.ts';

/** Reads on their way into weighted sums: addresses and numbers, made by src/feed.ts. */
export interface Feed {
  readonly shape: Shape2;
  readonly reads: readonly RawImage[];
  /** All reads are 16-bit integers with BZERO 32768 and enter the kernel as they stand in the file. */
  readonly direct: boolean;
  /** float32 in the shared memory: `sums` weights to each read. */
  readonly weights: number;
  readonly sums: 1 | 2;
  /** float32 rows per read, or 0. */
  readonly offsets: number;
  readonly offsetStride: number;
  /** Table of coefficient plane addresses. */
  readonly coefficients: number;
  readonly coefficientCount: number;
  /** 0 relative, 1 polynomial. */
  readonly form: number;
  readonly bias: number;
  readonly saturation: number;
  readonly saturationValue: number;
  readonly tileRows: number;
  /** Reads whose tiles are held at once. */
  readonly batch: number;
  /** An area to each thread: raw pixels of one read that needs decoding, reads, then what the job keeps for itself. */
  readonly scratch: number;
  readonly scratchStride: number;
  readonly store: number;
  readonly readStride: number;
  readonly own: number;
}

/** Where the sums of a tile stand. */
export interface Target {
  readonly acc0: number;
  /** 0 for one sum. */
  readonly acc1: number;
  readonly flags: number;
}

/** Bits of `fresh` in the kernel. */
export const FRESH = { sums: 1, flags: 2 } as const;

/** Adds all reads to the sums of one tile. @param fresh  FRESH bits for the first of them */
export const feedTile = (
  feed: Feed,
  bench: Bench,
  files: OpenFiles,
  row: number,
  rows: number,
  { acc0, acc1, flags }: Target,
  fresh: number,
): void => {
  const nx = feed.shape[1];
  const n = rows * nx;
  const { kernels } = bench;
  const { direct, readStride } = feed;
  const one = direct ? kernels.sumInt16 : kernels.sumFloat32;
  const two = direct ? kernels.pairInt16 : kernels.pairFloat32;
  const area = feed.scratch + bench.worker * feed.scratchStride;
  const store = area + feed.store;
  for (let r0 = 0; r0 < feed.reads.length; r0 += feed.batch) {
    const count = Math.min(feed.batch, feed.reads.length - r0);
    for (let i = 0; i < count; i++) {
      const image = feed.reads[r0 + i]!;
      const to = store + i * readStride;
      const from = direct || image.bitpix === -32 || image.bitpix === 32 ? to : area;
      readRows(image, row, rows, files, bench.bytes, from);
      if (!direct) kernels.decodeFloat(from, to, n, image.bitpix, image.bscale, image.bzero);
    }
    // Offsets differ from column to column, so with them rows are taken one by one.
    (feed.sums === 1 ? one : two)(
      ...[store, readStride, count, feed.weights + r0 * 4 * feed.sums],
      feed.offsets === 0 ? 0 : feed.offsets + r0 * feed.offsetStride,
      feed.offsetStride,
      ...(feed.offsets === 0 ? [1, n] : [rows, nx]),
      row * nx,
      ...[feed.coefficients, feed.coefficientCount, feed.form],
      ...[feed.bias, feed.saturation, feed.saturationValue],
      ...[acc0, acc1, flags, r0 === 0 ? fresh : 0],
    );
  }
};
