import { FitsError, type FitsPlace } from './errors.ts';
import type { Fits } from './open.ts';
import type { Hdu } from './scan.ts';
import { readBytes } from './source.ts';

/** Bytes read at once, where cells lie close enough together. */
const GROUP = 1 << 20;
/** A gap between two cells that is cheaper to read than to skip. */
const GAP = 4096;
/** How often the bytes of a heap may be pointed to, on average. */
const OVERLAP = 4;

/** What follows the rows of a table: the memory that descriptors of variable-length columns point into. */
export interface Heap {
  /** Byte in the file. */
  readonly start: number;
  readonly bytes: number;
}

/** Where the cells of a column lie in the heap, row by row. */
export interface Cells {
  /** Elements of each row. */
  readonly lengths: Float64Array;
  /** First byte of each row's cell in the heap. */
  readonly offsets: Float64Array;
  /** Bytes of each row's cell. */
  readonly sizes: Float64Array;
  readonly totalBytes: number;
  readonly largestBytes: number;
}

/** THEAP says where the heap begins: behind the rows, or later. @throws FitsError TABLE_LAYOUT */
export function heapOf(hdu: Hdu, rows: number, rowBytes: number, place: FitsPlace): Heap {
  const begin = hdu.header.integer('THEAP') ?? rows * rowBytes;
  if (begin < rows * rowBytes || begin > hdu.dataBytes) {
    const text = `the heap begins at ${begin}, expected ${rows * rowBytes} (end of the rows) to ${hdu.dataBytes}`;
    throw new FitsError('TABLE_LAYOUT', text, { ...place, keyword: 'THEAP' });
  }
  return { start: hdu.dataOffset + begin, bytes: hdu.dataBytes - begin };
}

/**
 * Read the descriptors of a column (P: 2 × 32 bits, Q: 2 × 64 bits, length then offset).
 *
 * @param bytes      the rows' descriptors, `stride` bytes apart, from byte `start` on
 * @param sizeOf     bytes of so many elements
 * @throws FitsError HEAP_RANGE
 */
export function readDescriptors(
  bytes: Uint8Array,
  { rows, start, stride, wide }: { rows: number; start: number; stride: number; wide: boolean },
  heap: Heap,
  sizeOf: (elements: number) => number,
  place: FitsPlace,
): Cells {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const word = (at: number) =>
    wide ? view.getUint32(at) * 2 ** 32 + view.getUint32(at + 4) : view.getUint32(at);
  const lengths = new Float64Array(rows);
  const offsets = new Float64Array(rows);
  const sizes = new Float64Array(rows);
  let totalBytes = 0;
  let largestBytes = 0;
  for (let row = 0; row < rows; row++) {
    const at = row * stride + start;
    const length = word(at);
    const offset = length === 0 ? 0 : word(at + (wide ? 8 : 4));
    const size = sizeOf(length);
    if (offset + size > heap.bytes) {
      const text = `row ${row} points to ${length} elements at ${offset} in a heap of ${heap.bytes} bytes; the table is damaged`;
      throw new FitsError('HEAP_RANGE', text, place);
    }
    lengths[row] = length;
    offsets[row] = offset;
    sizes[row] = size;
    totalBytes += size;
    largestBytes = Math.max(largestBytes, size);
  }
  if (totalBytes > OVERLAP * heap.bytes) {
    const text = `the rows point to ${totalBytes} bytes in a heap of ${heap.bytes}: more than ${OVERLAP} times its size`;
    throw new FitsError('HEAP_RANGE', text, place);
  }
  return { lengths, offsets, sizes, totalBytes, largestBytes };
}

/** Bytes that `visitCells` needs at a time. */
export function groupBytes(cells: Cells): number {
  return Math.max(Math.min(GROUP, 2 * cells.totalBytes + GAP), cells.largestBytes);
}

/**
 * Visit the cells in order of rows, reading neighbours in the heap together. Empty cells are not visited.
 *
 * @param memory  `groupBytes(cells)` bytes to read into
 * @param visit   gets a cell's bytes and where in `memory` they are; they are valid until it is done
 */
export async function visitCells(
  fits: Pick<Fits, 'source'>,
  heap: Heap,
  cells: Cells,
  memory: Uint8Array,
  place: FitsPlace,
  visit: Visit,
): Promise<void> {
  for (const group of groupsOf(cells, memory.length, GAP)) {
    const { start, end } = group;
    await readBytes(fits.source, memory.subarray(0, end - start), heap.start + start, place);
    await visitGroup(cells, group, memory, visit);
  }
}

type Visit = (row: number, bytes: Uint8Array, at: number) => void | Promise<void>;

/** Visit the cells of one group, whose bytes stand at the beginning of `memory`. */
export async function visitGroup(
  { offsets, sizes }: Cells,
  { row, next, start }: CellGroup,
  memory: Uint8Array,
  visit: Visit,
): Promise<void> {
  for (let cell = row; cell < next; cell++) {
    const size = sizes[cell] as number;
    if (size === 0) continue;
    const at = (offsets[cell] as number) - start;
    const pending = visit(cell, memory.subarray(at, at + size), at);
    if (pending) await pending;
  }
}

/** Rows `[row, next)` whose cells lie in bytes `[start, end)` of the heap, in order. */
export interface CellGroup {
  readonly row: number;
  readonly next: number;
  readonly start: number;
  readonly end: number;
}

/**
 * Cells that are read together.
 *
 * @param most  bytes of a group; not less than the largest cell
 * @param gap   bytes between two cells that may be read without being wanted
 */
export function* groupsOf({ offsets, sizes }: Cells, most: number, gap: number): Generator<CellGroup> {
  const rows = sizes.length;
  for (let row = 0; row < rows; ) {
    if (sizes[row] === 0) {
      row++;
      continue;
    }
    const start = offsets[row] as number;
    let end = start + (sizes[row] as number);
    let next = row + 1;
    for (; next < rows; next++) {
      const size = sizes[next] as number;
      const offset = offsets[next] as number;
      if (size === 0) continue;
      if (offset < end || offset > end + gap || offset + size - start > most) break;
      end = offset + size;
    }
    yield { row, next, start, end };
    row = next;
  }
}
