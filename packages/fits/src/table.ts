import { decodeColumn } from './column.ts';
import { FitsError, type FitsPlace } from './errors.ts';
import type { Fits } from './open.ts';
import type { Pixels } from './pixels.ts';
import type { Hdu } from './scan.ts';
import { readBytes } from './source.ts';
import { parseTdim, parseTform, type Tform } from './tform.ts';

/** Values of a column, row after row: strings, logicals (null = undefined), or numbers. */
export type ColumnData = Pixels | string[] | (boolean | null)[];

/**
 * A column of a binary table. `data` holds `repeat` elements a row, except complex numbers (C, M),
 * which are pairs of two elements each. Bits (X) are 0 and 1 in a Uint8Array, one element a bit.
 */
export interface Column {
  readonly name: string;
  /** TFORM as the file has it. */
  readonly format: string;
  readonly unit?: string;
  readonly repeat: number;
  /** Shape of one cell, slowest axis first, if TDIM gives one; for strings without the axis of characters. */
  readonly shape?: readonly number[];
  /** The value of `data` that stands for "undefined" (TNULL) in a column of integers; in a scaled column it is NaN. */
  readonly nullValue?: number | bigint;
  readonly data: ColumnData;
}

export interface Table {
  readonly rows: number;
  readonly columns: readonly Column[];
  /** The first column of this name, in any case. */
  find(name: string): Column | undefined;
}

/** What a column's keywords say, and where it lies in a row. */
export interface Field {
  readonly name: string;
  readonly format: string;
  readonly unit: string | undefined;
  readonly form: Tform;
  readonly shape: readonly number[] | undefined;
  readonly scale: number;
  readonly zero: number;
  readonly nullValue: number | bigint | undefined;
  /** Byte in the row. */
  readonly start: number;
}

const CHUNK = 1 << 20;

/**
 * The columns of a plain binary table, scaled by TSCAL and TZERO: the unsigned conventions exactly,
 * everything else as float64.
 *
 * @throws FitsError HDU_KIND, UNSUPPORTED (variable-length columns, compressed and ASCII tables), TABLE_LAYOUT
 */
export async function readTable(fits: Pick<Fits, 'source' | 'name'>, hdu: Hdu): Promise<Table> {
  const place: FitsPlace = { file: fits.name, hdu: hdu.index, offset: hdu.dataOffset };
  checkKind(hdu, place);
  const { rows, rowBytes, fields } = readFields(hdu, place);
  const cells = fields.map((field) => new Uint8Array(rows * field.form.bytes));

  const chunkRows = Math.max(1, Math.floor(CHUNK / Math.max(1, rowBytes)));
  const scratch = new Uint8Array(Math.min(chunkRows, rows) * rowBytes);
  for (let row = 0; row < rows && rowBytes > 0; row += chunkRows) {
    const count = Math.min(chunkRows, rows - row);
    const bytes = scratch.subarray(0, count * rowBytes);
    await readBytes(fits.source, bytes, hdu.dataOffset + row * rowBytes, place);
    fields.forEach((field, i) => {
      gather(bytes, rowBytes, field.start, field.form.bytes, cells[i] as Uint8Array, row);
    });
  }

  const columns = fields.map((field, i) => decodeColumn(field, rows, cells[i] as Uint8Array));
  const find = (name: string) => columns.find((c) => c.name.toUpperCase() === name.trim().toUpperCase());
  return { rows, columns, find };
}

function checkKind(hdu: Hdu, place: FitsPlace): void {
  if (hdu.kind === 'bintable') return;
  if (hdu.kind === 'table' || (hdu.kind === 'compressed' && hdu.header.get('ZTABLE') === true)) {
    const what = hdu.kind === 'table' ? 'an ASCII table' : 'a compressed table';
    throw new FitsError(
      'UNSUPPORTED',
      `this HDU is ${what}, which is not decoded; convert it to a plain one first`,
      place,
    );
  }
  throw new FitsError('HDU_KIND', `this HDU is of kind ${hdu.kind}, expected a binary table`, place);
}

function readFields(hdu: Hdu, place: FitsPlace): { rows: number; rowBytes: number; fields: Field[] } {
  const { header } = hdu;
  const [rows = 0, rowBytes = 0] = hdu.shape;
  if (hdu.shape.length !== 2 || header.integer('BITPIX') !== 8) {
    const text = `BITPIX ${header.get('BITPIX')} and shape [${hdu.shape}]; a table has BITPIX 8 and two axes`;
    throw new FitsError('TABLE_LAYOUT', text, place);
  }
  if (rows * rowBytes > hdu.dataBytes) {
    throw new FitsError(
      'TABLE_LAYOUT',
      `${rows} rows of ${rowBytes} bytes in ${hdu.dataBytes} bytes of data`,
      place,
    );
  }
  const count = header.integer('TFIELDS');
  if (count === undefined || count < 0 || count > 999) {
    throw new FitsError('KEYWORD_VALUE', `found ${count}, expected 0 to 999`, {
      ...place,
      keyword: 'TFIELDS',
    });
  }
  const fields: Field[] = [];
  let start = 0;
  for (let n = 1; n <= count; n++) {
    const field = readField(hdu, n, start, place);
    fields.push(field);
    start += field.form.bytes;
  }
  if (start > rowBytes) {
    const text = `the columns take ${start} bytes a row, NAXIS1 gives ${rowBytes}; the header is damaged`;
    throw new FitsError('TABLE_LAYOUT', text, place);
  }
  return { rows, rowBytes, fields };
}

function readField({ header }: Hdu, n: number, start: number, place: FitsPlace): Field {
  const format = header.string(`TFORM${n}`);
  if (format === undefined) {
    throw new FitsError('KEYWORD_MISSING', 'every column needs a format', { ...place, keyword: `TFORM${n}` });
  }
  const form = parseTform(format, { ...place, keyword: `TFORM${n}` });
  const name = header.string(`TTYPE${n}`)?.trim() ?? `col${n}`;
  if (form.type === 'P' || form.type === 'Q') {
    const text = `column ${name} has variable-length rows (${format}), which are not decoded`;
    throw new FitsError('UNSUPPORTED', text, { ...place, keyword: `TFORM${n}` });
  }
  const nullValue = 'BIJK'.includes(form.type) ? header.get(`TNULL${n}`) : undefined;
  return {
    name,
    format,
    unit: header.string(`TUNIT${n}`),
    form,
    shape: parseTdim(header.string(`TDIM${n}`) ?? ''),
    scale: header.number(`TSCAL${n}`) ?? 1,
    zero: header.number(`TZERO${n}`) ?? 0,
    nullValue:
      typeof nullValue === 'bigint' || Number.isSafeInteger(nullValue) ? (nullValue as number) : undefined,
    start,
  };
}

/** Copy one field of every row of a chunk behind each other. */
function gather(
  bytes: Uint8Array,
  rowBytes: number,
  start: number,
  width: number,
  target: Uint8Array,
  firstRow: number,
): void {
  let to = firstRow * width;
  for (let from = start; from < bytes.length; from += rowBytes) {
    for (let i = 0; i < width; i++) target[to++] = bytes[from + i] as number;
  }
}
