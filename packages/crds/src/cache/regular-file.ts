import { createHash } from 'node:crypto';
import { constants, type Stats, statSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { CrdsError } from '../errors.ts';

const CHUNK_BYTES = 1 << 20;

const refuse = (path: string, what: string): CrdsError =>
  new CrdsError('NotAReference', `${path} ${what}; give a regular file.`, { file: path });

const check = (path: string, stat: Stats): void => {
  if (stat.isFile()) return;
  const kind = stat.isDirectory() ? 'a directory' : stat.isFIFO() ? 'a FIFO' : 'a device or socket';
  throw refuse(path, `is ${kind}`);
};

/** @throws CrdsError NotAReference for anything but a regular file: a FIFO would block, a device never end */
export const assertRegular = (path: string): void => {
  const stat = statSync(path, { throwIfNoEntry: false });
  if (stat === undefined) throw refuse(path, 'is not there');
  check(path, stat);
};

/**
 * The bytes of a regular file. Each part is valid until the next one is asked for.
 * @throws CrdsError NotAReference
 */
export async function* readRegular(path: string): AsyncGenerator<Uint8Array> {
  assertRegular(path);
  // Should it have become a FIFO since, this does not wait for its writer.
  await using handle = await open(path, constants.O_RDONLY | constants.O_NONBLOCK);
  check(path, await handle.stat());
  const buffer = Buffer.allocUnsafe(CHUNK_BYTES);
  for (;;) {
    const { bytesRead } = await handle.read(buffer, 0, CHUNK_BYTES, null);
    if (bytesRead === 0) return;
    yield buffer.subarray(0, bytesRead);
  }
}

/** SHA-1, in hexadecimal as CRDS keeps it, and size of a regular file. @throws CrdsError NotAReference */
export const fileChecksum = async (path: string): Promise<{ sha1: string; size: number }> => {
  const hash = createHash('sha1');
  let size = 0;
  for await (const bytes of readRegular(path)) {
    hash.update(bytes);
    size += bytes.length;
  }
  return { sha1: hash.digest('hex'), size };
};
