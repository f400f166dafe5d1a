import { FitsError, type FitsPlace } from './errors.ts';
import type { HeaderEntry } from './header.ts';
import type { ColumnInit, TableHdu } from './init.ts';
import { dtypeOf, STORAGE, type Storage } from './pixels.ts';
import { flipSign, swapInPlace } from './swap.ts';
import type { ColumnData } from './table.ts';
import type { FieldType } from './tform.ts';

/** A column laid out in a row. */
export interface PlannedColumn {
  readonly init: ColumnInit;
  readonly type: FieldType;
  /** Bytes in a row. */
  readonly width: number;
  /** Elements of `data` in a row. */
  readonly perRow: number;
  /** Characters of one string. */
  readonly chars: number;
  readonly storage: Storage | undefined;
}

export interface PlannedTable {
  readonly rows: number;
  readonly rowBytes: number;
  readonly columns: readonly PlannedColumn[];
}

const LETTER: Readonly<Record<string, FieldType>> = {
  uint8: 'B',
  int8: 'B',
  int16: 'I',
  uint16: 'I',
  int32: 'J',
  uint32: 'J',
  int64: 'K',
  uint64: 'K',
  float32: 'E',
  float64: 'D',
};

/** @throws FitsError WRITE_COLUMN */
export function planTable(hdu: TableHdu, place: FitsPlace): PlannedTable {
  if (hdu.columns.length > 999) throw refuse(`${hdu.columns.length} columns, a table has at most 999`, place);
  const columns = hdu.columns.map((init) => planColumn(init, place));
  const names = new Set(columns.map(({ init }) => init.name.toUpperCase()));
  if (names.size !== columns.length) throw refuse('two columns have the same name', place);
  let rows: number | undefined;
  for (const { init, perRow } of columns) {
    if (perRow === 0) {
      if (init.data.length > 0) throw refuse(`column ${init.name} has data but a repeat of 0`, place);
      continue;
    }
    const count = init.data.length / perRow;
    if (!Number.isInteger(count) || (rows !== undefined && count !== rows)) {
      const text = `column ${init.name} has ${init.data.length} elements, ${perRow} a row, expected ${rows ?? 'whole'} rows`;
      throw refuse(text, place);
    }
    rows = count;
  }
  return { rows: rows ?? 0, rowBytes: columns.reduce((sum, { width }) => sum + width, 0), columns };
}

function planColumn(init: ColumnInit, place: FitsPlace): PlannedColumn {
  if (!/^[\x21-\x7e]([\x20-\x7e]{0,66}[\x21-\x7e])?$/.test(init.name)) {
    throw refuse(
      `${JSON.stringify(init.name)} is no column name; expected 1-68 printable ASCII characters`,
      place,
    );
  }
  const type = typeOf(init);
  const cells = init.shape?.reduce((a, b) => a * b, 1);
  const repeat = init.repeat ?? cells ?? 1;
  if (!Number.isSafeInteger(repeat) || repeat < 0 || (cells !== undefined && cells !== repeat)) {
    throw refuse(`column ${init.name} has repeat ${repeat} and shape [${init.shape ?? ''}]`, place);
  }
  if (type === 'A') {
    const chars = (init.data as string[]).reduce((most, s) => Math.max(most, s.length), 1);
    return { init, type, width: repeat * chars, perRow: repeat, chars, storage: undefined };
  }
  if (type === 'L' || type === 'X') {
    const width = type === 'L' ? repeat : Math.ceil(repeat / 8);
    return { init, type, width, perRow: repeat, chars: 0, storage: undefined };
  }
  const storage = STORAGE[dtypeOf(init.data as Exclude<ColumnData, string[] | (boolean | null)[]>)];
  const perRow = type === 'C' || type === 'M' ? 2 * repeat : repeat;
  return { init, type, width: perRow * storage.bytes, perRow, chars: 0, storage };
}

/** The type letter follows from the data; `format` decides only between those that share an array type. */
function typeOf({ data, format }: ColumnInit): FieldType {
  const wanted = /[A-Z]/.exec(format ?? '')?.[0];
  if (Array.isArray(data)) {
    const first = data.find((value) => value !== null);
    return typeof first === 'string' || (first === undefined && wanted === 'A') ? 'A' : 'L';
  }
  const letter = LETTER[dtypeOf(data)] as FieldType;
  const pair = `${letter}${wanted}`;
  return pair === 'BX' || pair === 'EC' || pair === 'DM' ? (wanted as FieldType) : letter;
}

/** TTYPE, TFORM and what else describes column `n` (1-based). */
export function columnEntries(column: PlannedColumn, n: number): HeaderEntry[] {
  const { init, type, chars, storage } = column;
  const repeat =
    type === 'A' ? column.width : type === 'C' || type === 'M' ? column.perRow / 2 : column.perRow;
  const entries: HeaderEntry[] = [
    [`TTYPE${n}`, init.name, init.comment ?? ''],
    [`TFORM${n}`, `${repeat}${type}`],
  ];
  if (init.unit !== undefined) entries.push([`TUNIT${n}`, init.unit]);
  if (storage?.flip) {
    const { bzero } = storage;
    entries.push([`TSCAL${n}`, 1], [`TZERO${n}`, storage.bytes === 8 ? bzero : Number(bzero)]);
  }
  if (init.nullValue !== undefined && 'BIJK'.includes(type)) {
    entries.push([`TNULL${n}`, BigInt(init.nullValue) - (storage?.bzero ?? 0n)]);
  }
  const cell = init.shape ?? (type === 'A' && column.perRow > 1 ? [column.perRow] : undefined);
  if (cell) {
    const axes = type === 'A' ? [...cell, chars] : cell;
    entries.push([`TDIM${n}`, `(${[...axes].reverse().join(',')})`]);
  }
  return entries;
}

/** All cells of a column behind each other, big-endian. */
export function encodeColumn(column: PlannedColumn, rows: number, place: FitsPlace): Uint8Array {
  const { init, type, width, perRow, chars, storage } = column;
  if (storage) {
    const data = init.data as Float32Array;
    const bytes = new Uint8Array(data.byteLength);
    bytes.set(new Uint8Array(data.buffer, data.byteOffset, data.byteLength));
    if (storage.flip) flipSign(bytes, storage.bytes);
    swapInPlace(bytes, storage.bytes);
    return bytes;
  }
  const bytes = new Uint8Array(rows * width);
  if (type === 'A') {
    bytes.fill(0x20);
    (init.data as string[]).forEach((text, i) => {
      if (!/^[\x20-\x7e]*$/.test(text)) {
        const shown = JSON.stringify(text.slice(0, 60));
        throw refuse(`column ${init.name}, string ${shown} holds characters beyond printable ASCII`, place);
      }
      for (let k = 0; k < text.length; k++) bytes[i * chars + k] = text.charCodeAt(k);
    });
  } else if (type === 'L') {
    (init.data as (boolean | null)[]).forEach((value, i) => {
      bytes[i] = value === null ? 0 : value ? 0x54 : 0x46;
    });
  } else {
    const bits = init.data as Uint8Array;
    for (let i = 0; i < bits.length; i++) {
      const at = Math.floor(i / perRow) * width + ((i % perRow) >> 3);
      if (bits[i]) bytes[at] = (bytes[at] as number) | (0x80 >> ((i % perRow) & 7));
    }
  }
  return bytes;
}

function refuse(text: string, place: FitsPlace): FitsError {
  return new FitsError('WRITE_COLUMN', text, place);
}
