import { DQ } from '@iris-drs/datamodels';
import type { Engine, FlagPlane, FloatPlane, RawImage, Shape2 } from '@iris-drs/kernels';
import {
  type Border,
  columnOffsets,
  type OffsetOptions,
  type ReferenceOffsets,
  rowOffsets,
  type Strip,
} from './offsets.ts';

export interface MeasureOptions extends OffsetOptions {
  /** Rows of the running median over side pixels; undefined: they are not looked at. */
  readonly sideWindow: number | undefined;
  readonly sideGain: number;
}

interface Window {
  readonly x0: number;
  readonly y0: number;
  readonly nx: number;
  readonly ny: number;
}

const UNUSABLE = DQ.DO_NOT_USE | DQ.BAD_REF_PIXEL;

/** What is subtracted from the pixels of a window in every read: the bias, and NaN for those of no use. */
const correctionOf = (
  { x0, y0, nx, ny }: Window,
  width: number,
  mask: FlagPlane,
  bias: FloatPlane | undefined,
): Float32Array => {
  const out = new Float32Array(nx * ny);
  for (let y = 0; y < ny; y++) {
    for (let x = 0; x < nx; x++) {
      const at = (y0 + y) * width + x0 + x;
      out[y * nx + x] = mask.data[at]! & UNUSABLE ? Number.NaN : (bias?.data[at] ?? 0);
    }
  }
  return out;
};

/**
 * Offsets of all reads from their reference pixels, which alone are read from the files.
 *
 * @param reads  of all ramps, ramp after ramp
 * @param bias   subtracted first; NaN: the pixel is not used
 */
export const measureOffsets = async (
  engine: Engine,
  reads: readonly RawImage[],
  [ny, nx]: Shape2,
  border: Border,
  mask: FlagPlane,
  bias: FloatPlane | undefined,
  options: MeasureOptions,
): Promise<ReferenceOffsets> => {
  const rowsAt = (y0: number, rows: number): Window => ({ x0: 0, y0, nx, ny: rows });
  const columnsAt = (x0: number, columns: number): Window => ({ x0, y0: 0, nx: columns, ny });
  const strips = (windows: readonly Window[]) =>
    windows
      .filter((window) => window.nx > 0 && window.ny > 0)
      .map((window) => ({ window, correction: correctionOf(window, nx, mask, bias) }));
  const ends = strips([rowsAt(0, border.bottom), rowsAt(ny - border.top, border.top)]);
  const sides =
    options.sideWindow === undefined
      ? []
      : strips([columnsAt(0, border.left), columnsAt(nx - border.right, border.right)]);

  const read = async (image: RawImage, { window, correction }: (typeof ends)[number]): Promise<Strip> => {
    using plane = await engine.readFloat({ ...image, window });
    return plane.data.map((value, i) => value - correction[i]!);
  };
  const columns = new Float32Array(reads.length * nx);
  const rows = sides.length > 0 ? new Float32Array(reads.length * ny) : undefined;
  for (const [r, image] of reads.entries()) {
    const found = columnOffsets(await Promise.all(ends.map((strip) => read(image, strip))), nx, options);
    columns.set(found, r * nx);
    if (!rows || options.sideWindow === undefined) continue;
    const left = await Promise.all(
      sides.map(async (strip) => {
        const values = await read(image, strip);
        const { x0, nx: width } = strip.window;
        return values.map((value, i) => value - found[x0 + (i % width)]!);
      }),
    );
    const found2 = rowOffsets(left, ny, options.sideWindow);
    rows.set(
      found2.map((value) => value * options.sideGain),
      r * ny,
    );
  }
  return { columns, ...(rows ? { rows } : {}) };
};
