import { write } from 'node:fs';
import { promisify } from 'node:util';
import { roundUp } from './allocator.ts';
import { type Core, mapAll, tilePixels } from './core.ts';
import { KernelsError, writeFailed } from './errors.ts';
import { type FlagPlane, type FloatPlane, pixelsOf, type Shape2 } from './plane.ts';
import { totalsOf } from './totals.ts';

/** A plane and where it goes. */
export interface PlacedPlane {
  readonly plane: Pick<FloatPlane | FlagPlane, 'ptr' | 'shape' | 'dtype' | 'released'>;
  /** Bytes from the beginning of the file. */
  readonly offset: number;
}

/** The file that pixels go to. */
export interface WriteTarget {
  readonly fd: number;
  /** The same file opened with O_DIRECT: large planes then go straight to the disk. */
  readonly direct?: number | undefined;
}

/** Planes as they stand in a file: big-endian, float32 as BITPIX −32, uint32 as BITPIX 32 with BZERO 2³¹. */
export interface EncodedPlanes extends Disposable {
  /**
   * @returns the DATASUM of each plane's bytes
   * @throws KernelsError WriteFailed with the offset; none is being written any more then
   */
  write(target: WriteTarget): Promise<number[]>;
}

/** What O_DIRECT asks of file offsets, lengths and addresses. */
const DIRECT_ALIGN = 4096;

/** Bytes written at a time: the disk wants large pieces. */
const PIECE_BYTES = 2 ** 22;

/** Pieces on their way at a time, as many as Node has threads for: the disk never waits. */
const IN_FLIGHT = 4;

/** Planes of more pixels are encoded and written part by part. */
const PART_PIXELS = 2 ** 20;

const shapeOfAll = (planes: readonly PlacedPlane[]): Shape2 => {
  const [first, ...others] = planes.map(({ plane }) => plane);
  if (!first) throw new KernelsError('BadSpec', 'no plane to be written');
  const { shape } = first;
  for (const plane of [first, ...others]) {
    if (plane.released) throw new KernelsError('Released', 'a plane was written after its release');
    if (plane.shape[0] !== shape[0] || plane.shape[1] !== shape[1])
      throw new KernelsError('BadSpec', `planes of [${shape}] and [${plane.shape}] pixels in one file`);
  }
  return shape;
};

/** Folds a sum of 32-bit words to their ones' complement sum. */
const folded = (sum: bigint): number => {
  let total = sum;
  while (total > 0xffffffffn) total = (total & 0xffffffffn) + (total >> 32n);
  return Number(total);
};

const writeAt = promisify(write);

const writeFully = async (fd: number, bytes: Uint8Array, offset: number): Promise<void> => {
  for (let done = 0; done < bytes.byteLength; ) {
    try {
      const { bytesWritten } = await writeAt(fd, bytes, done, bytes.byteLength - done, offset + done);
      done += bytesWritten;
    } catch (cause) {
      throw writeFailed(cause, offset + done);
    }
  }
};

interface Piece {
  readonly fd: number;
  /** Places in the file. */
  readonly from: number;
  readonly to: number;
}

/** Whole blocks past the page cache, what is left at both ends through it. */
const piecesOf = (from: number, to: number, { fd, direct }: WriteTarget): Piece[] => {
  const first = Math.ceil(from / DIRECT_ALIGN) * DIRECT_ALIGN;
  const last = Math.floor(to / DIRECT_ALIGN) * DIRECT_ALIGN;
  const split = (on: number, start: number, end: number): Piece[] => {
    const count = Math.ceil(Math.max(0, end - start) / PIECE_BYTES);
    return Array.from({ length: count }, (_, i) => {
      const at = start + i * PIECE_BYTES;
      return { fd: on, from: at, to: Math.min(at + PIECE_BYTES, end) };
    });
  };
  if (direct === undefined || to - from < PIECE_BYTES) return split(fd, from, to);
  return [...split(fd, from, first), ...split(direct, first, last), ...split(fd, last, to)];
};

