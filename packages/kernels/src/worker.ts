/** A tile worker: instantiates the module over the shared memory and runs the jobs it is sent, one at a time. */
import { setPriority } from 'node:os';
import { parentPort, workerData } from 'node:worker_threads';
import { KernelsError, toRecord } from './errors.ts';
import { runAdd } from './jobs/add.ts';
import { runChain } from './jobs/chain.ts';
import type { Bench, Job, Reply, Request } from './jobs/job.ts';
import { runMap } from './jobs/map.ts';
import { runRamp } from './jobs/ramp.ts';
import { runRead } from './jobs/read.ts';
import { runSample } from './jobs/sample.ts';
import type { Kernels, WorkerStart } from './wasm.ts';
import { WebAssembly } from './webassembly.ts';

/** Beyond any number of tiles, with room for the other workers' increments. */
const STOP = 2 ** 30;

const { module, memory, worker, counter: counterAt } = workerData as WorkerStart;
const port = parentPort;
if (!port) throw new KernelsError('WorkerFailed', 'worker.ts was started as a main program');

/** Threads that compute let those go first that hand pieces to the disk or answer the bus: 5 % for a frame in Image2Pipeline. */
const NICE = 5;

// Linux has a priority for each thread, others have one for the process.
if (process.platform === 'linux') {
  try {
    setPriority(NICE);
  } catch {
    // A sandbox that forbids it.
  }
}

const abort = (): never => {
  throw new KernelsError('WorkerFailed', 'a kernel aborted');
};
const instance = new WebAssembly.Instance(module, { env: { memory, abort } });
const kernels = instance.exports as unknown as Kernels;
let counter = new Int32Array(memory.buffer, counterAt, 1);

const bench: Bench = {
  kernels,
  worker,
  bytes: (ptr, length) => new Uint8Array(memory.buffer, ptr, length),
  floats: (ptr, length) => new Float64Array(memory.buffer, ptr, length),
  claim(tiles) {
    const tile = Atomics.add(counter, 0, 1);
    return tile < tiles ? tile : -1;
  },
};

const run = (job: Job): void => {
  if (job.kind === 'map') runMap(job, bench);
  else if (job.kind === 'chain') runChain(job, bench);
  else if (job.kind === 'read') runRead(job, bench);
  else if (job.kind === 'sample') runSample(job, bench);
  else if (job.kind === 'add') runAdd(job, bench);
  else runRamp(job, bench);
};

port.on('message', ({ job, memoryBytes }: Request) => {
  let reply: Reply = {};
  // Another thread's growth shows in this thread's `buffer` only after a growth, by nothing, of its own.
  if (memory.buffer.byteLength < memoryBytes) memory.grow(0);
  counter = new Int32Array(memory.buffer, counterAt, 1);
  try {
    run(job);
  } catch (error) {
    Atomics.store(counter, 0, STOP);
    reply = { error: toRecord(error) };
  }
  port.postMessage(reply);
});
