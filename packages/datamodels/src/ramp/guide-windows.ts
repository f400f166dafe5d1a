/** Where on a detector pixels guided while the others integrated (on-detector guide windows, ODGW). */
import type { Header } from '@iris-drs/fits';
import type { Shape2 } from '@iris-drs/kernels';
import type { Window } from '../access.ts';
import { number, text } from '../headers.ts';
import { subarrayOf } from '../references/window.ts';

/** IRIS reads up to 99 windows of a detector (draft ICD of the detector assembly). */
const MOST = 99;

/** The part of a rectangle, given in pixels of the detector from 1, that lies in the frame; undefined when none does. */
export const windowOnFrame = (
  [x, y, nx, ny]: readonly [x: number, y: number, nx: number, ny: number],
  headers: readonly Header[],
  [height, width]: Shape2,
): Window | undefined => {
  const origin = subarrayOf(headers) ?? { x: 1, y: 1 };
  const [x0, y0] = [Math.max(x - origin.x, 0), Math.max(y - origin.y, 0)];
  const [x1, y1] = [Math.min(x - origin.x + nx, width), Math.min(y - origin.y + ny, height)];
  return x1 > x0 && y1 > y0 ? { x0, y0, nx: x1 - x0, ny: y1 - y0 } : undefined;
};

/**
 * Guide windows that a header names, in pixels of the frame: ODGWXn, ODGWYn (first column and row on the detector, from
 * 1), ODGWNXn, ODGWNYn (size), n = 1 … 99.
 *
 * IRIS's dictionaries have SARRMODE = ODGW and the positions of the guide stars in mm in the focal plane, 20 times a
 * second, but no keyword for the pixels that were read; these are ours until there is one.
 */
export const guideWindowsOf = (headers: readonly Header[], shape: Shape2): Window[] => {
  const guided =
    text(headers, 'SARRMODE')?.toUpperCase() === 'ODGW' || number(headers, 'ODGWX1') !== undefined;
  const windows: Window[] = [];
  for (let n = 1; guided && n <= MOST; n++) {
    const [x, y, nx, ny] = ['X', 'Y', 'NX', 'NY'].map((what) => number(headers, `ODGW${what}${n}`));
    if (x === undefined || y === undefined || nx === undefined || ny === undefined) continue;
    const window = windowOnFrame([x, y, nx, ny], headers, shape);
    if (window) windows.push(window);
  }
  return windows;
};
