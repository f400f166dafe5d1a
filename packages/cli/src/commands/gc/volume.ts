import { type Dirent, lstatSync, readdirSync } from 'node:fs';
import { join } from 'node:path';

export const DAY_MS = 24 * 3600 * 1000;

/** Depth of the deepest directory of a night. */
const MAX_DEPTH = 6;

const list = (directory: string): Dirent[] => {
  try {
    return readdirSync(directory, { withFileTypes: true });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw error;
  }
};

/** Nights of a data directory: `20310314`. */
export const nightsOf = (data: string): string[] =>
  list(data)
    .filter((entry) => entry.isDirectory() && /^\d{8}$/.test(entry.name))
    .map(({ name }) => name)
    .sort();

/** Midnight at the end of a UT date, ms since 1970; NaN for no date. */
export const endOfNight = (night: string): number =>
  Date.parse(`${night.slice(0, 4)}-${night.slice(4, 6)}-${night.slice(6)}T00:00:00Z`) + DAY_MS;

/** Regular files below a directory; links are neither followed nor listed. */
export function* filesBelow(directory: string, depth = 0): Generator<string> {
  for (const entry of list(directory)) {
    const path = join(directory, entry.name);
    if (entry.isFile()) yield path;
    else if (entry.isDirectory() && depth < MAX_DEPTH) yield* filesBelow(path, depth + 1);
  }
}

/** Last change of content or place, ms since 1970; undefined when the file is gone. */
export const changedAt = (path: string): number | undefined => {
  const stat = lstatSync(path, { throwIfNoEntry: false });
  return stat?.isFile() ? Math.max(stat.mtimeMs, stat.ctimeMs) : undefined;
};
