import { spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, fsyncSync, openSync, readSync } from 'node:fs';
import { Worker } from 'node:worker_threads';
import { type Contender, timed } from './compare.ts';

const here = import.meta.url;
const workerUrl = new URL(here.endsWith('.ts') ? './worker.ts' : './worker.js', here);

const PIECE = 2 ** 18;

export interface Reading extends Contender {
  close(): Promise<void>;
}

/** Reading the first bytes of a file and nothing else, each thread its share. */
export const reading = (path: string, bytes: number, threads: number): Reading => {
  const share = Math.ceil(bytes / threads);
  const workers = Array.from({ length: threads }, (_, i) => {
    const workerData = { path, from: i * share, to: Math.min(bytes, (i + 1) * share), piece: PIECE };
    return new Worker(workerUrl, { workerData, execArgv: [] });
  });
  return {
    ...timed(`reading the same bytes, ${threads} threads`, () =>
      Promise.all(
        workers.map((worker) => {
          worker.postMessage(0);
          return once(worker, 'message');
        }),
      ),
    ),
    async close() {
      await Promise.all(workers.map((worker) => worker.terminate()));
    },
  };
};

/** Brings a file into the page cache. */
export const readThrough = (path: string): void => {
  const piece = Buffer.allocUnsafe(2 ** 20);
  const fd = openSync(path, 'r');
  try {
    while (readSync(fd, piece) > 0);
  } finally {
    closeSync(fd);
  }
};

/** Reading them as a program does that wants them: into memory of its own, in one go. */
export const readingToKeep = (path: string, bytes: number): Contender =>
  timed('reading the same bytes into new memory, one thread', () => {
    const fd = openSync(path, 'r');
    try {
      const all = Buffer.allocUnsafeSlow(bytes);
      for (let done = 0; done < bytes; ) done += readSync(fd, all, done, bytes - done, done);
    } finally {
      closeSync(fd);
    }
  });

/** Takes a file out of the page cache. @returns false where the system has no command for it (GNU dd) */
export const dropFromCache = (path: string): boolean => {
  // What is still to be written stays in the cache.
  const fd = openSync(path, 'r+');
  fsyncSync(fd);
  closeSync(fd);
  const words = [`if=${path}`, 'iflag=nocache', 'count=0', 'status=none'];
  return spawnSync('dd', words, { stdio: 'ignore' }).status === 0;
};

/** The same with a file of which the page cache holds nothing when it begins. */
export const fromDisk = ({ name, run }: Contender, path: string): Contender => ({
  name: `${name}, not in the page cache`,
  run() {
    dropFromCache(path);
    return run();
  },
});

const MOST_COPIED = 2 ** 28;

/** Copying as many bytes in memory, one thread. */
export const copying = (bytes: number): Contender => {
  const source = new Uint8Array(Math.min(bytes, MOST_COPIED)).fill(1);
  const target = new Uint8Array(source.length);
  return timed('memcpy of the same bytes', () => {
    for (let left = bytes; left > 0; left -= source.length) {
      target.set(left < source.length ? source.subarray(0, left) : source);
    }
  });
};
