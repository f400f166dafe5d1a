import { shapeOf } from '../plane.ts';
import { openFiles } from './files.ts';
import type { Bench } from './job.ts';
import { type MapJob, mapTile } from './map.ts';
import { type ReadJob, readTile } from './read.ts';

/** Jobs over frames of the same number of pixels, one after the other on each tile; where images are read, of whole rows. */
export interface ChainJob {
  readonly kind: 'chain';
  readonly jobs: readonly (MapJob | ReadJob)[];
  readonly pixels: number;
  /** At most that of each reading job. */
  readonly tilePixels: number;
  /** Addresses of planes that nobody looks at afterwards: a worker has room for a tile of each, and no more is kept. */
  readonly passing: readonly number[];
  /** Room of the first worker for the first of them. */
  readonly room: number;
  /** Bytes of a tile there; those of a worker follow each other. */
  readonly roomStride: number;
}

export const runChain = (job: ChainJob, bench: Bench): void => {
  const { jobs, pixels, tilePixels, passing, room, roomStride } = job;
  const first = room + bench.worker * passing.length * roomStride;
  const placed = new Map(passing.map((plane, i) => [plane, first + i * roomStride]));
  const tiles = Math.ceil(pixels / tilePixels);
  // An image has a descriptor of its own, so that the system sees it read in order and reads ahead.
  const files = jobs.map(() => openFiles());
  try {
    for (let tile = bench.claim(tiles); tile >= 0; tile = bench.claim(tiles)) {
      const start = tile * tilePixels;
      const count = Math.min(tilePixels, pixels - start);
      for (const [i, one] of jobs.entries()) {
        if (one.kind === 'map') mapTile(one, bench, { tile, start, count }, placed);
        else {
          const [, nx] = shapeOf(one.image);
          const to = placed.get(one.plane) ?? one.plane + start * 4;
          readTile(one, bench, files[i]!, { row: start / nx, rows: count / nx, to });
        }
      }
    }
  } finally {
    for (const file of files) file.close();
  }
};
