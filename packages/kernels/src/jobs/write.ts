import { writeFully } from './files.ts';
import type { Bench } from './job.ts';

/** A plane and its place in the file. */
export interface WritePart {
  readonly plane: number;
  readonly pixels: number;
  readonly flip: number;
  readonly offset: number;
  /** Each tile's sum of 32-bit words, as a double, is left here. */
  readonly sums: number;
}

/** Writes planes big-endian at places in a file. */
export interface WriteJob {
  readonly kind: 'write';
  readonly parts: readonly WritePart[];
  readonly tilePixels: number;
  readonly fd: number;
  /** The same file opened with O_DIRECT, or −1. */
  readonly direct: number;
  readonly scratch: number;
  readonly scratchStride: number;
}

/** What O_DIRECT asks of file offsets, lengths and addresses. */
export const DIRECT_ALIGN = 4096;

/** Tiles end where the file is aligned, so the first is shorter by what the plane's offset is past an aligned place. */
export const tileCount = (part: Pick<WritePart, 'pixels' | 'offset'>, tilePixels: number): number =>
  Math.ceil((part.pixels + pastAligned(part)) / tilePixels);

const pastAligned = ({ offset }: Pick<WritePart, 'offset'>): number => (offset % DIRECT_ALIGN) >> 2;

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
  const { tilePixels } = job;
  const tiles = job.parts.flatMap((part) =>
    Array.from({ length: tileCount(part, tilePixels) }, (_, tile) => ({ part, tile })),
  );
  const scratch = job.scratch + bench.worker * job.scratchStride;
  for (let next = bench.claim(tiles.length); next >= 0; next = bench.claim(tiles.length)) {
    const { part, tile } = tiles[next]!;
    const past = pastAligned(part);
    const start = Math.max(0, tile * tilePixels - past);
    const n = Math.min((tile + 1) * tilePixels - past, part.pixels) - start;
    const at = part.offset + start * 4;
    const ptr = scratch + (at % DIRECT_ALIGN);
    bench.floats(part.sums, tile + 1)[tile] = bench.kernels.encode(part.plane + start * 4, ptr, n, part.flip);
    writeTile(job, bench, ptr, n * 4, at);
  }
};
