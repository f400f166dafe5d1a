/** Which axes of a science extension are ramps, reads and pixels. */
import type { Hdu, Header } from '@iris-drs/fits';
import { type OpenFits, place, squeezed } from '../access.ts';
import { DataModelError } from '../errors.ts';
import { number, text } from '../headers.ts';

export interface RampLayout {
  readonly kind: 'ramp' | 'frame';
  readonly nramps: number;
  readonly nreads: number;
  readonly ny: number;
  readonly nx: number;
  /** Pixels of one read lie apart: the array is `[ny, nx, nramps, nreads]`. */
  readonly interleaved: boolean;
}

/**
 * Tells the layout of a science extension:
 *
 *  - `[nint, ngroups, ny, nx]`: JWST, iris_pipeline and liger's documented (groups, reads, y, x), where a
 *    group is what we call a ramp;
 *  - `[ny, nx, groups, reads]`: what liger_iris_pipeline's readout code works on; told by TIMES
 *    `[groups, reads]` or by NGROUPS and NREADS, which then fit the last two axes and not the first two;
 *  - `[nreads, ny, nx]`: a cube, one ramp;
 *  - `[ny, nx]`: one read if the header has READ_NO, RAMP_NO or a ramp's DATAMODL, else a raw science frame.
 *
 * @throws DataModelError LAYOUT_UNKNOWN
 */
export function layoutOf(fits: OpenFits, hdu: Hdu, headers: readonly Header[]): RampLayout {
  const single =
    number(headers, 'READ_NO', 'RAMP_NO') !== undefined || /Ramp/.test(text(headers, 'DATAMODL') ?? '');
  const shape = squeezed(hdu.shape);
  if (shape.length === 2) {
    const [ny, nx] = shape as [number, number];
    return { kind: single ? 'ramp' : 'frame', nramps: 1, nreads: 1, ny, nx, interleaved: false };
  }
  if (hdu.shape.length === 3) {
    const [nreads, ny, nx] = hdu.shape as [number, number, number];
    return { kind: 'ramp', nramps: 1, nreads, ny, nx, interleaved: false };
  }
  if (hdu.shape.length === 4) {
    const [a, b, c, d] = hdu.shape as [number, number, number, number];
    if (isInterleaved(fits, hdu, headers))
      return { kind: 'ramp', nramps: c, nreads: d, ny: a, nx: b, interleaved: true };
    return { kind: 'ramp', nramps: a, nreads: b, ny: c, nx: d, interleaved: false };
  }
  throw new DataModelError('LAYOUT_UNKNOWN', {
    ...place(fits, hdu),
    found: `shape [${hdu.shape.join(', ')}]`,
    expected: '[ny, nx], [nreads, ny, nx] or [nramps, nreads, ny, nx]',
  });
}

function isInterleaved(fits: OpenFits, hdu: Hdu, headers: readonly Header[]): boolean {
  const [a, b, c, d] = hdu.shape;
  const times = fits.find('TIMES', hdu.version)?.shape ?? [];
  const [groups, reads] =
    times.length === 2 ? times : [number(headers, 'NGROUPS'), number(headers, 'NREADS')];
  const fits2 = (first: number | undefined, second: number | undefined) =>
    first === groups && second === reads;
  return fits2(c, d) && !fits2(a, b);
}
