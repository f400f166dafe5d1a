import type { Window } from '@iris-drs/datamodels';
import type { Engine, FlagPlane, FloatPlane, RawImage, Shape2 } from '@iris-drs/kernels';
import { stampOf } from '../live/stamp.ts';
import { UNUSABLE } from './border.ts';
import {
  type Border,
  columnOffsets,
  type OffsetMeter,
  type OffsetOptions,
  type ReadOffsets,
  type ReferenceOffsets,
  rowOffsets,
  type Strip,
} from './offsets.ts';

export interface MeasureOptions extends OffsetOptions {
  /** Rows of the running median over side pixels; undefined: they are not looked at. */
  readonly sideWindow: number | undefined;
  readonly sideGain: number;
}

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
 * Measures the offsets of single reads from their reference pixels, which alone are read from the files.
 *
 * @param bias   subtracted first; NaN: the pixel is not used
 */
export const offsetMeter = (
  engine: Engine,
  [ny, nx]: Shape2,
  border: Border,
  mask: FlagPlane,
  bias: FloatPlane | undefined,
  options: MeasureOptions,
): OffsetMeter => {
  const rowsAt = (y0: number, rows: number): Window => ({ x0: 0, y0, nx, ny: rows });
  const columnsAt = (x0: number, columns: number): Window => ({ x0, y0: 0, nx: columns, ny });
  const strips = (windows: readonly Window[]) =>
    windows
      .filter((window) => window.nx > 0 && window.ny > 0)
      .map((window) => ({ window, correction: correctionOf(window, nx, mask, bias) }));
  const ends = strips([rowsAt(0, border.bottom), rowsAt(ny - border.top, border.top)]);
  const { sideWindow, sideGain } = options;
  const sides =
    sideWindow === undefined
      ? []
      : strips([columnsAt(0, border.left), columnsAt(nx - border.right, border.right)]);

  const read = async (image: RawImage, { window, correction }: (typeof ends)[number]): Promise<Strip> => {
    using plane = await engine.readFloat({ ...image, window });
    return plane.data.map((value, i) => value - correction[i]!);
  };
  return async (image) => {
    const columns = columnOffsets(await Promise.all(ends.map((strip) => read(image, strip))), nx, options);
    if (sideWindow === undefined || sides.length === 0) return { columns };
    const left = await Promise.all(
      sides.map(async (strip) => {
        const values = await read(image, strip);
        const { x0, nx: width } = strip.window;
        return values.map((value, i) => value - columns[x0 + (i % width)]!);
      }),
    );
    return { columns, rows: rowOffsets(left, ny, sideWindow).map((value) => value * sideGain) };
  };
};

/** Offsets of all reads, ramp after ramp. */
export const measureOffsets = async (
  reads: readonly RawImage[],
  [ny, nx]: Shape2,
  measure: OffsetMeter,
): Promise<ReferenceOffsets> => {
  const columns = new Float32Array(reads.length * nx);
  let rows: Float32Array | undefined;
  for (const [r, image] of reads.entries()) {
    const found = await measure(image);
    columns.set(found.columns, r * nx);
    if (!found.rows) continue;
    rows ??= new Float32Array(reads.length * ny);
    rows.set(found.rows, r * ny);
  }
  return { columns, ...(rows ? { rows } : {}) };
};

/** Offsets of reads that were measured before, under the same mask, bias and options. */
export interface KnownOffsets {
  mask?: FlagPlane;
  bias?: FloatPlane | undefined;
  options?: string;
  readonly reads: Map<string, ReadOffsets>;
}

/** Looks into the known ones first, as long as a read's file has not changed. */
export const rememberOffsets = (
  known: KnownOffsets,
  mask: FlagPlane,
  bias: FloatPlane | undefined,
  options: MeasureOptions,
  measure: OffsetMeter,
): OffsetMeter => {
  const said = JSON.stringify(options);
  if (known.mask !== mask || known.bias !== bias || known.options !== said) {
    known.reads.clear();
    Object.assign(known, { mask, bias, options: said });
  }
  return async (image) => {
    const stamp = stampOf(image);
    const before = stamp === undefined ? undefined : known.reads.get(stamp);
    if (before) return before;
    const found = await measure(image);
    if (stamp !== undefined) known.reads.set(stamp, found);
    return found;
  };
};
