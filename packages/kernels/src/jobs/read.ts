import type { RawImage } from '../plane.ts';
import { shapeOf } from '../plane.ts';
import { type OpenFiles, openFiles, readRows } from './files.ts';
import type { Bench } from './job.ts';

/** Reads an image into a plane of float32 or uint32. */
export interface ReadJob {
  readonly kind: 'read';
  readonly as: 'float' | 'flags';
  readonly image: RawImage;
  readonly plane: number;
  /** A tile's pixels are a multiple of 8, the last tile's excepted. */
  readonly tileRows: number;
  /** Per-worker area for one tile of raw pixels. */
  readonly scratch: number;
  readonly scratchStride: number;
}

/** Rows of the image to an address. */
export const readTile = (
  job: ReadJob,
  bench: Bench,
  files: OpenFiles,
  { row, rows, to }: { readonly row: number; readonly rows: number; readonly to: number },
): void => {
  const { image } = job;
  const [, nx] = shapeOf(image);
  // 32-bit pixels are swapped where they will stay.
  const from = Math.abs(image.bitpix) === 32 ? to : job.scratch + bench.worker * job.scratchStride;
  readRows(image, row, rows, files, bench.bytes, from);
  if (job.as === 'float') {
    bench.kernels.decodeFloat(from, to, rows * nx, image.bitpix, image.bscale, image.bzero);
  } else bench.kernels.decodeFlags(from, to, rows * nx, image.bitpix, image.bzero);
};

export const runRead = (job: ReadJob, bench: Bench): void => {
  const [ny, nx] = shapeOf(job.image);
  const tiles = Math.ceil(ny / job.tileRows);
  const files = openFiles();
  try {
    for (let tile = bench.claim(tiles); tile >= 0; tile = bench.claim(tiles)) {
      const row = tile * job.tileRows;
      const rows = Math.min(job.tileRows, ny - row);
      readTile(job, bench, files, { row, rows, to: job.plane + row * nx * 4 });
    }
  } finally {
    files.close();
  }
};
