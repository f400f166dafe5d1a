/** Which part of a full-frame reference belongs to a subarray. */
import type { Header } from '@iris-drs/fits';
import type { Shape2 } from '@iris-drs/kernels';
import type { Window } from '../access.ts';
import { DataModelError } from '../errors.ts';
import { number, text } from '../headers.ts';
import type { Strip } from '../image.ts';

/** A frame that a reference shall fit: its headers (SCI first) and shape. */
export interface FrameGeometry {
  readonly headers: readonly Header[];
  readonly shape: Shape2;
  /** Where `shape` is that of some rows of the frame: which they are. */
  readonly strip?: Strip | undefined;
}

interface Subarray {
  /** First column and row on the detector, 1-based as in the keywords. */
  readonly x: number;
  readonly y: number;
  readonly nx?: number;
  readonly ny?: number;
}

/**
 * Where a header says its pixels lie: SUBSTRT1/2 and SUBSIZE1/2 (unless SUBARRAY is FULL), else IRIS's
 * XSTART, YSTART, XSIZE, YSIZE (unless SARRMODE is FULL_FRAME). Starts are 1-based in both; 0 is taken as 1,
 * which is how readout headers of full frames say it.
 */
export function subarrayOf(headers: readonly Header[]): Subarray | undefined {
  const read = (x: string, y: string, nx: string, ny: string): Subarray | undefined => {
    const start = [number(headers, x), number(headers, y)];
    if (start[0] === undefined || start[1] === undefined) return undefined;
    const width = number(headers, nx);
    const height = number(headers, ny);
    return {
      x: Math.max(start[0], 1),
      y: Math.max(start[1], 1),
      ...(width === undefined ? {} : { nx: width }),
      ...(height === undefined ? {} : { ny: height }),
    };
  };
  const named = text(headers, 'SUBARRAY')?.toUpperCase();
  const mode = text(headers, 'SARRMODE')?.toUpperCase();
  if (named === 'FULL' || mode === 'FULL_FRAME') return undefined;
  return read('SUBSTRT1', 'SUBSTRT2', 'SUBSIZE1', 'SUBSIZE2') ?? read('XSTART', 'YSTART', 'XSIZE', 'YSIZE');
}

/**
 * The window of a reference that covers a frame, 0-based; undefined when the whole reference does.
 *
 * @param where  the reference, for errors
 * @throws DataModelError SHAPE_MISMATCH when the frame's keywords contradict its shape, or sizes differ and no
 *   keyword says why; OUT_OF_BOUNDS when the frame reaches beyond the reference
 */
export function referenceWindow(
  reference: FrameGeometry,
  frame: FrameGeometry,
  where: { readonly file: string; readonly hdu: string },
): Window | undefined {
  const [rows, nx] = frame.shape;
  const ny = frame.strip?.height ?? rows;
  const [height, width] = reference.shape;
  const on = subarrayOf(frame.headers);
  if (on && ((on.nx ?? nx) !== nx || (on.ny ?? ny) !== ny)) {
    throw new DataModelError('SHAPE_MISMATCH', {
      found: `a frame of [${ny}, ${nx}]`,
      expected: `[${on.ny}, ${on.nx}] as its subarray keywords say`,
    });
  }
  const origin = subarrayOf(reference.headers) ?? { x: 1, y: 1 };
  const x0 = (on?.x ?? 1) - origin.x;
  const y0 = (on?.y ?? 1) - origin.y;
  if (on === undefined && (ny !== height || nx !== width)) {
    throw new DataModelError('SHAPE_MISMATCH', {
      ...where,
      found: `shape [${height}, ${width}]`,
      expected: `[${ny}, ${nx}] as the frame, which names no subarray`,
    });
  }
  if (x0 < 0 || y0 < 0 || x0 + nx > width || y0 + ny > height) {
    throw new DataModelError('OUT_OF_BOUNDS', {
      ...where,
      found: `columns ${x0 + 1} to ${x0 + nx} and rows ${y0 + 1} to ${y0 + ny} asked for`,
      expected: `at most columns 1 to ${width} and rows 1 to ${height}`,
    });
  }
  if (rows === height && nx === width) return undefined;
  return { x0, y0: y0 + (frame.strip?.y0 ?? 0), nx, ny: rows };
}
