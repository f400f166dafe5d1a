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
  /** The same file opened with O_DIRECT, or −1. */
  readonly direct: number;
  readonly offset: number;
  readonly scratch: number;
  readonly scratchStride: number;
  readonly sums: number;
}

/** What O_DIRECT asks of file offsets, lengths and addresses. */
export const DIRECT_ALIGN = 4096;

/** Tiles end where the file is aligned, so the first is shorter by what the plane's offset is past an aligned place. */
export const tileCount = (job: Pick<WriteJob, 'pixels' | 'tilePixels' | 'offset'>): number =>
  Math.ceil((job.pixels + pastAligned(job)) / job.tilePixels);

const pastAligned = ({ offset }: Pick<WriteJob, 'offset'>): number => (offset % DIRECT_ALIGN) >> 2;

/** Encoded bytes to the file: whole blocks past the page cache, what is left at both ends through it. */
const writeTile = (job: WriteJob, bench: Bench, ptr: number, length: number, at: number): void => {
  const end = at + length;
  const from = Math.ceil(at / DIRECT_ALIGN) * DIRECT_ALIGN;
  const to = Math.floor(end / DIRECT_ALIGN) * DIRECT_ALIGN;
  const put = (fd: number, start: number, stop: number): void => {
    if (stop > start) writeFully(fd, bench.bytes(ptr + start - at, stop - start), start);
  };
  if (job.direct < 0 || to <= from) {
    put(job.fd, at, end);
    return;
  }
  put(job.fd, at, from);
  put(job.direct, from, to);
  put(job.fd, to, end);
};

export const runWrite = (job: WriteJob, bench: Bench): void => {
  const past = pastAligned(job);
  const tiles = tileCount(job);
  const scratch = job.scratch + bench.worker * job.scratchStride;
  const sums = bench.floats(job.sums, tiles);
  for (let tile = bench.claim(tiles); tile >= 0; tile = bench.claim(tiles)) {
    const start = Math.max(0, tile * job.tilePixels - past);
    const n = Math.min((tile + 1) * job.tilePixels - past, job.pixels) - start;
    const at = job.offset + start * 4;
    const ptr = scratch + (at % DIRECT_ALIGN);
    sums[tile] = bench.kernels.encode(job.plane + start * 4, ptr, n, job.flip);
    writeTile(job, bench, ptr, n * 4, at);
  }
};
