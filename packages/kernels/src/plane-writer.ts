import { write } from 'node:fs';
import { promisify } from 'node:util';
import { roundUp } from './allocator.ts';
import { errnoOf, writeFailed } from './errors.ts';

/** The file that pixels go to. */
export interface WriteTarget {
  readonly fd: number;
  /** The same file opened with O_DIRECT: large pieces then go straight to the disk. */
  readonly direct?: number | undefined;
}

/** Writes pixels into a file, those of a plane in order; several pieces are on their way at a time. */
export interface PlaneWriter {
  /**
   * What does not fill a block of the file waits for the bytes that follow it.
   *
   * @param bytes  as far beyond a multiple of BLOCK_BYTES in memory as `offset` is in the file. What memory holds before
   *   them, back to that multiple, may be overwritten.
   * @throws KernelsError WriteFailed with the offset; none of `bytes` is being written any more then
   */
  put(bytes: Uint8Array, offset: number): Promise<void>;
  /** Writes what still waits, after all else has been written. @throws KernelsError WriteFailed */
  end(): Promise<void>;
}

/** What O_DIRECT asks of file offsets, lengths and addresses. */
export const BLOCK_BYTES = 4096;

/** Bytes written at a time: the disk wants large pieces. */
const PIECE_BYTES = 2 ** 23;

/** Fewer go through the page cache. */
const DIRECT_BYTES = 2 ** 18;

/**
 * Pieces on their way at a time: file systems fill new blocks of a file one piece after the other, so that more would only
 * keep Node's threads from others.
 */
const IN_FLIGHT = 2;

const writeAt = promisify(write);

/** @param instead  takes what `fd` refuses: of O_DIRECT a file system may ask more than whole blocks, or take none */
const writeFully = async (fd: number, bytes: Uint8Array, offset: number, instead: number): Promise<void> => {
  for (let [done, on] = [0, fd]; done < bytes.byteLength; ) {
    try {
      const { bytesWritten } = await writeAt(on, bytes, done, bytes.byteLength - done, offset + done);
      done += bytesWritten;
    } catch (cause) {
      if (on === instead || errnoOf(cause) !== 'EINVAL') throw writeFailed(cause, offset + done);
      on = instead;
    }
  }
};

/** Waits for all, also after a failure: none of their bytes is in use afterwards. */
export const allWritten = async (writes: readonly Promise<void>[]): Promise<void> => {
  for (const done of await Promise.allSettled(writes)) if (done.status === 'rejected') throw done.reason;
};

/** A writer for an open file, to be ended by the caller unless writing failed. */
export const planeWriter = ({ fd, direct }: WriteTarget): PlaneWriter => {
  const waiting: (() => Promise<void>)[] = [];
  let lanes = 0;
  let failed: unknown;
  const lane = async (): Promise<void> => {
    lanes++;
    for (let next = waiting.shift(); next; next = waiting.shift()) await next();
    lanes--;
  };
  const piece = (on: number, bytes: Uint8Array, offset: number): Promise<void> =>
    new Promise((resolve, reject) => {
      waiting.push(async () => {
        try {
          if (failed) throw failed;
          resolve(await writeFully(on, bytes, offset, fd));
        } catch (error) {
          failed = error;
          reject(error);
        }
      });
      if (lanes < IN_FLIGHT) void lane();
    });
  const pieces = (on: number, bytes: Uint8Array, offset: number): Promise<void>[] =>
    Array.from({ length: Math.ceil(bytes.byteLength / PIECE_BYTES) }, (_, i) => {
      const start = i * PIECE_BYTES;
      return piece(on, bytes.subarray(start, start + PIECE_BYTES), offset + start);
    });

  /** What follows at an offset begins with these bytes, which do not fill a block. */
  const tails = new Map<number, Uint8Array>();
  const split = (bytes: Uint8Array, offset: number): Promise<void>[] => {
    if (direct === undefined || bytes.byteLength < DIRECT_BYTES) return pieces(fd, bytes, offset);
    const first = roundUp(offset, BLOCK_BYTES);
    const end = offset + bytes.byteLength;
    const last = end - (end % BLOCK_BYTES);
    if (last < end) tails.set(end, bytes.slice(last - offset));
    return [
      ...pieces(fd, bytes.subarray(0, first - offset), offset),
      ...pieces(direct, bytes.subarray(first - offset, last - offset), first),
    ];
  };
  /** With what waited for them. */
  const joined = (bytes: Uint8Array, offset: number): readonly [Uint8Array, number] => {
    const tail = tails.get(offset);
    if (!tail) return [bytes, offset];
    tails.delete(offset);
    const { length } = tail;
    const whole = new Uint8Array(bytes.buffer, bytes.byteOffset - length, bytes.byteLength + length);
    whole.set(tail);
    return [whole, offset - length];
  };
  return {
    put: (bytes, offset) => allWritten(split(...joined(bytes, offset))),
    async end() {
      const rest = [...tails];
      tails.clear();
      await allWritten(rest.flatMap(([end, bytes]) => pieces(fd, bytes, end - bytes.byteLength)));
    },
  };
};
