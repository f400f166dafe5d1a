import { createHash } from 'node:crypto';
import { createReadStream, mkdirSync, readdirSync, renameSync, rmSync, statSync } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { CliError } from '../../errors.ts';
import { exists } from '../../instance/processes.ts';

/** Bytes to be copied, from wherever. */
export interface CopySource {
  readonly name: string;
  readonly size: number;
  /** What the sender says of the bytes; where it says nothing, the copy is compared with what was read. */
  readonly sha1?: string | undefined;
  /** Bytes from an offset to the end. */
  read(offset: number): AsyncIterable<Uint8Array>;
}

export const fileSource = (path: string): CopySource => ({
  name: basename(path),
  size: statSync(path).size,
  read: (start) => createReadStream(path, { start, highWaterMark: 1 << 20 }),
});

export const sha1OfSource = async (source: Pick<CopySource, 'read'>): Promise<string> => {
  const hash = createHash('sha1');
  for await (const bytes of source.read(0)) hash.update(bytes);
  return hash.digest('hex');
};

export const sha1OfFile = (path: string): Promise<string> => sha1OfSource(fileSource(path));

/** `.<name>.<pid>.sync.part`: the pid tells whether its writer still lives. */
const PARTIAL = /^\.(.+)\.(\d+)\.sync\.part$/s;
const shortName = (target: string): string => basename(target).slice(0, 200);

/** What a copy that was interrupted left, taken over by renaming it: only one process gets it. */
const takeOver = (target: string, own: string): boolean => {
  for (const left of readdirSync(dirname(target))) {
    const [, name, pid] = PARTIAL.exec(left) ?? [];
    if (name !== shortName(target) || (Number(pid) !== process.pid && exists(Number(pid)))) continue;
    try {
      renameSync(join(dirname(target), left), own);
      return true;
    } catch {
      // Another process was faster.
    }
  }
  return false;
};

const writeAll = async (file: FileHandle, bytes: Uint8Array, at: number): Promise<void> => {
  for (let done = 0; done < bytes.length; ) {
    done += (await file.write(bytes, done, bytes.length - done, at + done)).bytesWritten;
  }
};

const flushDirectory = async (path: string): Promise<void> => {
  const directory = await open(path, 'r');
  try {
    await directory.sync();
  } catch (error) {
    // Some network file systems cannot flush a directory; the file itself is safe.
    if (!['EINVAL', 'ENOTSUP'].includes((error as NodeJS.ErrnoException).code ?? '')) throw error;
  } finally {
    await directory.close();
  }
};

/**
 * Copies a file into place: readers see none or the whole of it. What an interrupted copy left is gone on with. The
 * bytes on disk are read again and compared by SHA-1 before the file gets its name.
 *
 * @param onBytes  told of bytes as they come, those of an earlier attempt included
 * @throws CliError when the source ends early or the sums differ
 */
export const copyInto = async (
  source: CopySource,
  target: string,
  onBytes: (count: number) => void = () => undefined,
): Promise<void> => {
  const directory = dirname(target);
  mkdirSync(directory, { recursive: true });
  const partial = join(directory, `.${shortName(target)}.${process.pid}.sync.part`);
  const isResumed = takeOver(target, partial);
  const file = await open(partial, isResumed ? 'r+' : 'wx+');
  try {
    const read = createHash('sha1');
    const { size } = await file.stat();
    let at = size > source.size ? 0 : size;
    await file.truncate(at);
    onBytes(at);
    for await (const bytes of source.read(at)) {
      if (!isResumed && source.sha1 === undefined) read.update(bytes);
      await writeAll(file, bytes, at);
      at += bytes.length;
      onBytes(bytes.length);
    }
    if (at !== source.size) {
      const message = `${source.name}: ${at} bytes came, ${source.size} were announced; run it again`;
      throw new CliError(1, message);
    }
    await file.sync();
    const expected = source.sha1 ?? (isResumed ? await sha1OfSource(source) : read.digest('hex'));
    const found = await sha1OfFile(partial);
    if (found !== expected) {
      rmSync(partial, { force: true });
      const message = `${source.name}: the copy has the sha1sum ${found}, expected ${expected}; run it again`;
      throw new CliError(1, message);
    }
    renameSync(partial, target);
  } finally {
    await file.close();
  }
  await flushDirectory(directory);
};
