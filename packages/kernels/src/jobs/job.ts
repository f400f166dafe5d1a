import type { ErrorRecord } from '../errors.ts';
import type { AddJob } from './add.ts';
import type { ChainJob } from './chain.ts';
import type { MapJob } from './map.ts';
import type { RampJob } from './ramp.ts';
import type { ReadJob } from './read.ts';
import type { SampleJob } from './sample.ts';

export type Job = AddJob | ChainJob | MapJob | RampJob | ReadJob | SampleJob;

/** What a job's code finds in a worker thread. */
export interface Bench {
  readonly kernels: import('../wasm.ts').Kernels;
  readonly worker: number;
  /** Fresh view of the shared memory. */
  bytes(ptr: number, length: number): Uint8Array;
  floats(ptr: number, length: number): Float64Array;
  /** Next tile, or -1 when none is left or another worker has failed. */
  claim(tiles: number): number;
}

export interface Request {
  readonly job: Job;
  /** Length of the memory that the job's addresses need. */
  readonly memoryBytes: number;
}

export interface Reply {
  readonly error?: ErrorRecord;
}
