import { roundUp } from './allocator.ts';
import { ALIGN, type Core, tileRows } from './core.ts';
import { KernelsError } from './errors.ts';
import type { Job } from './jobs/job.ts';
import type { MapJob, TileArg } from './jobs/map.ts';
import type { ReadJob } from './jobs/read.ts';
import { type Plane, pixelsOf, shapeOf } from './plane.ts';

/** Work that a pixel needs no other pixels for. */
type PixelJob = MapJob | ReadJob;

const mayWait = (arg: TileArg): boolean => typeof arg !== 'object' || 'plane' in arg || 'addsTo' in arg;

const isPixelJob = (job: Job): job is PixelJob =>
  job.kind === 'read' || (job.kind === 'map' && job.calls.every(({ args }) => args.every(mayWait)));

const pixelsIn = (job: PixelJob): number => (job.kind === 'map' ? job.pixels : pixelsOf(shapeOf(job.image)));

/** Tiles are the same pixels in both, and whole rows of images that are read. */
const fitTogether = (a: PixelJob, b: PixelJob): boolean =>
  pixelsIn(a) === pixelsIn(b) &&
  (a.kind === 'map' || b.kind === 'map' || shapeOf(a.image)[1] === shapeOf(b.image)[1]);

/** Every area that the job goes to. */
const addressesOf = (job: PixelJob): number[] =>
  job.kind === 'read'
    ? [job.plane, job.scratch]
    : job.calls.flatMap(({ args }) =>
        args.flatMap((arg) => {
          if (typeof arg !== 'object') return [];
          return 'plane' in arg ? [arg.plane] : 'addsTo' in arg ? [arg.addsTo] : [];
        }),
      );

/** Pixels of a tile: few enough that those of some twenty frames stay in a core's L2 cache. */
const TILE_PIXELS = 16384;

/** Jobs that are put off together: each that reads holds a file open in every thread. */
const MOST_JOBS = 128;

interface Batch {
  readonly jobs: PixelJob[];
  readonly addresses: Set<number>;
  /** Blocks given back meanwhile: address, and how. */
  readonly released: Map<number, () => void>;
}

const emptyBatch = (): Batch => ({ jobs: [], addresses: new Set(), released: new Map() });

/**
 * A core that puts off what works pixel by pixel, until other work, or `settled`, asks for it. All that was put off then
 * runs tile by tile: a tile's pixels are fetched from memory once and not once a kernel, and threads wait for each other
 * once. Frames that were made and given back meanwhile never leave the cache. What went wrong shows when the work is
 * asked for, and from then on whenever it is.
 */
export const batchedCore = (core: Core): Core => {
  let pending = emptyBatch();
  const running = new Set<Batch>();
  /** Planes that hold nothing yet, with the number of their pixels. */
  const blank = new Map<number, number>();
  let last: Promise<void> = Promise.resolve();

  const chained = async ({ jobs }: Batch, passing: readonly number[]): Promise<void> => {
    const pixels = pixelsIn(jobs[0]!);
    const read = jobs.find((job) => job.kind === 'read');
    const shape = read && shapeOf(read.image);
    const tilePixels = shape ? tileRows(shape, TILE_PIXELS) * shape[1] : TILE_PIXELS;
    const roomStride = roundUp(tilePixels * 4, ALIGN) + ALIGN;
    using room = core.pool.block(roomStride * passing.length * core.team.threads);
    const work = { jobs, pixels, tilePixels, passing, room: room.start, roomStride };
    await core.team.run({ kind: 'chain', ...work }, Math.ceil(pixels / tilePixels));
  };
  const flush = (): Promise<void> => {
    const batch = pending;
    if (batch.jobs.length === 0) return last;
    pending = emptyBatch();
    running.add(batch);
    const pixels = pixelsIn(batch.jobs[0]!);
    const passing = [...batch.released.keys()].filter((address) => blank.get(address) === pixels);
    for (const address of batch.addresses) blank.delete(address);
    const before = last;
    last = (async () => {
      try {
        await before;
        await chained(batch, passing);
      } finally {
        running.delete(batch);
        for (const release of batch.released.values()) release();
      }
    })();
    last.catch(() => undefined);
    return last;
  };
  const run = async (job: Job, tiles: number): Promise<void> => {
    if (!isPixelJob(job)) {
      // It may fill any of them.
      blank.clear();
      await flush();
      return core.team.run(job, tiles);
    }
    const { jobs } = pending;
    if (jobs.length === MOST_JOBS || jobs.some((other) => !fitTogether(other, job))) void flush();
    pending.jobs.push(job);
    for (const address of addressesOf(job)) pending.addresses.add(address);
  };

  const batchOf = (address: number): Batch | undefined =>
    [...running, pending].findLast(({ addresses }) => addresses.has(address));
  const releaseOf = (address: number, release: () => void): (() => void) => {
    let held = true;
    return () => {
      if (!held) return;
      held = false;
      const batch = batchOf(address);
      if (batch) batch.released.set(address, release);
      else {
        blank.delete(address);
        release();
      }
    };
  };
  const kept = <T extends Float32Array | Uint32Array>(
    plane: Plane<T>,
    fill: number | undefined,
  ): Plane<T> => {
    const { ptr, shape, dtype } = plane;
    if (fill === undefined) blank.set(ptr, pixelsOf(shape));
    let released = false;
    const giveBack = releaseOf(ptr, () => plane.release());
    const release = (): void => {
      released = true;
      giveBack();
    };
    return {
      get data() {
        if (batchOf(ptr))
          throw new KernelsError(
            'Pending',
            'a frame that work is put off for was looked at; wait for `settled`',
          );
        blank.delete(ptr);
        return plane.data;
      },
      ...{ ptr, shape, dtype },
      get released() {
        return released;
      },
      ...{ release, [Symbol.dispose]: release },
    };
  };
  const { pool } = core;
  return {
    pool: {
      memory: pool.memory,
      block(bytes) {
        const block = pool.block(bytes);
        const release = releaseOf(block.start, block.release);
        return { ...block, release, [Symbol.dispose]: release };
      },
      float32: (shape, fill) => kept(pool.float32(shape, fill), fill),
      uint32: (shape, fill) => kept(pool.uint32(shape, fill), fill),
    },
    team: { ...core.team, run },
    settled: flush,
  };
};
