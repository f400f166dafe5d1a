import { WcsError } from './errors.ts';
import type { Wcs } from './wcs.ts';

/** One array of numbers an axis, all of the same length. */
export type Coordinates = readonly ArrayLike<number>[];

/**
 * World coordinates of many pixels.
 *
 * @param pixel  one array a pixel axis, 0-based
 * @param into   arrays to write to, one a world axis; `pixel` itself is allowed
 * @returns      one array a world axis
 * @throws WcsError ARGUMENT
 */
export function pixelToWorldMany(
  wcs: Wcs,
  pixel: Coordinates,
  into?: readonly Float64Array[],
): Float64Array[] {
  return transform(wcs, pixel, wcs.pixelToWorld, into);
}

/** Pixel coordinates of many world coordinates; the counterpart of `pixelToWorldMany`. */
export function worldToPixelMany(
  wcs: Wcs,
  world: Coordinates,
  into?: readonly Float64Array[],
): Float64Array[] {
  return transform(wcs, world, wcs.worldToPixel, into);
}

function transform(
  wcs: Wcs,
  from: Coordinates,
  step: (from: Float64Array, to: Float64Array) => void,
  into: readonly Float64Array[] | undefined,
): Float64Array[] {
  const size = wcs.axes.length;
  const length = from[0]?.length ?? 0;
  const out = into ? [...into] : Array.from({ length: size }, () => new Float64Array(length));
  for (const arrays of [from, out]) {
    if (arrays.length !== size || arrays.some((array) => array.length !== length)) {
      const found = arrays.map((array) => array.length).join(', ');
      throw new WcsError(
        'ARGUMENT',
        `found arrays of length ${found || 'none'}, expected ${size} arrays of length ${length}`,
      );
    }
  }
  const one = new Float64Array(size);
  const other = new Float64Array(size);
  for (let k = 0; k < length; k++) {
    for (let i = 0; i < size; i++) one[i] = from[i]?.[k] as number;
    step(one, other);
    for (let i = 0; i < size; i++) (out[i] as Float64Array)[k] = other[i] as number;
  }
  return out;
}
