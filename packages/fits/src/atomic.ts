import { randomBytes } from 'node:crypto';
import { closeSync, fsync, fsyncSync, openSync, renameSync, rmSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { promisify } from 'node:util';

export interface AtomicOptions {
  /** Permissions of the file, before the umask; default 0o666. */
  readonly mode?: number;
}

export interface PartialFile {
  readonly fd: number;
  readonly partial: string;
}

/**
 * Write a file so that its name never shows anything unfinished: the bytes go to
 * `.<name>.<random>.part` beside it, are flushed to disk, and the file is renamed into place.
 * On any error the partial file is removed and the old file, if any, stays as it was.
 *
 * @param write  writes to `fd`; must not close it
 */
export async function writeAtomically<T>(
  path: string,
  write: (fd: number, partial: string) => Promise<T> | T,
  options: AtomicOptions = {},
): Promise<T> {
  const file = openPartial(path, options);
  let result: T;
  try {
    result = await write(file.fd, file.partial);
    // Waits here without holding up the event loop; the commit then finds nothing left to flush.
    await promisify(fsync)(file.fd);
  } catch (error) {
    discardPartial(file);
    throw error;
  }
  commitPartial(file, path);
  return result;
}

export function openPartial(path: string, options: AtomicOptions = {}): PartialFile {
  // Names may be 255 bytes long; the partial one must not be longer.
  const name = basename(path).slice(0, 200);
  const partial = join(dirname(path), `.${name}.${randomBytes(6).toString('hex')}.part`);
  return { fd: openSync(partial, 'wx+', options.mode ?? 0o666), partial };
}

export function discardPartial({ fd, partial }: PartialFile): void {
  try {
    closeSync(fd);
  } finally {
    rmSync(partial, { force: true });
  }
}

export function commitPartial(file: PartialFile, path: string): void {
  try {
    fsyncSync(file.fd);
    renameSync(file.partial, path);
  } catch (error) {
    discardPartial(file);
    throw error;
  }
  closeSync(file.fd);
  const directory = openSync(dirname(path), 'r');
  try {
    fsyncSync(directory);
  } catch (error) {
    // Some network file systems cannot flush a directory; the file itself is safe.
    if (!['EINVAL', 'ENOTSUP'].includes((error as NodeJS.ErrnoException).code ?? '')) throw error;
  } finally {
    closeSync(directory);
  }
}
