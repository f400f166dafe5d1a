import { closeSync, openSync, readSync, statSync } from 'node:fs';
import { CrdsError } from '../errors.ts';

const POINTER = 'version https://git-lfs.github.com/spec/';

/** True for a name of a file in a cache: no path, nothing hidden, no characters that mean something elsewhere. */
const isSafeName = (name: string): boolean => /^[A-Za-z0-9_][A-Za-z0-9._+\- ]{0,127}$/.test(name);

/** @throws CrdsError UnsafeName for anything but a plain file name */
export const assertSafeName = (name: string): void => {
  if (isSafeName(name)) return;
  const shown = JSON.stringify(name.slice(0, 200));
  throw new CrdsError(
    'UnsafeName',
    `${shown} is no file name of a CRDS cache; give a plain name without a path.`,
    {
      file: name,
    },
  );
};

/** True for a name of a .pmap, .imap or .rmap. */
export const isMappingName = (name: string): boolean => /\.[pir]map$/.test(name);

/** Size in bytes of a regular file; undefined when there is none. */
export const fileSize = (path: string): number | undefined => {
  const stat = statSync(path, { throwIfNoEntry: false });
  return stat?.isFile() ? stat.size : undefined;
};

/**
 * Refuses what git leaves in the place of a large file that was never fetched.
 * @throws CrdsError ReferenceIsPointer
 */
export const assertNoPointer = (path: string, file: string): void => {
  const stat = statSync(path, { throwIfNoEntry: false });
  // Opening a named pipe would wait for a writer; who reads the file says that it is none.
  if (stat && (!stat.isFile() || stat.size > 1024)) return;
  const size = stat?.size ?? 0;
  const fd = openSync(path, 'r');
  try {
    const head = Buffer.alloc(size);
    readSync(fd, head, 0, size, 0);
    const text = head.toString('latin1');
    if (!text.startsWith(POINTER)) return;
    const bytes = /^size (\d+)$/m.exec(text)?.[1] ?? 'unknown';
    throw new CrdsError(
      'ReferenceIsPointer',
      `${path} is a git-lfs pointer (${size} bytes), not ${file} itself (${bytes} bytes). ` +
        'Fetch it with `git lfs pull` in the cache.',
      { file },
    );
  } finally {
    closeSync(fd);
  }
};
