import { parentPort } from 'node:worker_threads';
import { type BandJob, performBand } from './bands.ts';

parentPort?.on('message', ({ id, job }: { id: number; job: BandJob }) => {
  try {
    parentPort?.postMessage({ id, sums: performBand(job) });
  } catch (error) {
    parentPort?.postMessage({ id, error });
  }
});
