import { FitsError, type FitsPlace } from './errors.ts';
import type { Hdu } from './scan.ts';
import { elementBytes, parseTdim, parseTform, type Tform } from './tform.ts';

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

export interface TableLayout {
  readonly rows: number;
  readonly rowBytes: number;
  readonly fields: readonly Field[];
}

/** The rows of a table of either kind, checked against the data unit. */
export function readRows(hdu: Hdu, place: FitsPlace): { rows: number; rowBytes: number; count: number } {
  const { header } = hdu;
  const rowBytes = header.integer('NAXIS1') ?? 0;
  const rows = header.integer('NAXIS2') ?? 0;
  if (header.get('NAXIS') !== 2 || header.integer('BITPIX') !== 8) {
    const text = `BITPIX ${header.get('BITPIX')} and NAXIS ${header.get('NAXIS')}; a table has BITPIX 8 and two axes`;
    throw new FitsError('TABLE_LAYOUT', text, place);
  }
  if (rows * rowBytes > hdu.dataBytes) {
    const text = `${rows} rows of ${rowBytes} bytes in ${hdu.dataBytes} bytes of data`;
    throw new FitsError('TABLE_LAYOUT', text, place);
  }
  const count = header.integer('TFIELDS');
  if (count === undefined || count < 0 || count > 999) {
    const text = `found ${count}, expected 0 to 999`;
    throw new FitsError('KEYWORD_VALUE', text, { ...place, keyword: 'TFIELDS' });
  }
  return { rows, rowBytes, count };
}

/** The columns of a binary table. */
export function readFields(hdu: Hdu, place: FitsPlace): TableLayout {
  const { rows, rowBytes, count } = readRows(hdu, place);
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

/** TFORM, TTYPE and TUNIT, which tables of both kinds have. */
export function readLabels({ header }: Hdu, n: number, place: FitsPlace) {
  const format = header.string(`TFORM${n}`);
  if (format === undefined) {
    throw new FitsError('KEYWORD_MISSING', 'every column needs a format', { ...place, keyword: `TFORM${n}` });
  }
  const name = header.string(`TTYPE${n}`)?.trim() ?? `col${n}`;
  const scale = header.number(`TSCAL${n}`) ?? 1;
  const zero = header.number(`TZERO${n}`) ?? 0;
  return { name, format, unit: header.string(`TUNIT${n}`), scale, zero };
}

function readField(hdu: Hdu, n: number, start: number, place: FitsPlace): Field {
  const labels = readLabels(hdu, n, place);
  const form = parseTform(labels.format, { ...place, keyword: `TFORM${n}` });
  const nullValue = 'BIJK'.includes(form.element) ? hdu.header.get(`TNULL${n}`) : undefined;
  return {
    ...labels,
    form,
    shape: parseTdim(hdu.header.string(`TDIM${n}`) ?? ''),
    nullValue:
      typeof nullValue === 'bigint' || Number.isSafeInteger(nullValue) ? (nullValue as number) : undefined,
    start,
  };
}

/** The field of one cell of a variable-length column, or of all of them behind each other, as if it were of fixed length. */
export function fixedField(field: Field, repeat: number): Field {
  const { element, rest } = field.form;
  const form = { type: element, element, repeat, rest, bytes: elementBytes(element, repeat) };
  return { ...field, form, shape: undefined };
}
