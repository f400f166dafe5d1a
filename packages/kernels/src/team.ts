import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { Worker } from 'node:worker_threads';
import { fromRecord, KernelsError } from './errors.ts';
import type { Job, Reply, Request } from './jobs/job.ts';
import { COUNTER } from './pool.ts';
import type { WorkerStart } from './wasm.ts';
import { type SharedMemory, WebAssembly } from './webassembly.ts';

/** Worker threads over one shared memory. Jobs run one after the other, each on all threads that it can feed. */
export interface Team {
  readonly threads: number;
  run(job: Job, tiles: number): Promise<void>;
  close(): Promise<void>;
}

const here = import.meta.url;
/** This file runs from its source or compiled; the worker stands beside it in the same form. */
const workerUrl = new URL(here.endsWith('.ts') ? './worker.ts' : './worker.js', here);
const moduleUrl = new URL('../build/kernels.wasm', here);

const moduleBytes = (): Uint8Array => {
  try {
    return readFileSync(moduleUrl);
  } catch (cause) {
    const path = fileURLToPath(moduleUrl);
    throw new KernelsError(
      'NotBuilt',
      `${path} could not be read; make it with \`node tools/generate.mjs\``,
      { path },
      { cause },
    );
  }
};

interface Member {
  readonly worker: Worker;
  settle: ((error: KernelsError | undefined) => void) | undefined;
}

export const startTeam = async (memory: SharedMemory, threads: number): Promise<Team> => {
  const module = await WebAssembly.compile(moduleBytes());
  let broken: KernelsError | undefined;
  const members: Member[] = [];

  const fail = (error: KernelsError): void => {
    broken ??= error;
    for (const member of members) member.settle?.(error);
  };

  for (let i = 0; i < threads; i++) {
    const workerData: WorkerStart = { module, memory, worker: i };
    // The worker imports nothing by package name, so it needs none of the process's own flags.
    const worker = new Worker(workerUrl, { workerData, name: `kernels-${i}`, execArgv: [] });
    const member: Member = { worker, settle: undefined };
    worker.on('message', ({ error }: Reply) => member.settle?.(error && fromRecord(error)));
    worker.on('error', (cause) =>
      fail(new KernelsError('WorkerFailed', `a tile worker died: ${String(cause)}`, {}, { cause })),
    );
    worker.on('exit', (code) =>
      fail(broken ?? new KernelsError('WorkerFailed', `a tile worker ended with code ${code}`)),
    );
    worker.unref();
    members.push(member);
  }

  const ask = (member: Member, request: Request): Promise<KernelsError | undefined> =>
    new Promise((resolve) => {
      member.settle = (error) => {
        member.settle = undefined;
        member.worker.unref();
        resolve(error);
      };
      // Only a thread with work keeps the process alive.
      member.worker.ref();
      member.worker.postMessage(request);
    });

  const runNow = async (job: Job, tiles: number): Promise<void> => {
    if (broken) throw broken;
    Atomics.store(new Int32Array(memory.buffer, COUNTER, 1), 0, 0);
    const request: Request = { job, memoryBytes: memory.buffer.byteLength };
    const busy = members.slice(0, Math.max(1, Math.min(threads, tiles)));
    const errors = await Promise.all(busy.map((member) => ask(member, request)));
    const error = errors.find((found) => found !== undefined);
    if (error) throw error;
  };

  let last: Promise<unknown> = Promise.resolve();
  const run = (job: Job, tiles: number): Promise<void> => {
    const next = last.then(() => runNow(job, tiles));
    last = next.catch(() => undefined);
    return next;
  };

  return {
    threads,
    run,
    async close() {
      await last;
      broken ??= new KernelsError('Closed', 'the engine is closed; open a new one');
      await Promise.all(members.map((member) => member.worker.terminate()));
    },
  };
};
