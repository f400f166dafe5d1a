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

/** Files that are being written; they go when the process ends meanwhile, by a signal that it listens to, say. */
const unfinished = new Set<string>();
const removeUnfinished = (): void => {
  for (const partial of unfinished) rmSync(partial, { force: true });
};
const finished = (partial: string): void => {
  unfinished.delete(partial);
  if (unfinished.size === 0) process.off('exit', removeUnfinished);
};

/** The error, with the file's name where the system told of a descriptor only. */
const named = (error: unknown, path: string): unknown => {
  if (!(error instanceof Error)) return error;
  const { syscall, path: known } = error as NodeJS.ErrnoException;
  if (known !== undefined || !['write', 'ftruncate', 'fsync'].includes(syscall ?? '')) return error;
  return Object.assign(error, { path, message: `${error.message} '${path}'` });
};

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
    abandonPartial(file, path, error);
  }
  commitPartial(file, path);
  return result;
}

export function openPartial(path: string, options: AtomicOptions = {}): PartialFile {
  // Names may be 255 bytes long; the partial one must not be longer.
  const name = basename(path).slice(0, 200);
  const partial = join(dirname(path), `.${name}.${randomBytes(6).toString('hex')}.part`);
  const fd = openSync(partial, 'wx+', options.mode ?? 0o666);
  if (unfinished.size === 0) process.on('exit', removeUnfinished);
  unfinished.add(partial);
  return { fd, partial };
}

/** Takes the file away and throws what kept it from being finished. */
export function abandonPartial({ fd, partial }: PartialFile, path: string, error: unknown): never {
  try {
    closeSync(fd);
  } finally {
    rmSync(partial, { force: true });
    finished(partial);
  }
  throw named(error, path);
}

export function commitPartial(file: PartialFile, path: string): void {
  try {
    fsyncSync(file.fd);
    renameSync(file.partial, path);
  } catch (error) {
    abandonPartial(file, path, error);
  }
  finished(file.partial);
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
