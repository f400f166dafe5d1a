import { decodeColumn, decodeText } from './column.ts';
import type { FitsPlace } from './errors.ts';
import { type Field, fixedField } from './field.ts';
import { type Cells, groupBytes, type Heap, readDescriptors, visitCells } from './heap.ts';
import type { Fits } from './open.ts';
import type { Column } from './table.ts';
import { elementBytes } from './tform.ts';

/**
 * A variable-length column: its cells, gathered from the heap, behind each other.
 *
 * @param descriptors  `rows × field.form.bytes`
 */
export async function readVariable(
  fits: Pick<Fits, 'source'>,
  heap: Heap,
  field: Field,
  rows: number,
  descriptors: Uint8Array,
  place: FitsPlace,
): Promise<Column> {
  const { form } = field;
  const layout = { rows, start: 0, stride: form.bytes, wide: form.type === 'Q' };
  const cells = readDescriptors(
    form.repeat === 0 ? new Uint8Array(rows * 16) : descriptors,
    form.repeat === 0 ? { ...layout, stride: 16 } : layout,
    heap,
    (n) => elementBytes(form.element, n),
    place,
  );
  const bytes = new Uint8Array(cells.totalBytes);
  const memory = new Uint8Array(cells.totalBytes === 0 ? 0 : groupBytes(cells));
  const starts = startsOf(cells.sizes);
  await visitCells(fits, heap, cells, memory, place, (row, cell) => bytes.set(cell, starts[row]));

  if (form.element === 'A') return stringsColumn(field, cells, starts, bytes);
  const longest = cells.lengths.reduce((a, b) => Math.max(a, b), 0);
  const offsets = startsOf(cells.lengths);
  const total = offsets[rows] as number;
  // Bits fill whole bytes in every cell: decoded as bytes, then cut to the bits that count.
  const bits = form.element === 'X';
  const flat = decodeColumn(fixedField(field, bits ? 8 * bytes.length : total), 1, bytes);
  const data = bits ? packedBits(flat.data as Uint8Array, cells, starts, offsets) : flat.data;
  const pairs = form.element === 'C' || form.element === 'M';
  return {
    ...flat,
    repeat: longest,
    offsets: pairs ? offsets.map((n) => 2 * n) : offsets,
    data,
    ...(field.shape && { shape: field.shape }),
  };
}

/** Where each of these runs begins when they stand behind each other, and where the last one ends. */
function startsOf(lengths: Float64Array): Float64Array {
  const starts = new Float64Array(lengths.length + 1);
  for (let i = 0; i < lengths.length; i++) starts[i + 1] = (starts[i] as number) + (lengths[i] as number);
  return starts;
}

function stringsColumn(field: Field, cells: Cells, starts: Float64Array, bytes: Uint8Array): Column {
  const data: string[] = [];
  for (let row = 0; row < cells.sizes.length; row++) {
    data.push(decodeText(bytes, starts[row] as number, starts[row + 1] as number));
  }
  const { name, format, unit } = field;
  return { name, format, ...(unit !== undefined && { unit }), repeat: 1, data };
}

function packedBits(bits: Uint8Array, cells: Cells, starts: Float64Array, offsets: Float64Array): Uint8Array {
  const data = new Uint8Array(offsets.at(-1) as number);
  cells.lengths.forEach((length, row) => {
    const from = 8 * (starts[row] as number);
    data.set(bits.subarray(from, from + length), offsets[row]);
  });
  return data;
}
