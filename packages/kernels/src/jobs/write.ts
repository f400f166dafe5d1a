import { writeFully } from './files.ts';
import type { Bench } from './job.ts';

/** Writes a plane big-endian at a place in a file; leaves each tile's sum of 32-bit words in `sums` (doubles). */
export interface WriteJob {
  readonly kind: 'write';
  readonly plane: number;
  readonly pixels: number;
  readonly tilePixels: number;
  readonly flip: number;
  readonly fd: number;
  readonly offset: number;
  readonly scratch: number;
  readonly scratchStride: number;
  readonly sums: number;
}

export const runWrite = (job: WriteJob, bench: Bench): void => {
  const tiles = Math.ceil(job.pixels / job.tilePixels);
  const scratch = job.scratch + bench.worker * job.scratchStride;
  const sums = bench.floats(job.sums, tiles);
  for (let tile = bench.claim(tiles); tile >= 0; tile = bench.claim(tiles)) {
    const start = tile * job.tilePixels;
    const n = Math.min(job.tilePixels, job.pixels - start);
    sums[tile] = bench.kernels.encode(job.plane + start * 4, scratch, n, job.flip);
    writeFully(job.fd, bench.bytes(scratch, n * 4), job.offset + start * 4);
  }
};
