import { DQ } from '@iris-drs/datamodels';
import type { FlagPlane } from '@iris-drs/kernels';
import type { Border } from './offsets.ts';

const isReference = (flags: number): boolean => (flags & DQ.REFERENCE_PIXEL) !== 0;

/** Flags of a reference pixel that says nothing. */
export const UNUSABLE = DQ.DO_NOT_USE | DQ.BAD_REF_PIXEL;

/** How many of so many outputs have no pixel of use in these rows. */
export const outputsWithout = (
  { data, shape: [ny, nx] }: FlagPlane,
  { bottom, top }: Pick<Border, 'bottom' | 'top'>,
  outputs: number,
): number => {
  const served = new Set<number>();
  for (const [from, to] of [[0, bottom] as const, [ny - top, ny] as const])
    for (let i = from * nx; i < to * nx; i++)
      if ((data[i]! & UNUSABLE) === 0) served.add(Math.floor(((i % nx) * outputs) / nx));
  return outputs - served.size;
};

/** Whole rows and columns of reference pixels at the edges, as the mask has them. */
export const borderOf = ({ data, shape: [ny, nx] }: FlagPlane): Border => {
  const row = (y: number): boolean => data.subarray(y * nx, (y + 1) * nx).every(isReference);
  const column = (x: number): boolean => {
    for (let y = 0; y < ny; y++) if (!isReference(data[y * nx + x]!)) return false;
    return true;
  };
  const count = (length: number, is: (i: number) => boolean): number => {
    let n = 0;
    while (n < length && is(n)) n++;
    return n;
  };
  return {
    bottom: count(ny, row),
    top: count(ny, (i) => row(ny - 1 - i)),
    left: count(nx, column),
    right: count(nx, (i) => column(nx - 1 - i)),
  };
};
