import { readdirSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';

/** `<stem>_<ramp>_<read>_<suffix>.fits`, as the files of single reads are called. */
const READ_FILE = /^(.+)_(\d+)_(\d+)(_[a-z]+)?\.fits$/i;

export interface ReadPlace {
  readonly ramp: number;
  readonly read: number;
}

/** Ramp and read that a file's name tells; undefined for other names. */
export const placeOf = (path: string): ReadPlace | undefined => {
  const match = READ_FILE.exec(basename(path));
  return match ? { ramp: Number(match[2]), read: Number(match[3]) } : undefined;
};

/** Files beside the first read that are reads of the same exposure by their names; hidden and partial ones are not. */
export const scanReads = (first: string): string[] => {
  const match = READ_FILE.exec(basename(first));
  if (!match) return [first];
  const [, stem, , , suffix = ''] = match;
  const directory = dirname(first);
  return readdirSync(directory)
    .filter((name) => {
      const other = READ_FILE.exec(name);
      return other?.[1] === stem && (other?.[4] ?? '') === suffix;
    })
    .map((name) => join(directory, name));
};