/**
 * Encodes planes of one shape. They may be given back at once, where work is put off too: the frame's last use is then
 * this, while its pixels are in the cache.
 */
export const encodePlanes = async (core: Core, planes: readonly PlacedPlane[]): Promise<EncodedPlanes> => {
  const pixels = pixelsOf(shapeOfAll(planes));
  // The offset of a word in its block of memory is that in its block of the file.
  const stride = roundUp(pixels * 4, DIRECT_ALIGN) + DIRECT_ALIGN;
  using held = new DisposableStack();
  const block = held.use(core.pool.block(stride * planes.length));
  const sums = held.use(totalsOf(core, planes.length));
  const placeOf = (i: number): number => i * stride + (planes[i]!.offset % DIRECT_ALIGN);
  const { buffer } = core.pool.memory;
  const calls = planes.map(({ plane }, i) => {
    const to = { plane: block.start, offset: placeOf(i) };
    const flip = plane.dtype === 'uint32' ? 0x80000000 : 0;
    return { kernel: 'encode', args: [{ plane: plane.ptr }, to, 'count', flip, sums.arg(i)] } as const;
  });
  await mapAll(core, pixels, calls, tilePixels(2));
  const kept = held.move();

  const write = async (target: WriteTarget): Promise<number[]> => {
    await core.settled();
    const pieces = planes.flatMap(({ offset }, i) =>
      piecesOf(offset, offset + pixels * 4, target).map((piece) => ({
        ...piece,
        ptr: block.start + placeOf(i) + piece.from - offset,
      })),
    );
    const lane = async (): Promise<void> => {
      try {
        for (let next = pieces.shift(); next; next = pieces.shift())
          await writeFully(next.fd, new Uint8Array(buffer, next.ptr, next.to - next.from), next.from);
      } finally {
        pieces.length = 0;
      }
    };
    const lanes = await Promise.allSettled(Array.from({ length: IN_FLIGHT }, lane));
    for (const done of lanes) if (done.status === 'rejected') throw done.reason;
    return planes.map((_, i) => folded(sums.total(i)));
  };
  return { write, [Symbol.dispose]: () => kept.dispose() };
};

/** The same rows of each. */
const rowsOf = (planes: readonly PlacedPlane[], from: number, to: number): PlacedPlane[] =>
  planes.map(({ plane, offset }) => {
    const { ptr, shape, dtype, released } = plane;
    const before = from * shape[1] * 4;
    return {
      plane: { ptr: ptr + before, shape: [to - from, shape[1]], dtype, released },
      offset: offset + before,
    };
  });

/**
 * Writes planes of one shape into an open file; padding to 2880 bytes is the caller's. Each part is written while the
 * next is encoded. Writing past the page cache is several times faster where the caller syncs the file afterwards; the
 * ends of a plane that do not fill a block still go through `fd`.
 *
 * @returns the DATASUM of each plane's bytes
 * @throws KernelsError WriteFailed
 */
export const writePlanes = async (
  core: Core,
  planes: readonly PlacedPlane[],
  target: WriteTarget,
): Promise<number[]> => {
  const [ny, nx] = shapeOfAll(planes);
  const rows = Math.max(1, Math.floor(PART_PIXELS / nx));
  const sums = planes.map(() => 0n);
  const writeOut = async (encoded: EncodedPlanes): Promise<void> => {
    using _held = encoded;
    for (const [i, sum] of (await encoded.write(target)).entries()) sums[i]! += BigInt(sum);
  };
  let writing = Promise.resolve();
  try {
    for (let from = 0; from < ny; from += rows) {
      using held = new DisposableStack();
      const encoded = held.use(await encodePlanes(core, rowsOf(planes, from, Math.min(from + rows, ny))));
      await writing;
      held.move();
      writing = writeOut(encoded);
      writing.catch(() => undefined);
    }
  } finally {
    await writing;
  }
  return sums.map(folded);
};
