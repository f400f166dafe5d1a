import { entriesAfter } from './history.ts';

/** SHA-1 of the references that were ingested. */
export interface Checksums {
  /** Undefined for a file that was in the cache before there was a history. */
  of(file: string): string | undefined;
}

/** Checksums as the history of a cache tells them; read once, and on when it has grown. */
export const ingestedChecksums = (path: string): Checksums => {
  const known = new Map<string, string>();
  let read = 0;
  return {
    of(file) {
      if (!known.has(file)) {
        for (const { serial, references } of entriesAfter(path, read)) {
          for (const reference of references) known.set(reference.file, reference.sha1);
          read = serial;
        }
      }
      return known.get(file);
    },
  };
};
