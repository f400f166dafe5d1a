import { lstatSync, realpathSync, statSync } from 'node:fs';
import { statfs } from 'node:fs/promises';
import { basename, dirname, isAbsolute, join, relative, sep } from 'node:path';
import { BusError } from './errors.ts';

/** The directory tree that all stages share ($DRS_DATA). Nothing outside its real path is read or written. */
export interface Volume {
  /** Real path of the root. */
  readonly root: string;
  /**
   * Absolute real path of a file named in a message: relative to the root, or absolute inside it. The file need not
   * exist yet.
   * @throws BusError VOLUME_OUTSIDE when it leads out of the root: by `..`, by a symbolic link or as it stands
   */
  resolve(path: string): string;
  /** As `resolve`, for a file that must be there. @throws BusError VOLUME_MISSING, VOLUME_OUTSIDE */
  existing(path: string): string;
  /** Path relative to the root with forward slashes, as messages carry it. @throws BusError VOLUME_OUTSIDE */
  toRelative(path: string): string;
  /** Free bytes for an unprivileged writer. */
  freeBytes(): Promise<number>;
}

const refuse = (path: string, root: string, where: string): BusError =>
  new BusError(
    'VOLUME_OUTSIDE',
    path,
    `'${path}' is ${where}; files must be inside the volume ${root}. Put the file there, or start with --data on the directory that holds it.`,
  );

const present = (path: string): boolean => {
  try {
    lstatSync(path);
    return true;
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'ENOTDIR') return false;
    throw error;
  }
};

/** Real path of the deepest part that exists, with the rest appended; links that lead nowhere count as outside. */
const realPathOf = (path: string, root: string, named: string): string => {
  const rest: string[] = [];
  let at = path;
  while (!present(at)) {
    rest.unshift(basename(at));
    at = dirname(at);
  }
  try {
    return join(realpathSync(at), ...rest);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'ELOOP')
      throw refuse(named, root, 'a symbolic link that leads nowhere');
    throw error;
  }
};

const within = (path: string, root: string): boolean =>
  path === root || path.startsWith(root === sep ? sep : root + sep);

/** Opens the volume at `root`. @throws BusError VOLUME_ROOT when it is not a directory */
export const openVolume = (root: string): Volume => {
  let real: string;
  try {
    real = realpathSync(root);
    if (!statSync(real).isDirectory()) throw new Error('it is not a directory');
  } catch (error) {
    throw new BusError(
      'VOLUME_ROOT',
      root,
      `the data volume '${root}' cannot be used: ${(error as Error).message}. Create the directory or set DRS_DATA to one.`,
      error,
    );
  }

  const resolve = (path: string): string => {
    if (path === '' || path.includes('\0')) throw refuse(path, real, 'empty or holds a NUL');
    // Lexical `..` is judged before links are followed: a/../b must not depend on what `a` is.
    const joined = isAbsolute(path) ? join(path) : join(real, path);
    if (!isAbsolute(path) && !within(joined, real)) throw refuse(path, real, 'above the volume root');
    const found = realPathOf(joined, real, path);
    if (!within(found, real)) throw refuse(path, real, `outside (its real path is '${found}')`);
    return found;
  };

  return {
    root: real,
    resolve,
    existing(path) {
      const found = resolve(path);
      if (!present(found)) {
        throw new BusError('VOLUME_MISSING', path, `there is no file '${path}' on the volume ${real}.`);
      }
      return found;
    },
    toRelative: (path) => relative(real, resolve(path)).split(sep).join('/'),
    async freeBytes() {
      const { bavail, bsize } = await statfs(real);
      return bavail * bsize;
    },
  };
};
