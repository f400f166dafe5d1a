import { randomBytes } from 'node:crypto';
import {
  closeSync,
  fsyncSync,
  linkSync,
  lstatSync,
  mkdirSync,
  openSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { CrdsError } from '../errors.ts';
import { cacheChanged } from './changes.ts';

const FULL = ['ENOSPC', 'EDQUOT', 'EFBIG'];
const REFUSED = ['EACCES', 'EROFS', 'EPERM', 'ENOTSUP', 'EOPNOTSUPP'];

/** @throws CrdsError CacheFull for a disk without room, CacheReadOnly for one that refuses, anything else as it is */
export const explainWrite = (error: unknown, what: string, directory: string): never => {
  const { code = '' } = error as NodeJS.ErrnoException;
  if (FULL.includes(code)) {
    const message = `${what} could not be written: no room is left in ${directory} (${code}). Nothing was changed; make room and try again.`;
    throw new CrdsError('CacheFull', message, { file: what, cause: error });
  }
  if (REFUSED.includes(code)) {
    const message = `${what} could not be written: ${directory} refuses it (${code}). Nothing was changed; the cache must be writable, on a file system that knows hard links.`;
    throw new CrdsError('CacheReadOnly', message, { file: what, cause: error });
  }
  throw error;
};

/** Makes the names in a directory last. Some network file systems cannot; the files themselves are safe. */
const syncDirectory = (path: string): void => {
  const fd = openSync(path, 'r');
  try {
    fsyncSync(fd);
  } catch (error) {
    if (!['EINVAL', 'ENOTSUP'].includes((error as NodeJS.ErrnoException).code ?? '')) throw error;
  } finally {
    closeSync(fd);
  }
};

/** Makes a directory and those above it, for good. @throws CrdsError CacheFull, CacheReadOnly */
export const makeDirectory = (path: string): void => {
  if (statSync(path, { throwIfNoEntry: false })?.isDirectory()) return;
  makeDirectory(dirname(path));
  try {
    // One by one: Node's `recursive` says ENOENT for a disk that cannot be written.
    mkdirSync(path);
    syncDirectory(dirname(path));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST')
      explainWrite(error, basename(path), dirname(path));
  }
};

/**
 * Gives a complete file a second name, unless that name is taken: the one step that two writers cannot both do, over
 * NFS too. There the answer may be lost and the retry say EEXIST, so the inode decides.
 *
 * @returns false when the name is taken by another file
 */
export const linkExclusively = (from: string, to: string): boolean => {
  try {
    linkSync(from, to);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'EXDEV') throw error;
    if (code !== 'EEXIST') return explainWrite(error, basename(to), dirname(to));
    if (lstatSync(to, { throwIfNoEntry: false })?.ino !== statSync(from).ino) return false;
  }
  syncDirectory(dirname(to));
  cacheChanged();
  return true;
};

/** A text that lies on disk under a hidden name, waiting for its own. */
export interface StagedText {
  /** `same`: the name is taken by a file of the same bytes. */
  commit(): 'made' | 'same' | 'taken';
  /** Removes the hidden name; needed after `commit` too. */
  discard(): void;
}

/** Writes and flushes a small file beside `path`. @throws CrdsError CacheFull, CacheReadOnly */
export const stageText = (path: string, text: string): StagedText => {
  const bytes = Buffer.from(text);
  const partial = join(dirname(path), `.${basename(path)}.${randomBytes(6).toString('hex')}.part`);
  const discard = (): void => rmSync(partial, { force: true });
  try {
    const fd = openSync(partial, 'wx');
    try {
      writeFileSync(fd, bytes);
      fsyncSync(fd);
    } finally {
      closeSync(fd);
    }
  } catch (error) {
    discard();
    explainWrite(error, basename(path), dirname(path));
  }
  return {
    commit() {
      if (linkExclusively(partial, path)) return 'made';
      return readFileSync(path).equals(bytes) ? 'same' : 'taken';
    },
    discard,
  };
};
