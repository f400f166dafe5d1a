import { createHash } from 'node:crypto';
import { constants, statSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { CrdsError } from '../errors.ts';

const CHUNK_BYTES = 1 << 20;

/**
 * The bytes of a regular file, whatever else a name may lead to: a FIFO would block, a device never end. Each part is
 * valid until the next one is asked for.
 * @throws CrdsError NotAReference
 */
export async function* readRegular(path: string): AsyncGenerator<Uint8Array> {
  const refuse = (what: string): CrdsError =>
    new CrdsError('NotAReference', `${path} ${what}; give a regular file.`, { file: path });
  const check = (stat: { isFile(): boolean; isDirectory(): boolean; isFIFO(): boolean }): void => {
    if (stat.isFile()) return;
    throw refuse(
      stat.isDirectory() ? 'is a directory' : stat.isFIFO() ? 'is a FIFO' : 'is a device or socket',
    );
  };
  const before = statSync(path, { throwIfNoEntry: false });
  if (before === undefined) throw refuse('is not there');
  check(before);
  // Should it have become a FIFO since, this does not wait for its writer.
  await using handle = await open(path, constants.O_RDONLY | constants.O_NONBLOCK);
  check(await handle.stat());
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
