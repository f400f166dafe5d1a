import { availableParallelism } from 'node:os';
import { extname } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { Worker } from 'node:worker_threads';
import { type BandJob, performBand } from './bands.ts';
import type { PartialSum } from './encode.ts';
import { SimulatorError } from './errors.ts';

/** Threads that work out bands of rows. What they make does not depend on how many they are. */
export interface Crew {
  readonly size: number;
  perform(job: BandJob): Promise<PartialSum[]>;
  close(): Promise<void>;
}

interface Answer {
  readonly id: number;
  readonly sums?: PartialSum[];
  readonly error?: unknown;
}

/**
 * @param threads  worker threads; 0 works in the calling thread, for small detectors
 */
export function openCrew(threads: number = Math.min(availableParallelism(), 8)): Crew {
  if (threads === 0) {
    const perform = async (job: BandJob) => {
      await setImmediate();
      return performBand(job);
    };
    return { size: 1, perform, close: async () => {} };
  }
  const waiting = new Map<number, { resolve(sums: PartialSum[]): void; reject(error: unknown): void }>();
  const refuseAll = (cause: unknown) => {
    const error = new SimulatorError('WorkerFailed', 'a worker thread of the simulator ended', undefined, {
      cause,
    });
    for (const { reject } of waiting.values()) reject(error);
    waiting.clear();
  };
  // The same file, .ts as a source and .js when built.
  const file = new URL(`./worker${extname(import.meta.url)}`, import.meta.url);
  const workers = Array.from({ length: threads }, () => {
    const worker = new Worker(file);
    worker.on('message', ({ id, sums, error }: Answer) => {
      const promise = waiting.get(id);
      waiting.delete(id);
      if (sums) promise?.resolve(sums);
      else promise?.reject(error);
    });
    worker.on('error', refuseAll);
    return worker;
  });
  let next = 0;
  return {
    size: threads,
    perform: (job) =>
      new Promise((resolve, reject) => {
        const id = next++;
        waiting.set(id, { resolve, reject });
        workers[id % threads]!.postMessage({ id, job });
      }),
    async close() {
      await Promise.all(workers.map((worker) => worker.terminate()));
      if (waiting.size > 0) refuseAll(undefined);
    },
  };
}
