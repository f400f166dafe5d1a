import { availableParallelism } from 'node:os';
import type { FitsPlace } from '../errors.ts';
import { groupsOf } from '../heap.ts';
import { type Image, type ReadImageOptions, readImage } from '../image.ts';
import type { CompressedHdu, ImageHdu } from '../init.ts';
import type { Fits } from '../open.ts';
import { conversionOf } from '../physical.ts';
import type { Hdu } from '../scan.ts';
import { countOf, shapeOf } from '../section.ts';
import { readBytes } from '../source.ts';
import { type CompressOptions, compressImage, packedHdu, planPacking } from '../tiles/compress.ts';
import { type Packing, signed } from '../tiles/pack.ts';
import { planUnpacking, resultOf } from '../tiles/read.ts';
import type { Unpacking } from '../tiles/unpack.ts';
import type { Job, Packed, TileScale, UnpackStep } from './job.ts';
import { endTeam, runOnTeam } from './team.ts';

export interface ThreadOptions {
  /** Threads that do the work, beside this one, which reads or copies; default: one for each processor. */
  readonly threads?: number;
}

export interface ReadParallelOptions extends ReadImageOptions, ThreadOptions {
  readonly into?: SharedArrayBuffer;
}

/** Pixels, and packed bytes, of a step: many enough to outweigh its taking, few enough to be shared out evenly. */
const STEP_PIXELS = 1 << 17;
const STEP_BYTES = 1 << 17;
/** Memory to copy images into is kept up to this size. */
const KEPT_BYTES = 64 << 20;

let staging: SharedArrayBuffer | undefined;

/**
 * `compressImage` on several threads: the same HDU, byte for byte, and the same errors. Threads are started by the
 * first call and stay for the next; they do not keep the process alive. Leave the data alone until it is done; if
 * they lie in a SharedArrayBuffer they need not be copied.
 *
 * @throws FitsError WRITE_SHAPE, TOO_LARGE; RangeError for a number of threads that is none
 */
export async function compressImageParallel(
  image: ImageHdu,
  options: CompressOptions & ThreadOptions = {},
): Promise<CompressedHdu> {
  const threads = threadsOf(options);
  const packing = planPacking(image, options);
  const tiles = countOf(packing.counts);
  const tilesPerStep = Math.max(1, Math.round(STEP_PIXELS / countOf(packing.tile)));
  const count = Math.ceil(tiles / tilesPerStep);
  if (threads === 1 || count === 1) return compressImage(image, options);

  const sizes = new Float64Array(new SharedArrayBuffer(8 * tiles));
  let shared = packing;
  const replies = await runOnTeam(
    threads,
    count,
    () => {
      shared = inSharedMemory(packing);
      return { kind: 'pack', packing: shared, tilesPerStep, sizes };
    },
    (ready) => {
      if (shared === packing) return ready(count);
      let copied = 0;
      for (let step = 0; step < count; step++) {
        const end = pixelsBefore(packing, Math.min((step + 1) * tilesPerStep, tiles));
        if (end > copied) shared.numbers.set(packing.numbers.subarray(copied, end), copied);
        copied = Math.max(copied, end);
        ready(step + 1);
      }
    },
  );
  const offsets = new Float64Array(tiles + 1);
  for (let i = 0; i < tiles; i++) offsets[i + 1] = (offsets[i] as number) + (sizes[i] as number);
  const packed = new Uint8Array(offsets[tiles] as number);
  for (const { bytes, steps, starts } of replies.map((reply) => reply.packed as Packed)) {
    steps.forEach((step, i) => {
      packed.set(bytes.subarray(starts[i], starts[i + 1]), offsets[step * tilesPerStep]);
    });
  }
  return packedHdu(image, packing, { packed, offsets });
}

