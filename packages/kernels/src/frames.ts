import { roundUp } from './allocator.ts';
import { type Core, tileRows } from './core.ts';
import { KernelsError } from './errors.ts';
import { type FlagPlane, type FloatPlane, type RawImage, type Shape2, shapeOf } from './plane.ts';

/** Pixels that a thread reads and decodes at a time. */
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
