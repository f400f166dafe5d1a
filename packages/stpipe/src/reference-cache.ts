import { stat } from 'node:fs/promises';
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
  close(): void;
}

export interface Lease<R> extends Disposable {
  readonly value: R;
}

interface Entry {
  readonly key: string;
  readonly value: Promise<Closable>;
  users: number;
  used: number;
}

const fileKey = async (path: string): Promise<string> => {
  const { mtimeMs, size, ino } = await stat(path);
  return `${path}\0${mtimeMs}\0${size}\0${ino}`;
};

export const createReferenceCache = (capacity: number): ReferenceCache => {
  const entries = new Map<string, Entry>();
  let clock = 0;

  const evict = (): void => {
    const idle = [...entries.values()].filter((entry) => entry.users === 0).sort((a, b) => a.used - b.used);
    for (const entry of idle.slice(0, Math.max(0, entries.size - capacity))) {
      entries.delete(entry.key);
      entry.value.then((value) => value.close()).catch(() => undefined);
    }
  };

  return {
    async lease<R extends Closable>(path: string, open: (path: string) => Promise<R>, variant = '') {
      const key = `${await fileKey(path)}\0${variant}`;
      let entry = entries.get(key);
      if (!entry) {
        entry = { key, value: open(path), users: 0, used: 0 };
        entries.set(key, entry);
        entry.value.catch(() => entries.delete(key));
      }
      const held = entry;
      held.users += 1;
      held.used = ++clock;
      const release = (): void => {
        held.users -= 1;
        evict();
      };
      try {
        const value = (await held.value) as R;
        evict();
        let open = true;
        return {
          value,
          [Symbol.dispose]: () => {
            if (open) release();
            open = false;
          },
        };
      } catch (error) {
        release();
        throw error;
      }
    },
    close() {
      for (const entry of entries.values()) {
        entry.value.then((value) => value.close()).catch(() => undefined);
      }
      entries.clear();
    },
  };
};
