import { closeSync, openSync, readSync, writeSync } from 'node:fs';
import { errnoOf, KernelsError, writeFailed } from '../errors.ts';
import type { RawImage } from '../plane.ts';

/** Files that one worker holds open at a time; a ramp may have a file to each of hundreds of reads. */
const MOST_OPEN = 256;

/** Files held open for the length of one job. */
export interface OpenFiles {
  fd(path: string): number;
  close(): void;
}

export const openFiles = (): OpenFiles => {
  const held = new Map<string, number>();
  return {
    fd(path) {
      const known = held.get(path);
      if (known !== undefined) return known;
      const [oldest] = held;
      if (oldest && held.size >= MOST_OPEN) {
        held.delete(oldest[0]);
        closeSync(oldest[1]);
      }
      try {
        const fd = openSync(path, 'r');
        held.set(path, fd);
        return fd;
      } catch (cause) {
        const errno = errnoOf(cause);
        throw new KernelsError(
          'ReadFailed',
          `${path} could not be opened for reading: ${errno ?? String(cause)}`,
          {
            path,
            errno,
          },
        );
      }
    },
    close() {
      for (const fd of held.values()) closeSync(fd);
      held.clear();
    },
  };
};

/** Fills `into` from the file or throws ReadFailed with the offset at which it ended. */
const readFully = (fd: number, into: Uint8Array, offset: number, path: string): void => {
  for (let done = 0; done < into.byteLength; ) {
    let got: number;
    try {
      got = readSync(fd, into, done, into.byteLength - done, offset + done);
    } catch (cause) {
      const errno = errnoOf(cause);
      throw new KernelsError(
        'ReadFailed',
        `reading ${path} at byte ${offset + done} failed: ${errno ?? String(cause)}`,
        {
          path,
          offset: offset + done,
          errno,
        },
      );
    }
    if (got === 0) {
      throw new KernelsError(
        'ReadFailed',
        `${path} ends at byte ${offset + done}, ${into.byteLength - done} bytes short of the pixels its header promises; fetch or write it again`,
        { path, offset: offset + done },
      );
    }
    done += got;
  }
};

export const writeFully = (fd: number, bytes: Uint8Array, offset: number): void => {
  for (let done = 0; done < bytes.byteLength; ) {
    try {
      done += writeSync(fd, bytes, done, bytes.byteLength - done, offset + done);
    } catch (cause) {
      throw writeFailed(cause, offset + done);
    }
  }
};

/** Rows [row, row + rows) of the image (of its window, if it has one) packed at `ptr`. */
export const readRows = (
  image: RawImage,
  row: number,
  rows: number,
  files: OpenFiles,
  bytes: (ptr: number, length: number) => Uint8Array,
  ptr: number,
): void => {
  const pixel = Math.abs(image.bitpix) / 8;
  const [, width] = image.shape;
  const { x0, y0, nx } = image.window ?? { x0: 0, y0: 0, nx: width };
  const fd = files.fd(image.path);
  const at = (y: number): number => image.offset + ((y0 + y) * width + x0) * pixel;
  // Full rows lie together in the file.
  const [pieces, length] = nx === width ? [1, rows * nx * pixel] : [rows, nx * pixel];
  for (let i = 0; i < pieces; i++) {
    readFully(fd, bytes(ptr + i * length, length), at(row + i), image.path);
  }
};
