import { WcsError } from './errors.ts';
import { gnomonicRows } from './gnomonic-rows.ts';
import { partsOf, type Wcs } from './wcs.ts';

export interface FrameMapOptions {
  /** 0-based pixel coordinates on the axes after the second, default 0. */
  readonly at?: readonly number[];
  /** Arrays to write to, one a world axis, of nx × ny elements; without it they are made. */
  readonly into?: readonly Float64Array[];
  /** Rows a to b−1 only, default all. */
  readonly rows?: readonly [a: number, b: number];
}

/**
 * World coordinates of every pixel of a plane.
 *
 * @param shape  [ny, nx] of the plane of the first two pixel axes
 * @returns      one array a world axis, [ny, nx], x fastest
 * @throws WcsError ARGUMENT
 */
export function frameMap(
  wcs: Wcs,
  shape: readonly [ny: number, nx: number],
  options: FrameMapOptions = {},
): Float64Array[] {
  const [ny, nx] = shape;
  const [from, to] = options.rows ?? [0, ny];
  const size = wcs.axes.length;
  const at = Float64Array.from({ length: size }, (_, j) => options.at?.[j - 2] ?? 0);
  const length = Math.max(0, to - from) * nx;
  const out = options.into ? [...options.into] : wcs.axes.map(() => new Float64Array(length));
  if (size < 2 || out.length !== size || out.some((array) => array.length !== length)) {
    const found = `${out.length} arrays of ${out.map((array) => array.length).join(', ')} elements`;
    throw new WcsError(
      'ARGUMENT',
      `found ${found} for ${size} axes, expected at least 2 axes and ${length} elements each`,
    );
  }
  const rows = gnomonicRows(partsOf(wcs));
  for (let y = from; y < to; y++) {
    const start = (y - from) * nx;
    if (rows) rows(y, nx, out, start);
    else generalRow(wcs, y, nx, at, out, start);
  }
  return out;
}

function generalRow(
  wcs: Wcs,
  y: number,
  nx: number,
  at: Float64Array,
  out: readonly Float64Array[],
  start: number,
): void {
  const world = new Float64Array(at.length);
  at[1] = y;
  for (let x = 0; x < nx; x++) {
    at[0] = x;
    wcs.pixelToWorld(at, world);
    for (let i = 0; i < world.length; i++) (out[i] as Float64Array)[start + x] = world[i] as number;
  }
}
