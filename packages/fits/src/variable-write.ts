import { encodeNumbers, putBits, putLogicals, putText } from './cell-write.ts';
import type { PlannedColumn } from './column-write.ts';
import { FitsError, type FitsPlace } from './errors.ts';
import type { ColumnInit } from './init.ts';
import { dtypeOf, type Pixels, STORAGE } from './pixels.ts';
import { elementBytes, type FieldType } from './tform.ts';

/** A variable-length column laid out in the heap. */
export interface VariableColumn {
  /** P: 32-bit descriptors, Q: 64-bit ones, where the heap is too large for those. */
  readonly letter: 'P' | 'Q';
  readonly rows: number;
  /** Elements of each row (bits, characters, pairs). */
  readonly lengths: Float64Array;
  /** Bytes of each row. */
  readonly sizes: Float64Array;
  /** First byte in the heap. */
  readonly start: number;
  readonly bytes: number;
  readonly longest: number;
}

export function isVariable({ offsets, format }: ColumnInit): boolean {
  return offsets !== undefined || /[PQ]/.test(format ?? '');
}

/** @throws FitsError WRITE_COLUMN */
export function planVariable(
  init: ColumnInit,
  type: FieldType,
  start: number,
  place: FitsPlace,
): PlannedColumn {
  const { data, format } = init;
  const perElement = type === 'C' || type === 'M' ? 2 : 1;
  const lengths =
    type === 'A'
      ? Float64Array.from(data as string[], (text) => text.length)
      : lengthsOf(init, perElement, place);
  const sizes = lengths.map((n) => elementBytes(type, n));
  const bytes = sizes.reduce((a, b) => a + b, 0);
  const letter = /Q/.test(format ?? '') || start + bytes >= 2 ** 31 ? 'Q' : 'P';
  const variable: VariableColumn = {
    letter,
    rows: lengths.length,
    lengths,
    sizes,
    start,
    bytes,
    longest: lengths.reduce((a, b) => Math.max(a, b), 0),
  };
  const plain = ['A', 'L', 'X'].includes(type);
  const storage = plain ? undefined : STORAGE[dtypeOf(data as Pixels)];
  return { init, type, width: letter === 'P' ? 8 : 16, perRow: 1, chars: 0, storage, variable };
}

function lengthsOf({ name, data, offsets }: ColumnInit, perElement: number, place: FitsPlace): Float64Array {
  const wrong = (text: string) => new FitsError('WRITE_COLUMN', `column ${name} ${text}`, place);
  if (!offsets || offsets.length === 0) throw wrong('is of variable length and has no offsets');
  const lengths = new Float64Array(offsets.length - 1);
  for (let row = 0; row < lengths.length; row++) {
    const length = ((offsets[row + 1] as number) - (offsets[row] as number)) / perElement;
    if (!Number.isInteger(length) || length < 0) throw wrong(`has ${length} elements in row ${row}`);
    lengths[row] = length;
  }
  if (offsets[0] !== 0 || offsets[lengths.length] !== data.length) {
    throw wrong(`has offsets ${offsets[0]} to ${offsets[lengths.length]} for ${data.length} elements`);
  }
  return lengths;
}

/** Length and place of every row's cell. */
export function descriptorsOf({ letter, lengths, sizes, start }: VariableColumn): Uint8Array {
  const wide = letter === 'Q';
  const width = wide ? 16 : 8;
  const view = new DataView(new ArrayBuffer(lengths.length * width));
  let at = start;
  lengths.forEach((length, row) => {
    if (wide) {
      view.setBigUint64(row * width, BigInt(length));
      view.setBigUint64(row * width + 8, BigInt(at));
    } else {
      view.setUint32(row * width, length);
      view.setUint32(row * width + 4, at);
    }
    at += sizes[row] as number;
  });
  return new Uint8Array(view.buffer);
}

/** The column's cells behind each other. */
export function encodeVariable(
  { init, type, storage }: PlannedColumn,
  { bytes, lengths, sizes }: VariableColumn,
  place: FitsPlace,
): Uint8Array {
  if (storage) return encodeNumbers(init.data as Pixels, storage);
  const heap = new Uint8Array(bytes);
  if (type === 'L') {
    putLogicals(heap, init.data as (boolean | null)[]);
    return heap;
  }
  let at = 0;
  let element = 0;
  lengths.forEach((length, row) => {
    if (type === 'A') putText(heap, at, (init.data as string[])[row] as string, init.name, place);
    else putBits(heap, at, (init.data as Uint8Array).subarray(element, element + length));
    at += sizes[row] as number;
    element += length;
  });
  return heap;
}
