import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { Worker } from 'node:worker_threads';
import { fromRecord, KernelsError } from './errors.ts';
import type { Job, Reply, Request } from './jobs/job.ts';
import type { WorkerStart } from './wasm.ts';
import { type SharedMemory, type WasmModule, WebAssembly } from './webassembly.ts';

/** Worker threads over one shared memory. Jobs run one after the other, each on all threads that it can feed. */
export interface Team {
  readonly threads: number;
  run(job: Job, tiles: number): Promise<void>;
  close(): Promise<void>;
}

const here = import.meta.url;
/** This file runs from its source or compiled; the worker stands beside it in the same form. */
const workerUrl = new URL(here.endsWith('.ts') ? './worker.ts' : './worker.js', here);

/** `relaxed` has multiply-add in one instruction; engines before V8 11.4 (Node 20) do not know it. */
export type Build = 'plain' | 'relaxed';

const moduleBytes = (build: Build): Uint8Array => {
  const url = new URL(`../build/${build === 'plain' ? 'kernels' : 'kernels-relaxed'}.wasm`, here);
  try {
    return readFileSync(url);
  } catch (cause) {
    const path = fileURLToPath(url);
    throw new KernelsError(
      'NotBuilt',
      `${path} could not be read; make it with \`node tools/generate.mjs\``,
      { path },
      { cause },
    );
  }
};

/** @param build  default the relaxed one where the JavaScript engine knows its instructions */
export const compileModule = (build?: Build): Promise<WasmModule> => {
  if (build) return WebAssembly.compile(moduleBytes(build));
  const bytes = moduleBytes('relaxed');
  return WebAssembly.compile(WebAssembly.validate(bytes) ? bytes : moduleBytes('plain'));
};

interface Member {
  readonly worker: Worker;
  settle: ((error: KernelsError | undefined) => void) | undefined;
}

/** @param counter  address of the tile counter: one for each team over the same memory */
export const startTeam = (
  module: WasmModule,
  memory: SharedMemory,
  threads: number,
  counter: number,
): Team => {
  let broken: KernelsError | undefined;
  const members: Member[] = [];

  const fail = (error: KernelsError): void => {
    broken ??= error;
    for (const member of members) member.settle?.(error);
  };

  for (let i = 0; i < threads; i++) {
    const workerData: WorkerStart = { module, memory, worker: i, counter };
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
    Atomics.store(new Int32Array(memory.buffer, counter, 1), 0, 0);
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
