import { readBytes } from '../source.ts';
import { elementBytes } from '../tform.ts';
import { checkAsciiCell, checkGaps } from './ascii-cells.ts';
import type { VerifiedColumn } from './columns.ts';
import { type Checking, integerOf } from './unit.ts';
import type { Reach } from './units.ts';

/** Bytes of rows looked at at once, if a row is not longer. */
const CHUNK = 1 << 20;
/** How often the bytes of a heap are looked at, on average: cells that overlap beyond that are not. */
const OVERLAP = 4;

/**
 * The cells that can be illegal: all of an ASCII table; logicals, bits, strings and descriptors of a binary one.
 * Of each column the first cell of each kind of fault is reported.
 */
export async function checkCells(
  source: Reach,
  checking: Checking,
  columns: readonly VerifiedColumn[],
): Promise<void> {
  const { unit } = checking;
  const [rowBytes = 0, axis = 0] = unit.axes;
  if (rowBytes <= 0 || columns.length === 0) return;
  // No more rows than there are, whatever NAXIS2 says.
  const rows = Math.min(axis, Math.floor(unit.dataBytes / rowBytes));
  if (rows <= 0) return;
  const inspectors = columns.flatMap((column) => inspectorOf(source, checking, column) ?? []);
  const gaps = unit.type === 'table' ? checkGaps(checking, columns) : undefined;
  if (inspectors.length === 0 && !gaps) return;
  const perChunk = Math.max(1, Math.floor(CHUNK / rowBytes));
  const memory = new Uint8Array(Math.min(rows, perChunk) * rowBytes);
  for (let row = 0; row < rows && !checking.report.full; row += perChunk) {
    const count = Math.min(perChunk, rows - row);
    const bytes = memory.subarray(0, count * rowBytes);
    await readBytes(source, bytes, unit.dataOffset + row * rowBytes, { hdu: unit.index });
    for (let r = 0; r < count; r++) {
      gaps?.(bytes.subarray(r * rowBytes, (r + 1) * rowBytes), row + r);
      for (const { column, inspect } of inspectors) {
        const at = r * rowBytes + column.start;
        const pending = inspect(bytes.subarray(at, at + column.bytes), row + r);
        if (pending) await pending;
      }
    }
  }
}

type Inspect = (cell: Uint8Array, row: number) => void | Promise<void>;
interface Inspector {
  readonly column: VerifiedColumn;
  readonly inspect: Inspect;
}

/** Says a thing once. */
function once(checking: Checking, column: VerifiedColumn) {
  const said = new Set<string>();
  const { unit, report } = checking;
  return (check: 'data' | 'heap', kind: string, row: number, message: string) => {
    if (said.has(kind)) return;
    said.add(kind);
    const offset = unit.dataOffset + row * (unit.axes[0] ?? 0) + column.start;
    const place = { hdu: unit.index, keyword: `TFORM${column.n}`, offset };
    report.error(check, place, `column ${column.n}, row ${row + 1}: ${message}`);
  };
}

type Say = ReturnType<typeof once>;

function inspectorOf(source: Reach, checking: Checking, column: VerifiedColumn): Inspector | undefined {
  const say = once(checking, column);
  const { form, ascii } = column;
  if (ascii) {
    return {
      column,
      inspect: (cell, row) => checkAsciiCell(ascii, cell, (kind, text) => say('data', kind, row, text)),
    };
  }
  if (!form || form.bytes === 0) return undefined;
  if (form.type === 'P' || form.type === 'Q')
    return { column, inspect: variable(source, checking, column, say) };
  const spare = form.type === 'X' ? (8 - (form.repeat % 8)) % 8 : 0;
  if (form.type === 'L') return { column, inspect: (cell, row) => logicals(cell, row, say) };
  if (form.type === 'A') return { column, inspect: (cell, row) => text(cell, row, say) };
  if (spare === 0) return undefined;
  const mask = 2 ** spare - 1;
  const inspect: Inspect = (cell, row) => {
    if (((cell.at(-1) ?? 0) & mask) !== 0) say('data', 'bits', row, 'the bits behind the last one are not 0');
  };
  return { column, inspect };
}

function logicals(cell: Uint8Array, row: number, say: Say): void {
  for (const byte of cell) {
    if (byte === 0 || byte === 0x54 || byte === 0x46) continue;
    say('data', 'logical', row, `the logical value is byte ${byte}, expected T, F or 0`);
    return;
  }
}

function text(cell: Uint8Array, row: number, say: Say): void {
  for (const byte of cell) {
    if (byte === 0) return;
    if (byte >= 32 && byte <= 126) continue;
    say('data', 'text', row, `byte ${byte} in a string, expected printable ASCII`);
    return;
  }
}

/** Descriptors point into the heap, no cell is longer than TFORM says; strings and logicals there are legal. */
function variable(source: Reach, checking: Checking, column: VerifiedColumn, say: Say): Inspect {
  const { unit } = checking;
  const form = column.form as NonNullable<VerifiedColumn['form']>;
  const longest = Number(/^\((\d+)\)/.exec(form.rest)?.[1] ?? Number.POSITIVE_INFINITY);
  const rows = (unit.axes[0] ?? 0) * (unit.axes[1] ?? 0);
  const theap = integerOf(unit, 'THEAP') ?? rows;
  // A THEAP that is no place for a heap has its own finding.
  const begin = theap >= rows && theap <= unit.dataBytes ? theap : rows;
  const heapBytes = unit.dataBytes - begin;
  let budget = OVERLAP * heapBytes;
  return (cell, row) => {
    const view = new DataView(cell.buffer, cell.byteOffset, cell.byteLength);
    const wide = form.type === 'Q';
    const word = (at: number) =>
      wide ? view.getUint32(8 * at) * 2 ** 32 + view.getUint32(8 * at + 4) : view.getUint32(4 * at);
    const [length, offset] = [word(0), word(1)];
    if (length > longest)
      say('heap', 'length', row, `${length} elements, and TFORM gives ${longest} at most`);
    const bytes = elementBytes(form.element, length);
    if (length > 0 && offset + bytes > heapBytes) {
      say('heap', 'range', row, `${length} elements at ${offset} in a heap of ${heapBytes} bytes`);
      return undefined;
    }
    if (bytes === 0 || (form.element !== 'A' && form.element !== 'L') || bytes > budget) return undefined;
    budget -= bytes;
    const inspect = form.element === 'A' ? text : logicals;
    const found = source.slice(unit.dataOffset + begin + offset, unit.dataOffset + begin + offset + bytes);
    return found instanceof Uint8Array ? inspect(found, row, say) : found.then((b) => inspect(b, row, say));
  };
}
