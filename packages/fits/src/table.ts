import { readAsciiTable } from './ascii-table.ts';
import { readCells } from './cells.ts';
import { decodeColumn } from './column.ts';
import { FitsError, type FitsPlace } from './errors.ts';
import { readFields } from './field.ts';
import { type Heap, heapOf } from './heap.ts';
import type { Fits } from './open.ts';
import type { Pixels } from './pixels.ts';
import type { Hdu } from './scan.ts';
import { readVariable } from './variable.ts';

/** Values of a column, row after row: strings, logicals (null = undefined), or numbers. */
export type ColumnData = Pixels | string[] | (boolean | null)[];

/**
 * A column of a table. `data` holds `repeat` elements a row, except complex numbers (C, M),
 * which are pairs of two elements each. Bits (X) are 0 and 1 in a Uint8Array, one element a bit.
 */
export interface Column {
  readonly name: string;
  /** TFORM as the file has it. */
  readonly format: string;
  readonly unit?: string;
  /** Elements a row; of a variable-length column those of the longest row. */
  readonly repeat: number;
  /** Shape of one cell, slowest axis first, if TDIM gives one; for strings without the axis of characters. */
  readonly shape?: readonly number[];
  /**
   * The value of `data` that stands for "undefined" in a column of integers: TNULL; in an ASCII table,
   * where TNULL is a text, the most negative integer. In a scaled or real column it is NaN.
   */
  readonly nullValue?: number | bigint;
  /** Variable-length columns: row r is `data` from offsets[r] to offsets[r + 1]. Strings need none: one a row. */
  readonly offsets?: Float64Array;
  readonly data: ColumnData;
}

export interface Table {
  readonly rows: number;
  readonly columns: readonly Column[];
  /** The first column of this name, in any case. */
  find(name: string): Column | undefined;
}

/**
 * The columns of a binary or ASCII table, scaled by TSCAL and TZERO: the unsigned conventions exactly,
 * everything else as float64. Numbers of an ASCII table are int16, int32 or int64 by width (I up to 4, up to 9,
 * more characters) and float64 (F, E, D); a blank field is 0.
 *
 * @throws FitsError HDU_KIND, UNSUPPORTED (compressed tables), TABLE_LAYOUT, HEAP_RANGE, FIELD_VALUE
 */
export async function readTable(fits: Pick<Fits, 'source' | 'name'>, hdu: Hdu): Promise<Table> {
  const place: FitsPlace = { file: fits.name, hdu: hdu.index, offset: hdu.dataOffset };
  checkKind(hdu, place);
  const read = hdu.kind === 'table' ? readAsciiTable : readBinaryTable;
  const { rows, columns } = await read(fits, hdu, place);
  const find = (name: string) => columns.find((c) => c.name.toUpperCase() === name.trim().toUpperCase());
  return { rows, columns, find };
}

/** The elements of one row of a column: a view for numbers, a copy else. */
export function cellOf(column: Column, row: number): ColumnData {
  const { data, offsets } = column;
  const complex = !Array.isArray(data) && /^ *\d*[CM]/.test(column.format);
  const perRow = column.repeat * (complex ? 2 : 1);
  const start = offsets ? (offsets[row] ?? 0) : row * perRow;
  const end = offsets ? (offsets[row + 1] ?? start) : start + perRow;
  return Array.isArray(data) ? (data.slice(start, end) as ColumnData) : data.subarray(start, end);
}

function checkKind(hdu: Hdu, place: FitsPlace): void {
  if (hdu.kind === 'bintable' || hdu.kind === 'table') return;
  if (hdu.kind === 'compressed' && hdu.header.get('ZTABLE') === true) {
    const text = 'this HDU is a compressed table, which is not decoded; unpack it first (funpack)';
    throw new FitsError('UNSUPPORTED', text, place);
  }
  const what = hdu.kind === 'compressed' ? 'a compressed image' : `of kind ${hdu.kind}`;
  throw new FitsError('HDU_KIND', `this HDU is ${what}, expected a table`, place);
}

async function readBinaryTable(
  fits: Pick<Fits, 'source'>,
  hdu: Hdu,
  place: FitsPlace,
): Promise<{ rows: number; columns: Column[] }> {
  const { rows, rowBytes, fields } = readFields(hdu, place);
  const cells = await readCells(fits, hdu, rows, rowBytes, fields, place);
  let heap: Heap | undefined;
  const columns: Column[] = [];
  for (const [i, field] of fields.entries()) {
    const bytes = cells[i] as Uint8Array<ArrayBuffer>;
    const where = { ...place, keyword: `TFORM${i + 1}` };
    if (field.form.type === 'P' || field.form.type === 'Q') {
      heap ??= heapOf(hdu, rows, rowBytes, place);
      columns.push(await readVariable(fits, heap, field, rows, bytes, where));
    } else {
      columns.push(decodeColumn(field, rows, bytes));
    }
  }
  return { rows, columns };
}