/**
 * `readImage`, the tiles of a compressed image unpacked on several threads: the same pixels, bit for bit, and the
 * same errors. They lie in shared memory, `into` or fresh. The packed bytes are held all at once. Images that are not
 * compressed are read by `readImage`. Threads are kept as by `compressImageParallel`.
 *
 * @throws FitsError as `readImage`; RangeError for a number of threads that is none
 */
export async function readImageParallel(
  fits: Pick<Fits, 'source' | 'name'>,
  hdu: Hdu,
  options: ReadParallelOptions = {},
): Promise<Image> {
  const threads = threadsOf(options);
  if (hdu.kind !== 'compressed' || hdu.header.get('ZIMAGE') !== true || threads === 1) {
    return readImage(fits, hdu, options);
  }
  const place: FitsPlace = { file: fits.name, hdu: hdu.index, offset: hdu.dataOffset };
  const unpacking = await planUnpacking(fits, hdu, options, place);
  const { image, raw, section, tiles, directory, largest } = unpacking;
  const { cells, as } = directory;
  const into = options.into ?? new SharedArrayBuffer(bytesOf(unpacking));
  const result = resultOf(unpacking, into, place);
  if (tiles.length === 0) return result;

  const groups: UnpackStep[] = [];
  let at = 0;
  for (const group of groupsOf(cells, Math.max(STEP_BYTES, cells.largestBytes), 0)) {
    groups.push({ ...group, at });
    at += group.end - group.start;
  }
  const packed = new SharedArrayBuffer(at);
  const scales = scalesOf(unpacking);
  const where = { directory: { cells, as }, groups, packed, into, place };
  const job: Job = { kind: 'unpack', image, raw, section, largest, scales, ...where };
  await runOnTeam(
    threads,
    groups.length,
    () => job,
    async (ready) => {
      for (const [step, group] of groups.entries()) {
        const target = new Uint8Array(packed, group.at, group.end - group.start);
        await readBytes(fits.source, target, image.heap.start + group.start, place);
        ready(step + 1);
      }
    },
  );
  return result;
}

/** End the threads of `compressImageParallel` and `readImageParallel` once they are done, and free their memory. */
export async function closeThreads(): Promise<void> {
  await endTeam();
  staging = undefined;
}

function threadsOf({ threads = availableParallelism() }: ThreadOptions): number {
  if (Number.isSafeInteger(threads) && threads > 0) return threads;
  throw new RangeError(`${threads} threads; expected a whole number from 1 on`);
}

/** The packing as it is if its numbers are shared, else with room for them in memory that is. */
function inSharedMemory(packing: Packing): Packing {
  const { numbers } = packing;
  if (numbers.buffer instanceof SharedArrayBuffer) return packing;
  const { byteLength, length, BYTES_PER_ELEMENT } = numbers;
  let room = staging;
  if (!room || room.byteLength < byteLength) room = new SharedArrayBuffer(byteLength);
  if (byteLength <= KEPT_BYTES) staging = room;
  return { ...packing, numbers: signed(room, 0, length, BYTES_PER_ELEMENT) };
}

/** Pixels from the first on that hold the first so many tiles: whole layers of tiles along the slowest axis. */
function pixelsBefore({ shape, tile, counts }: Packing, tiles: number): number {
  const layers = Math.ceil(tiles / counts.slice(1).reduce((a, b) => a * b, 1));
  const rows = Math.min(layers * (tile[0] as number), shape[0] as number);
  return shape.slice(1).reduce((a, b) => a * b, rows);
}

function bytesOf({ image, raw, section }: Unpacking): number {
  return conversionOf(image.format, raw).result.bytes * countOf(shapeOf(section));
}

function scalesOf({ image, tiles, directory }: Unpacking): TileScale[] {
  if (image.scale === undefined) return [];
  const none: TileScale = { scale: 1, zero: 0, blank: undefined };
  const { as, scale, zero, blank } = directory;
  return tiles.map((_, i) =>
    as[i] === 'method' ? { scale: scale(i), zero: zero(i), blank: blank(i) } : none,
  );
}
