import { type Feed, feedTile } from './feed.ts';
import { openFiles } from './files.ts';
import type { Bench } from './job.ts';

/** Reads that join running sums; see src/sums.ts. */
export interface AddJob extends Feed {
  readonly kind: 'add';
  readonly acc0: number;
  readonly acc1: number;
  /** A byte to each pixel. */
  readonly flags: number;
  /** FRESH bits. */
  readonly fresh: number;
}

export const runAdd = (job: AddJob, bench: Bench): void => {
  const [ny, nx] = job.shape;
  const tiles = Math.ceil(ny / job.tileRows);
  const files = openFiles();
  try {
    for (let tile = bench.claim(tiles); tile >= 0; tile = bench.claim(tiles)) {
      const row = tile * job.tileRows;
      const pixel = row * nx;
      const target = {
        acc0: job.acc0 + pixel * 4,
        acc1: job.acc1 + pixel * 4,
        flags: job.flags + pixel,
      };
      feedTile(job, bench, files, row, Math.min(job.tileRows, ny - row), target, job.fresh);
    }
  } finally {
    files.close();
  }
};
