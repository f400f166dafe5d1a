import { addDatasums, datasum, hostDatasum, sumAt } from './checksum.ts';
import { encodeColumn, planTable } from './column-write.ts';
import type { CompressedHdu, HduInit, ImageHdu, TableHdu } from './init.ts';
import { storageOf } from './layout.ts';
import { flipSign, swapInPlace } from './swap.ts';

/** Small enough to be summed, swapped and written while still in the processor's cache; a multiple of 8. */
const CHUNK = 1 << 20;
let scratch: Uint8Array | undefined;

/** Receives big-endian bytes, in order; they are valid only during the call. */
export type Sink = (bytes: Uint8Array) => void;

/**
 * The data unit of an HDU as big-endian bytes, without padding.
 *
 * @returns its DATASUM, 0 if `checksum` is off
 */
export function encodeData(init: HduInit, checksum: boolean, sink: Sink): number {
  return init.kind === 'image' ? encodeImage(init, checksum, sink) : encodeTable(init, checksum, sink);
}

function encodeImage(init: ImageHdu, checksum: boolean, sink: Sink): number {
  const { data } = init;
  if (!data || data.length === 0) return 0;
  const storage = storageOf(init);
  const source = new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
  scratch ??= new Uint8Array(CHUNK);
  let sum = 0;
  for (let at = 0; at < source.length; at += CHUNK) {
    let chunk = source.subarray(at, at + CHUNK);
    if (storage.bytes > 1 || storage.flip) {
      scratch.set(chunk);
      chunk = scratch.subarray(0, chunk.length);
      if (storage.flip) flipSign(chunk, storage.bytes);
    }
    if (storage.bytes === 1) {
      if (checksum) sum = datasum(chunk, sum);
    } else {
      if (checksum) sum = addDatasums(sum, sumOf(chunk, storage.bytes));
      swapInPlace(chunk, storage.bytes);
    }
    sink(chunk);
  }
  return sum;
}

function sumOf(chunk: Uint8Array, elementBytes: 2 | 4 | 8): number {
  const odd = chunk.length % 4;
  if (odd === 0) return hostDatasum(chunk, elementBytes);
  // The last, lone 16-bit element is the upper half of its word.
  const last = new Uint16Array(chunk.buffer, chunk.byteOffset + chunk.length - 2, 1)[0] as number;
  return addDatasums(hostDatasum(chunk.subarray(0, -odd), elementBytes), last * 0x10000);
}

function encodeTable(init: TableHdu | CompressedHdu, checksum: boolean, sink: Sink): number {
  const { rows, rowBytes, columns } = planTable(init, {});
  const packed = columns.map((column) => encodeColumn(column, rows, {}));
  // Sums stream over whole words: chunks are a multiple of four rows.
  const chunkRows = Math.max(4, Math.floor(CHUNK / Math.max(1, rowBytes) / 4) * 4);
  const chunk = new Uint8Array(Math.min(chunkRows, rows) * rowBytes);
  let sum = 0;
  for (let row = 0; row < rows && rowBytes > 0; row += chunkRows) {
    const count = Math.min(chunkRows, rows - row);
    let start = 0;
    columns.forEach(({ width }, i) => {
      const from = packed[i]?.cells as Uint8Array;
      for (let k = 0; k < count; k++) {
        const at = (row + k) * width;
        for (let b = 0; b < width; b++) chunk[k * rowBytes + start + b] = from[at + b] as number;
      }
      start += width;
    });
    const bytes = chunk.subarray(0, count * rowBytes);
    if (checksum) sum = datasum(bytes, sum);
    sink(bytes);
  }
  let position = rows * rowBytes;
  for (const { heap } of packed) {
    for (let at = 0; heap && at < heap.length; at += CHUNK) {
      const bytes = heap.subarray(at, at + CHUNK);
      if (checksum) sum = addDatasums(sum, sumAt(datasum(bytes), position));
      sink(bytes);
      position += bytes.length;
    }
  }
  return sum;
}
