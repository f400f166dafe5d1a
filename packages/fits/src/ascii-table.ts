import { readCells } from './cells.ts';
import { FitsError, type FitsPlace } from './errors.ts';
import { readLabels, readRows } from './field.ts';
import type { Fits } from './open.ts';
import type { Hdu } from './scan.ts';
import type { Column } from './table.ts';

/** A TFORM of an ASCII table: `A8`, `I6`, `F8.3`, `E15.7`, `D23.16`. */
interface AsciiField {
  readonly name: string;
  readonly format: string;
  readonly unit: string | undefined;
  readonly scale: number;
  readonly zero: number;
  readonly type: 'A' | 'I' | 'F' | 'E' | 'D';
  readonly decimals: number;
  readonly nothing: string | undefined;
  readonly start: number;
  readonly form: { readonly bytes: number };
}

const NUMBER = /^([+-]?)(\d*)(\.?)(\d*)(?:(?:[EeDd]([+-]?\d+))|([+-]\d+))?$/;

/** The columns of an ASCII table (FITS Standard 4.0, section 7.2). */
export async function readAsciiTable(
  fits: Pick<Fits, 'source'>,
  hdu: Hdu,
  place: FitsPlace,
): Promise<{ rows: number; columns: Column[] }> {
  const { rows, rowBytes, count } = readRows(hdu, place);
  const fields = Array.from({ length: count }, (_, i) => readField(hdu, i + 1, rowBytes, place));
  const bytes = fields.reduce((sum, { form }) => sum + form.bytes, 0);
  if (bytes > 4 * rowBytes) {
    const text = `the columns take ${bytes} bytes of rows of ${rowBytes}; they overlap beyond measure`;
    throw new FitsError('TABLE_LAYOUT', text, place);
  }
  const cells = await readCells(fits, hdu, rows, rowBytes, fields, place);
  const columns = fields.map((field, i) => {
    const texts = split(cells[i] as Uint8Array, rows, field.form.bytes);
    return decode(field, texts, { ...place, keyword: `TFORM${i + 1}` });
  });
  return { rows, columns };
}

function readField(hdu: Hdu, n: number, rowBytes: number, place: FitsPlace): AsciiField {
  const { header } = hdu;
  const labels = readLabels(hdu, n, place);
  const match = /^ *([AIFED])(\d{1,9})(?:\.(\d{1,3}))? *$/.exec(labels.format);
  if (!match) {
    const found = JSON.stringify(labels.format.slice(0, 40));
    const text = `found ${found}, expected Aw, Iw, Fw.d, Ew.d or Dw.d`;
    throw new FitsError('KEYWORD_VALUE', text, { ...place, keyword: `TFORM${n}` });
  }
  const [, type, width, decimals] = match;
  const column = header.integer(`TBCOL${n}`) ?? 0;
  const bytes = Number(width);
  if (column < 1 || column - 1 + bytes > rowBytes) {
    const text = `column ${labels.name} takes characters ${column} to ${column + bytes - 1} of rows of ${rowBytes}`;
    throw new FitsError('TABLE_LAYOUT', text, { ...place, keyword: `TBCOL${n}` });
  }
  const nothing = header.get(`TNULL${n}`);
  return {
    ...labels,
    type: type as AsciiField['type'],
    decimals: Number(decimals ?? 0),
    nothing: nothing === undefined || nothing === null ? undefined : `${nothing}`.trim(),
    start: column - 1,
    form: { bytes },
  };
}

/** One string a row; a NUL, which has no place in such a table, counts as a blank. */
function split(cells: Uint8Array, rows: number, width: number): string[] {
  const texts: string[] = [];
  for (let row = 0; row < rows; row++) {
    let text = '';
    for (let i = row * width; i < (row + 1) * width; i++) {
      text += String.fromCharCode(cells[i] || 0x20);
    }
    texts.push(text);
  }
  return texts;
}

function decode(field: AsciiField, texts: readonly string[], place: FitsPlace): Column {
  const { name, format, unit, nothing } = field;
  const column = { name, format, repeat: 1, ...(unit !== undefined && { unit }) };
  if (field.type === 'A') return { ...column, data: texts.map((text) => text.trimEnd()) };
  // A field wider than TNULL's text is blank around it; a narrower one holds what fits.
  const isNothing = (text: string) =>
    nothing !== undefined && text === nothing.slice(0, field.form.bytes).trim();
  const scaled = field.scale !== 1 || field.zero !== 0;
  if (field.type !== 'I' || scaled) {
    const data = Float64Array.from(texts, (text, row) => {
      const token = text.trim();
      if (isNothing(token)) return Number.NaN;
      const value = token === '' ? 0 : parseReal(token, field, row, place);
      return scaled ? value * field.scale + field.zero : value;
    });
    return { ...column, data };
  }
  const bits = field.form.bytes <= 4 ? 16 : field.form.bytes <= 9 ? 32 : 64;
  const least = -(2n ** BigInt(bits - 1));
  const integers = texts.map((text, row) => {
    const token = text.trim();
    return isNothing(token) ? least : token === '' ? 0n : parseInteger(token, row, place);
  });
  const data =
    bits === 16
      ? Int16Array.from(integers, Number)
      : bits === 32
        ? Int32Array.from(integers, Number)
        : BigInt64Array.from(integers);
  const nullValue = bits === 64 ? least : Number(least);
  return { ...column, data, ...(nothing !== undefined && { nullValue }) };
}

function parseInteger(token: string, row: number, place: FitsPlace): bigint {
  if (!/^[+-]?\d+$/.test(token)) throw notNumber(token, row, place);
  const value = BigInt(token.startsWith('+') ? token.slice(1) : token);
  if (BigInt.asIntN(64, value) !== value) throw notNumber(token, row, place);
  return value;
}

/** Fortran's reals: a point may be left out, which then stands `decimals` digits from the right; D or E, or only a sign. */
function parseReal(token: string, { decimals }: AsciiField, row: number, place: FitsPlace): number {
  const match = NUMBER.exec(token);
  if (match) {
    const [, sign, whole = '', point, fraction = '', letter, bare] = match;
    const exponent = Number(letter ?? bare ?? 0) - (point === '' ? decimals : 0);
    if (whole !== '' || fraction !== '') return Number(`${sign}${whole || 0}.${fraction || 0}e${exponent}`);
  }
  if (/^[+-]?(nan|inf(inity)?)$/i.test(token)) {
    if (/nan/i.test(token)) return Number.NaN;
    return token.startsWith('-') ? Number.NEGATIVE_INFINITY : Number.POSITIVE_INFINITY;
  }
  throw notNumber(token, row, place);
}

function notNumber(token: string, row: number, place: FitsPlace): FitsError {
  const found = JSON.stringify(token.slice(0, 40));
  return new FitsError('FIELD_VALUE', `row ${row} holds ${found}, expected a number that fits`, place);
}
