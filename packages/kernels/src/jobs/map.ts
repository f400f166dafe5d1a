import type { Kernels } from '../wasm.ts';
import type { Bench } from './job.ts';

/** An argument of a kernel, as a function of the tile. */
export type TileArg =
  | number
  /** Address in a plane of 4-byte pixels, of which `offset` bytes come before the first; 0 stays 0. */
  | { readonly plane: number; readonly offset?: number }
  /** Address in an area that each tile has for itself. */
  | { readonly perTile: number; readonly stride: number }
  /** Address in an area that each worker has for itself. */
  | { readonly perWorker: number; readonly stride: number }
  /** The same, for what a kernel adds up and nobody looks at before `settled`: such work may be put off. */
  | { readonly addsTo: number; readonly stride: number }
  | 'start'
  | 'count';

export interface KernelCall {
  readonly kernel: keyof Kernels;
  readonly args: readonly TileArg[];
}

/** Runs kernels, one after the other, over each tile of a frame; tiles start at multiples of 1024 pixels. */
export interface MapJob {
  readonly kind: 'map';
  readonly calls: readonly KernelCall[];
  readonly pixels: number;
  readonly tilePixels: number;
}

interface Tile {
  readonly tile: number;
  readonly start: number;
  readonly count: number;
}

/**
 * The job's kernels on some pixels.
 *
 * @param placed  address of these pixels where they are not in their plane
 */
export const mapTile = (
  { calls }: MapJob,
  bench: Bench,
  { tile, start, count }: Tile,
  placed?: ReadonlyMap<number, number>,
): void => {
  for (const { kernel, args } of calls) {
    const values = args.map((arg) => {
      if (typeof arg === 'number') return arg;
      if (arg === 'start') return start;
      if (arg === 'count') return count;
      if ('plane' in arg)
        return arg.plane === 0 ? 0 : (placed?.get(arg.plane) ?? arg.plane + start * 4) + (arg.offset ?? 0);
      if ('perTile' in arg) return arg.perTile + tile * arg.stride;
      return ('addsTo' in arg ? arg.addsTo : arg.perWorker) + bench.worker * arg.stride;
    });
    (bench.kernels[kernel] as (...values: number[]) => unknown)(...values);
  }
};

export const runMap = (job: MapJob, bench: Bench): void => {
  const tiles = Math.ceil(job.pixels / job.tilePixels);
  for (let tile = bench.claim(tiles); tile >= 0; tile = bench.claim(tiles)) {
    const start = tile * job.tilePixels;
    mapTile(job, bench, { tile, start, count: Math.min(job.tilePixels, job.pixels - start) });
  }
};
