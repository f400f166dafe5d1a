import { encodeNumbers, putBits, putLogicals, putText } from './cell-write.ts';
import { FitsError, type FitsPlace } from './errors.ts';
import type { HeaderEntry } from './header.ts';
import type { ColumnInit, TableHdu } from './init.ts';
import { dtypeOf, STORAGE, type Storage } from './pixels.ts';
import type { ColumnData } from './table.ts';
import type { FieldType } from './tform.ts';
import {
  descriptorsOf,
  encodeVariable,
  isVariable,
  planVariable,
  type VariableColumn,
} from './variable-write.ts';

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
  /** Variable-length columns: where their cells go in the heap. */
  readonly variable?: VariableColumn;
}

export interface PlannedTable {
  readonly rows: number;
  readonly rowBytes: number;
  readonly columns: readonly PlannedColumn[];
  /** Behind the rows, column after column. */
  readonly heapBytes: number;
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
export function planTable(hdu: Pick<TableHdu, 'columns'>, place: FitsPlace): PlannedTable {
  for (const init of hdu.columns) checkName(init, place);
  if (hdu.columns.length > 999) throw refuse(`${hdu.columns.length} columns, a table has at most 999`, place);
  let heapBytes = 0;
  const columns = hdu.columns.map((init) => {
    if (!isVariable(init)) return planColumn(init, place);
    const planned = planVariable(init, typeOf(init), heapBytes, place);
    heapBytes += planned.variable?.bytes ?? 0;
    return planned;
  });
  const names = new Set(columns.map(({ init }) => init.name.toUpperCase()));
  if (names.size !== columns.length) throw refuse('two columns have the same name', place);
  let rows: number | undefined;
  for (const { init, perRow, variable } of columns) {
    if (variable) {
      if (rows !== undefined && variable.rows !== rows) {
        throw refuse(`column ${init.name} has ${variable.rows} rows, expected ${rows}`, place);
      }
      rows = variable.rows;
      continue;
    }
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
  const rowBytes = columns.reduce((sum, { width }) => sum + width, 0);
  return { rows: rows ?? 0, rowBytes, columns, heapBytes };
}

function checkName(init: ColumnInit, place: FitsPlace): void {
  if (!/^[\x21-\x7e]([\x20-\x7e]{0,66}[\x21-\x7e])?$/.test(init.name)) {
    throw refuse(
      `${JSON.stringify(init.name)} is no column name; expected 1-68 printable ASCII characters`,
      place,
    );
  }
}

function planColumn(init: ColumnInit, place: FitsPlace): PlannedColumn {
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
  const wanted = /[PQ]?([A-Z])/.exec(format ?? '')?.[1];
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
  const { init, type, chars, storage, variable } = column;
  const repeat =
    type === 'A' ? column.width : type === 'C' || type === 'M' ? column.perRow / 2 : column.perRow;
  const entries: HeaderEntry[] = [
    [`TTYPE${n}`, init.name, init.comment ?? ''],
    [`TFORM${n}`, variable ? `1${variable.letter}${type}(${variable.longest})` : `${repeat}${type}`],
  ];
  if (init.unit !== undefined) entries.push([`TUNIT${n}`, init.unit]);
  if (storage?.flip) {
    const { bzero } = storage;
    entries.push([`TSCAL${n}`, 1], [`TZERO${n}`, storage.bytes === 8 ? bzero : Number(bzero)]);
  }
  if (init.nullValue !== undefined && 'BIJK'.includes(type)) {
    entries.push([`TNULL${n}`, BigInt(init.nullValue) - (storage?.bzero ?? 0n)]);
  }
  if (variable) return entries;
  const cell = init.shape ?? (type === 'A' && column.perRow > 1 ? [column.perRow] : undefined);
  if (cell) {
    const axes = type === 'A' ? [...cell, chars] : cell;
    entries.push([`TDIM${n}`, `(${[...axes].reverse().join(',')})`]);
  }
  return entries;
}

/** All cells of a column behind each other, big-endian; of a variable-length column descriptors, and the heap's part. */
export function encodeColumn(
  column: PlannedColumn,
  rows: number,
  place: FitsPlace,
): { readonly cells: Uint8Array; readonly heap?: Uint8Array } {
  const { init, type, width, perRow, chars, storage, variable } = column;
  if (variable) return { cells: descriptorsOf(variable), heap: encodeVariable(column, variable, place) };
  if (storage) return { cells: encodeNumbers(init.data as Float32Array, storage) };
  const cells = new Uint8Array(rows * width);
  if (type === 'A') {
    cells.fill(0x20);
    (init.data as string[]).forEach((text, i) => {
      putText(cells, i * chars, text, init.name, place);
    });
  } else if (type === 'L') {
    putLogicals(cells, init.data as (boolean | null)[]);
  } else {
    const bits = init.data as Uint8Array;
    for (let row = 0; row < rows; row++) {
      putBits(cells, row * width, bits.subarray(row * perRow, (row + 1) * perRow));
    }
  }
  return { cells };
}

function refuse(text: string, place: FitsPlace): FitsError {
  return new FitsError('WRITE_COLUMN', text, place);
}
