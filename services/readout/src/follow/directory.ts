import { readdirSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import type { Header } from '@iris-drs/fits';
import { positive } from '../telemetry.ts';

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

/** Reads that a header promises. */
export interface PromisedReads {
  readonly ramps: number;
  readonly reads: number;
}

/** Reads that a header promises for the exposure; undefined when it does not. */
export const promisedBy = (header: Header): PromisedReads | undefined => {
  const reads = positive(header, 'NREADS') ?? positive(header, 'NGROUPS');
  return reads === undefined ? undefined : { ramps: positive(header, 'NINTS') ?? 1, reads };
};

/**
 * Whether nothing more is to be expected: the promised reads are there, or the last of them is. One that lacks in the
 * middle, with later ones there, was lost, as reads are taken in order.
 */
export const isWhole = (paths: readonly string[], promised: PromisedReads | undefined): boolean => {
  if (!promised) return true;
  const { ramps, reads } = promised;
  if (paths.length >= ramps * reads) return true;
  const places = paths.flatMap((path) => placeOf(path) ?? []);
  const from = (of: (place: ReadPlace) => number): number => Math.min(...places.map(of));
  const [firstRamp, firstRead] = [from(({ ramp }) => ramp), from(({ read }) => read)];
  return places.some(({ ramp, read }) => ramp - firstRamp === ramps - 1 && read - firstRead === reads - 1);
};
