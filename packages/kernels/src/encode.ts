import { roundUp } from './allocator.ts';
import { type Core, mapAll, tilePixels } from './core.ts';
import { KernelsError } from './errors.ts';
import { type FlagPlane, type FloatPlane, pixelsOf, type Shape2 } from './plane.ts';
import { allWritten, BLOCK_BYTES, type PlaneWriter, planeWriter, type WriteTarget } from './plane-writer.ts';
import { totalsOf } from './totals.ts';

/** A plane and where it goes. */
export interface PlacedPlane {
  readonly plane: Pick<FloatPlane | FlagPlane, 'ptr' | 'shape' | 'dtype' | 'released'>;
  /** Bytes from the beginning of the file. */
  readonly offset: number;
}

/** Planes as they stand in a file: big-endian, float32 as BITPIX −32, uint32 as BITPIX 32 with BZERO 2³¹. */
export interface EncodedPlanes extends Disposable {
  /**
   * What was put off until then is begun at once, what is put off afterwards not waited for.
   *
   * @returns the DATASUM of each plane's bytes
   * @throws KernelsError WriteFailed with the offset; none is being written any more then
   */
  write(writer: PlaneWriter): Promise<number[]>;
}

/** Planes of more pixels are encoded and written part by part. */
const PART_PIXELS = 2 ** 20;

const shapeOfAll = (planes: readonly PlacedPlane[]): Shape2 => {
  const [first, ...others] = planes.map(({ plane }) => plane);
  if (!first) throw new KernelsError('BadSpec', 'no plane to be written');
  const { shape } = first;
  for (const plane of [first, ...others]) {
    if (plane.released) throw new KernelsError('Released', 'a plane was written after its release');
    if (plane.shape[0] !== shape[0] || plane.shape[1] !== shape[1])
      throw new KernelsError('BadSpec', `planes of [${shape}] and [${plane.shape}] pixels in one file`);
  }
  return shape;
};

/** Folds a sum of 32-bit words to their ones' complement sum. */
const folded = (sum: bigint): number => {
  let total = sum;
  while (total > 0xffffffffn) total = (total & 0xffffffffn) + (total >> 32n);
  return Number(total);
};

/**
 * Encodes planes of one shape. They may be given back at once, where work is put off too: the frame's last use is then
 * this, while its pixels are in the cache.
 */
export const encodePlanes = async (core: Core, planes: readonly PlacedPlane[]): Promise<EncodedPlanes> => {
  const pixels = pixelsOf(shapeOfAll(planes));
  // The offset of a word in its block of memory is that in its block of the file.
  const stride = roundUp(pixels * 4, BLOCK_BYTES) + BLOCK_BYTES;
  using held = new DisposableStack();
  const block = held.use(core.pool.block(stride * planes.length));
  const sums = held.use(totalsOf(core, planes.length));
  const placeOf = (i: number): number => i * stride + (planes[i]!.offset % BLOCK_BYTES);
  const { buffer } = core.pool.memory;
  const calls = planes.map(({ plane }, i) => {
    const to = { plane: block.start, offset: placeOf(i) };
    const flip = plane.dtype === 'uint32' ? 0x80000000 : 0;
    return { kernel: 'encode', args: [{ plane: plane.ptr }, to, 'count', flip, sums.arg(i)] } as const;
  });
  await mapAll(core, pixels, calls, tilePixels(2));
  const kept = held.move();

  const write = async (writer: PlaneWriter): Promise<number[]> => {
    await core.settled();
    const bytesOf = (i: number): Uint8Array => new Uint8Array(buffer, block.start + placeOf(i), pixels * 4);
    await allWritten(planes.map(({ offset }, i) => writer.put(bytesOf(i), offset)));
    return planes.map((_, i) => folded(sums.total(i)));
  };
  return { write, [Symbol.dispose]: () => kept.dispose() };
};

/** The same rows of each. */
const rowsOf = (planes: readonly PlacedPlane[], from: number, to: number): PlacedPlane[] =>
  planes.map(({ plane, offset }) => {
    const { ptr, shape, dtype, released } = plane;
    const before = from * shape[1] * 4;
    return {
      plane: { ptr: ptr + before, shape: [to - from, shape[1]], dtype, released },
      offset: offset + before,
    };
  });

/**
 * Writes planes of one shape into an open file; padding to 2880 bytes is the caller's. Each part is written while the
 * next is encoded. Writing past the page cache is several times faster where the caller syncs the file afterwards; the
 * ends of a plane that do not fill a block still go through `fd`.
 *
 * @returns the DATASUM of each plane's bytes
 * @throws KernelsError WriteFailed
 */
export const writePlanes = async (
  core: Core,
  planes: readonly PlacedPlane[],
  target: WriteTarget,
): Promise<number[]> => {
  const [ny, nx] = shapeOfAll(planes);
  const rows = Math.max(1, Math.floor(PART_PIXELS / nx));
  const sums = planes.map(() => 0n);
  const writer = planeWriter(target);
  const writeOut = async (encoded: EncodedPlanes): Promise<void> => {
    using _held = encoded;
    for (const [i, sum] of (await encoded.write(writer)).entries()) sums[i]! += BigInt(sum);
  };
  let writing = Promise.resolve();
  try {
    for (let from = 0; from < ny; from += rows) {
      using held = new DisposableStack();
      const encoded = held.use(await encodePlanes(core, rowsOf(planes, from, Math.min(from + rows, ny))));
      await writing;
      held.move();
      writing = writeOut(encoded);
      writing.catch(() => undefined);
    }
  } finally {
    await writing;
  }
  await writer.end();
  return sums.map(folded);
};
