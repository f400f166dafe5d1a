import { roundUp } from './allocator.ts';
import { type Core, tileRows } from './core.ts';
import { KernelsError } from './errors.ts';
import { DIRECT_ALIGN, tileCount } from './jobs/write.ts';
import {
  type FlagPlane,
  type FloatPlane,
  type Plane,
  pixelsOf,
  type RawImage,
  type Shape2,
  shapeOf,
} from './plane.ts';

/** Pixels that a thread reads, decodes or encodes at a time. */
const PIXELS = 65536;

const checkImage = (image: RawImage): void => {
  const [ny, nx] = image.shape;
  const w = image.window ?? { x0: 0, y0: 0, nx, ny };
  const whole = [w.x0, w.y0, w.nx, w.ny].every((v) => Number.isInteger(v) && v >= 0);
  if (!whole || w.nx < 1 || w.ny < 1 || w.x0 + w.nx > nx || w.y0 + w.ny > ny) {
    throw new KernelsError(
      'BadSpec',
      `window x ${w.x0}+${w.nx}, y ${w.y0}+${w.ny} does not lie within the ${ny} × ${nx} pixels of ${image.path}`,
      { path: image.path },
    );
  }
};

/** @throws KernelsError BadSpec for an image that is not of the frame's shape either */
export const checkImageOf = (image: RawImage, shape: Shape2): void => {
  checkImage(image);
  const [ny, nx] = shapeOf(image);
  if (ny === shape[0] && nx === shape[1]) return;
  const { path } = image;
  throw new KernelsError('BadSpec', `${path} gives [${ny}, ${nx}] pixels, the frame has [${shape}]`, {
    path,
  });
};

/** The plane, filled from the image; released where that fails. */
const filled = async <T extends FloatPlane | FlagPlane>(
  core: Core,
  image: RawImage,
  plane: T,
  as: 'float' | 'flags',
): Promise<T> => {
  using held = new DisposableStack();
  held.use(plane);
  const shape = shapeOf(image);
  const rows = tileRows(shape, PIXELS);
  const stride = roundUp((rows * shape[1] * Math.abs(image.bitpix)) / 8, 64) + 64;
  using scratch = core.pool.block(stride * core.team.threads);
  const job = { kind: 'read', as, image, plane: plane.ptr, tileRows: rows } as const;
  await core.team.run({ ...job, scratch: scratch.start, scratchStride: stride }, Math.ceil(shape[0] / rows));
  held.move();
  return plane;
};

/**
 * Reads an image as float32: BZERO + BSCALE × stored, correctly rounded.
 *
 * @throws KernelsError ReadFailed with path and offset when the file is missing or too short
 */
export const readFloat = async (core: Core, image: RawImage): Promise<FloatPlane> => {
  checkImage(image);
  return filled(core, image, core.pool.float32(shapeOf(image)), 'float');
};

/** Reads a flag image (BITPIX 8, 16 or 32, BSCALE 1) as uint32. */
export const readFlags = async (core: Core, image: RawImage): Promise<FlagPlane> => {
  checkImage(image);
  if (image.bitpix < 8 || image.bitpix > 32 || image.bscale !== 1 || !Number.isInteger(image.bzero)) {
    throw new KernelsError(
      'BadSpec',
      `flags of ${image.path} have BITPIX ${image.bitpix}, BSCALE ${image.bscale}, BZERO ${image.bzero}; integers of 8, 16 or 32 bits with BSCALE 1 are read`,
      { path: image.path },
    );
  }
  return filled(core, image, core.pool.uint32(shapeOf(image)), 'flags');
};

/** Sum of 32-bit words to their ones' complement sum. */
const foldSum = (sums: Float64Array): number => {
  let total = 0n;
  for (const sum of sums) total += BigInt(sum);
  while (total > 0xffffffffn) total = (total & 0xffffffffn) + (total >> 32n);
  return Number(total);
};

/** A plane and where it goes. */
export interface PlacedPlane {
  readonly plane: Plane<Float32Array> | Plane<Uint32Array>;
  /** Bytes from the beginning of the file; a multiple of 4. */
  readonly offset: number;
}

/** The file that pixels go to. */
export interface WriteTarget {
  readonly fd: number;
  /** The same file opened with O_DIRECT: large planes then go straight to the disk. */
  readonly direct?: number | undefined;
  /** On threads of its own, so that what is asked for next need not wait for the disk. */
  readonly aside?: boolean | undefined;
}

/** Pixels of a tile that goes straight to the disk, which wants large pieces. */
const DIRECT_PIXELS = 2 ** 19;

/**
 * Writes planes big-endian into an open file: float32 as BITPIX −32, uint32 as BITPIX 32 with BZERO 2³¹. Padding to
 * 2880 bytes is the caller's. Writing past the page cache is several times faster where the caller syncs the file
 * afterwards; the ends of a plane that do not fill a block still go through `fd`.
 *
 * @returns the DATASUM of each plane's bytes
 */
export const writePlanes = async (
  core: Core,
  planes: readonly PlacedPlane[],
  { fd, direct, aside }: WriteTarget,
): Promise<number[]> => {
  await core.settled();
  if (planes.some(({ plane }) => plane.released))
    throw new KernelsError('Released', 'a plane was written after its release');
  const team = aside ? core.writers() : core.team;
  const areas = planes.map(({ plane, offset }) => ({ pixels: pixelsOf(plane.shape), offset }));
  // The offset of an encoded word in its block is that of the file, so words must not straddle blocks.
  const large = areas.every(({ pixels, offset }) => offset % 4 === 0 && pixels >= DIRECT_PIXELS);
  const straight = large && direct !== undefined;
  const tilePixels = straight ? DIRECT_PIXELS : PIXELS;
  const counts = areas.map((area) => tileCount(area, tilePixels));
  const tiles = counts.reduce((sum, count) => sum + count, 0);
  const scratchStride = tilePixels * 4 + DIRECT_ALIGN;
  using block = core.pool.block(DIRECT_ALIGN + scratchStride * team.threads + tiles * 8);
  const scratch = roundUp(block.start, DIRECT_ALIGN);
  let sums = scratch + scratchStride * team.threads;
  const parts = planes.map(({ plane }, i) => {
    const part = {
      ...{ ...areas[i]!, plane: plane.ptr, sums },
      flip: plane.data instanceof Uint32Array ? 0x80000000 : 0,
    };
    sums += counts[i]! * 8;
    return part;
  });
  const job = { kind: 'write', parts, tilePixels, fd, scratch, scratchStride } as const;
  await team.run({ ...job, direct: straight ? direct : -1 }, tiles);
  return parts.map(({ sums: at }, i) => foldSum(new Float64Array(core.pool.memory.buffer, at, counts[i]!)));
};
