import { FitsError, type FitsPlace } from '../errors.ts';
import type { Field } from '../field.ts';
import { type Cells, readDescriptors } from '../heap.ts';
import type { Fits } from '../open.ts';
import type { Hdu } from '../scan.ts';
import { readBytes } from '../source.ts';
import { elementBytes } from '../tform.ts';
import type { TiledImage } from './describe.ts';

/** What the table says about the tiles that are wanted, in their order. */
export interface Directory {
  readonly cells: Cells;
  /** How each tile is packed. */
  readonly as: readonly ('method' | 'gzip' | 'plain')[];
  scale(index: number): number;
  zero(index: number): number;
  blank(index: number): number | undefined;
}

/**
 * Read the rows of these tiles.
 *
 * @param rows  rising
 * @throws FitsError HEAP_RANGE, TILE_LAYOUT
 */
export async function readDirectory(
  fits: Pick<Fits, 'source'>,
  hdu: Hdu,
  image: TiledImage,
  rows: readonly number[],
  place: FitsPlace,
): Promise<Directory> {
  const { rowBytes, heap } = image;
  const first = rows[0] ?? 0;
  const count = rows.length === 0 ? 0 : (rows.at(-1) as number) - first + 1;
  const bytes = new Uint8Array(count * rowBytes);
  await readBytes(fits.source, bytes, hdu.dataOffset + first * rowBytes, place);
  const view = new DataView(bytes.buffer);

  const columns = image.data.map(({ field, as }) => {
    const layout = { rows: count, start: field.start, stride: rowBytes, wide: field.form.type === 'Q' };
    const size = (n: number) => elementBytes(field.form.element, n);
    return { as, cells: readDescriptors(bytes, layout, heap, size, place) };
  });
  const offsets = new Float64Array(rows.length);
  const sizes = new Float64Array(rows.length);
  const as = rows.map((row, i) => {
    const column = columns.find(({ cells }) => (cells.sizes[row - first] as number) > 0);
    if (!column) throw new FitsError('TILE_LAYOUT', `tile ${row} has no data; the file is damaged`, place);
    offsets[i] = column.cells.offsets[row - first] as number;
    sizes[i] = column.cells.sizes[row - first] as number;
    return column.as;
  });
  const value = (of: Field | number | undefined, index: number): number | undefined =>
    typeof of === 'object' ? scalarAt(view, of, ((rows[index] as number) - first) * rowBytes, place) : of;
  return {
    cells: {
      lengths: sizes,
      offsets,
      sizes,
      totalBytes: sizes.reduce((a, b) => a + b, 0),
      largestBytes: sizes.reduce((a, b) => Math.max(a, b), 0),
    },
    as,
    scale: (index) => value(image.scale, index) ?? 1,
    zero: (index) => value(image.zero, index) ?? 0,
    blank: (index) => value(image.blank, index),
  };
}

function scalarAt(view: DataView, { form, start, name }: Field, row: number, place: FitsPlace): number {
  if (form.repeat === 1) {
    const at = row + start;
    if (form.type === 'D') return view.getFloat64(at);
    if (form.type === 'E') return view.getFloat32(at);
    if (form.type === 'J') return view.getInt32(at);
    if (form.type === 'I') return view.getInt16(at);
    if (form.type === 'B') return view.getUint8(at);
  }
  throw new FitsError('TILE_LAYOUT', `column ${name} is no column of single numbers`, place);
}
