import type { Field } from './field.ts';
import { exactStorage, type Pixels, type Storage } from './pixels.ts';
import { flipSign, swapInPlace } from './swap.ts';
import type { Column, ColumnData } from './table.ts';
import type { FieldType } from './tform.ts';

/** BITPIX of the numeric types; complex numbers are pairs. */
const BITPIX: Partial<Record<FieldType, number>> = {
  B: 8,
  I: 16,
  J: 32,
  K: 64,
  E: -32,
  D: -64,
  C: -32,
  M: -64,
};

/**
 * A column from its gathered cells.
 *
 * @param cells  big-endian bytes, `rows × field.form.bytes`; taken over and changed
 */
export function decodeColumn(field: Field, rows: number, cells: Uint8Array): Column {
  const { name, format, unit, form, shape } = field;
  const column = (repeat: number, data: ColumnData, cell = shape, nullValue?: number | bigint): Column => ({
    name,
    format,
    repeat,
    data,
    ...(unit !== undefined && { unit }),
    ...(cell && cell.reduce((a, b) => a * b, 1) === repeat && { shape: cell }),
    ...(nullValue !== undefined && { nullValue }),
  });
  if (form.type === 'A') {
    const width = stringWidth(field);
    const repeat = width === 0 ? 0 : Math.floor(form.bytes / width);
    return column(repeat, decodeStrings(cells, rows, form.bytes, width, repeat), shape?.slice(0, -1));
  }
  if (form.type === 'L') return column(form.repeat, decodeLogicals(cells));
  if (form.type === 'X') return column(form.repeat, decodeBits(cells, rows, form.bytes, form.repeat));
  const { data, nullValue } = decodeNumbers(field, cells);
  return column(form.repeat, data, shape, nullValue);
}

/** Characters of one string: the first axis of TDIM, or the `w` of the `rAw` convention, or the whole field. */
function stringWidth({ form, shape }: Field): number {
  const last = shape?.at(-1);
  if (shape && last && shape.reduce((a, b) => a * b, 1) <= form.bytes) return last;
  const w = Number(/^\d+/.exec(form.rest)?.[0]);
  return w > 0 && w <= form.bytes ? w : form.bytes;
}

function decodeStrings(
  cells: Uint8Array,
  rows: number,
  rowBytes: number,
  width: number,
  repeat: number,
): string[] {
  const strings: string[] = [];
  for (let row = 0; row < rows && repeat > 0; row++) {
    for (let k = 0; k < repeat; k++) {
      const start = row * rowBytes + k * width;
      strings.push(decodeText(cells, start, start + width));
    }
  }
  return strings;
}

/** A string ends at a NUL; trailing blanks do not count. Bytes beyond ASCII are taken as Latin-1. */
export function decodeText(bytes: Uint8Array, start: number, limit: number): string {
  let end = start;
  while (end < limit && bytes[end] !== 0) end++;
  while (end > start && bytes[end - 1] === 0x20) end--;
  const pieces: string[] = [];
  for (let at = start; at < end; at += 8192) {
    pieces.push(String.fromCharCode(...bytes.subarray(at, Math.min(at + 8192, end))));
  }
  return pieces.length === 1 ? (pieces[0] as string) : pieces.join('');
}

function decodeLogicals(cells: Uint8Array): (boolean | null)[] {
  return Array.from(cells, (byte) => (byte === 0 ? null : byte === 0x54));
}

function decodeBits(cells: Uint8Array, rows: number, rowBytes: number, bits: number): Uint8Array {
  const data = new Uint8Array(bits === 0 ? 0 : rows * bits);
  let at = 0;
  for (let row = 0; row < rows && bits > 0; row++) {
    for (let bit = 0; bit < bits; bit++) {
      data[at++] = ((cells[row * rowBytes + (bit >> 3)] as number) >> (7 - (bit & 7))) & 1;
    }
  }
  return data;
}

function decodeNumbers(field: Field, cells: Uint8Array): { data: Pixels; nullValue?: number | bigint } {
  const { form, scale, zero, nullValue } = field;
  const bitpix = BITPIX[form.type] as number;
  const stored = exactStorage(bitpix, 1, 0) as Storage;
  swapInPlace(cells, stored.bytes);
  const exact = exactStorage(bitpix, scale, zero);
  if (exact) {
    if (exact.flip) flipSign(cells, exact.bytes);
    const data = exact.view(cells.buffer, 0, cells.length / exact.bytes);
    return nullValue === undefined ? { data } : { data, nullValue: shiftedNull(nullValue, exact) };
  }
  const numbers = stored.view(cells.buffer, 0, cells.length / stored.bytes);
  const data = new Float64Array(numbers.length);
  const complex = form.type === 'C' || form.type === 'M';
  const nothing =
    nullValue === undefined ? undefined : stored.bytes === 8 ? BigInt(nullValue) : Number(nullValue);
  for (let i = 0; i < data.length; i++) {
    const value = numbers[i] as number | bigint;
    // TZERO is real: it does not touch the imaginary half of a pair.
    const offset = complex && i % 2 === 1 ? 0 : zero;
    data[i] = value === nothing ? Number.NaN : Number(value) * scale + offset;
  }
  return { data };
}

function shiftedNull(nullValue: number | bigint, exact: Storage): number | bigint {
  const shifted = BigInt(nullValue) + exact.bzero;
  return exact.bytes === 8 ? shifted : Number(shifted);
}
