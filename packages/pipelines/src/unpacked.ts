import { createReadStream, createWriteStream } from 'node:fs';
import { open } from 'node:fs/promises';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { createGunzip } from 'node:zlib';
import { isGzip } from '@iris-drs/fits';
import { temporaryDirectory } from './temporary.ts';

/** Of a file unpacked: what a reader of FITS files takes of a gzip'ed one. */
const MOST_BYTES = 2 ** 32;

const beginsPacked = async (path: string): Promise<boolean> => {
  await using file = await open(path);
  const { buffer, bytesRead } = await file.read(new Uint8Array(2), 0, 2, 0);
  return isGzip(buffer.subarray(0, bytesRead));
};

async function* upToMost(source: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  let bytes = 0;
  for await (const chunk of source) {
    bytes += chunk.length;
    if (bytes > MOST_BYTES) throw new Error(`more than ${MOST_BYTES} bytes`);
    yield chunk;
  }
}

export interface UnpackedFiles extends Disposable {
  /**
   * The file itself, or where it was unpacked to if it is gzip'ed: who reads it part by part would unpack it for each.
   * The file itself too where it cannot be unpacked; its reader says why.
   */
  plain(path: string): Promise<string>;
}

export const unpackedFiles = (): UnpackedFiles => {
  const known = new Map<string, Promise<string>>();
  const held = new DisposableStack();
  let directory: string | undefined;
  let count = 0;
  const unpack = async (path: string): Promise<string> => {
    try {
      if (!(await beginsPacked(path))) return path;
      directory ??= held.use(temporaryDirectory()).path;
      const target = join(directory, `${count++}.fits`);
      await pipeline(createReadStream(path), createGunzip(), upToMost, createWriteStream(target));
      return target;
    } catch {
      return path;
    }
  };
  return {
    plain(path) {
      const one = known.get(path) ?? unpack(path);
      known.set(path, one);
      return one;
    },
    [Symbol.dispose]: () => held.dispose(),
  };
};
