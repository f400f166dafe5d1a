import { statSync } from 'node:fs';
import type { Closable } from './step.ts';

/**
 * Opened references by path, so that a service reads a dark once and not once a frame. Least recently used ones
 * are closed when more than `capacity` are open; one that is in use is never closed under its user.
 */
export interface ReferenceCache {
  /** Opens or reuses; the lease keeps it open until disposed. A file that changed on disk is read again. */
  lease<R extends Closable>(
    path: string,
    open: (path: string) => Promise<R>,
    variant?: string,
  ): Promise<Lease<R>>;
  /** Closes every reference that is not in use; their memory is free when it returns. */
  trim(): Promise<void>;
  close(): void;
}

export interface Lease<R> extends Disposable {
  readonly value: R;
}

interface Entry {
  readonly key: string;
  readonly path: string;
  /** Changes with the file. */
  readonly stamp: string;
  readonly value: Promise<Closable>;
  users: number;
  used: number;
  /** Closed when its last user is done. */
  stale: boolean;
}

// Not from Node's threads, where it would wait behind the pieces of a frame on their way to the disk.
const stampOf = (path: string): string => {
  const { mtimeNs, size, ino } = statSync(path, { bigint: true });
  return `${mtimeNs} ${size} ${ino}`;
};

export const createReferenceCache = (capacity: number): ReferenceCache => {
  const entries = new Set<Entry>();
  let clock = 0;

  const drop = (entry: Entry): Promise<void> => {
    entries.delete(entry);
    return entry.value.then((value) => value.close()).catch(() => undefined);
  };
  const idle = (): Entry[] => [...entries].filter(({ users }) => users === 0).sort((a, b) => a.used - b.used);
  const evict = (): void => {
    for (const entry of idle().filter(({ stale }) => stale)) void drop(entry);
    for (const entry of idle().slice(0, Math.max(0, entries.size - capacity))) void drop(entry);
  };
  const entryOf = (
    path: string,
    stamp: string,
    variant: string,
    open: (path: string) => Promise<Closable>,
  ): Entry => {
    for (const entry of entries) if (entry.path === path && entry.stamp !== stamp) entry.stale = true;
    evict();
    const key = `${path}\0${stamp}\0${variant}`;
    const known = [...entries].find((entry) => entry.key === key);
    if (known) return known;
    const entry = { key, path, stamp, value: open(path), users: 0, used: 0, stale: false };
    entries.add(entry);
    entry.value.catch(() => entries.delete(entry));
    return entry;
  };

  return {
    async lease<R extends Closable>(path: string, open: (path: string) => Promise<R>, variant = '') {
      const entry = entryOf(path, stampOf(path), variant, open);
      entry.users += 1;
      entry.used = ++clock;
      let held = true;
      const release = (): void => {
        if (!held) return;
        held = false;
        entry.users -= 1;
        evict();
      };
      try {
        return { value: (await entry.value) as R, [Symbol.dispose]: release };
      } catch (error) {
        release();
        throw error;
      }
    },
    async trim() {
      await Promise.all(idle().map(drop));
    },
    close() {
      for (const entry of [...entries]) void drop(entry);
    },
  };
};
