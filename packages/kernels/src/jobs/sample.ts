import { type Feed, FRESH, feedTile } from './feed.ts';
import { openFiles } from './files.ts';
import type { Bench } from './job.ts';

/** Addresses and numbers for one `sample` call; see src/sample.ts. */
export interface SampleJob extends Feed {
  readonly kind: 'sample';
  /** Byte offset of the flags behind the sum in what the job keeps for itself. */
  readonly flagsAt: number;
  readonly gain: number;
  readonly gainValue: number;
  readonly readNoise: number;
  readonly readNoiseValue: number;
  readonly poissonFactor: number;
  readonly readNoiseFactor: number;
  readonly slope: number;
  readonly varPoisson: number;
  readonly varRnoise: number;
  readonly dq: number;
}

export const runSample = (job: SampleJob, bench: Bench): void => {
  const [ny, nx] = job.shape;
  const sum = job.scratch + bench.worker * job.scratchStride + job.own;
  const target = { acc0: sum, acc1: 0, flags: sum + job.flagsAt };
  const tiles = Math.ceil(ny / job.tileRows);
  const files = openFiles();
  try {
    for (let tile = bench.claim(tiles); tile >= 0; tile = bench.claim(tiles)) {
      const row = tile * job.tileRows;
      const rows = Math.min(job.tileRows, ny - row);
      feedTile(job, bench, files, row, rows, target, FRESH.sums | FRESH.flags);
      const at = row * nx * 4;
      bench.kernels.sampleFinish(
        ...[sum, target.flags, job.slope + at, job.varPoisson + at, job.varRnoise + at, job.dq + at],
        rows * nx,
        ...[job.gain === 0 ? 0 : job.gain + at, job.gainValue],
        ...[job.readNoise === 0 ? 0 : job.readNoise + at, job.readNoiseValue],
        ...[job.poissonFactor, job.readNoiseFactor],
      );
    }
  } finally {
    files.close();
  }
};
