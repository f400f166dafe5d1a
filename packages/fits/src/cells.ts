import type { FitsPlace } from './errors.ts';
import type { Fits } from './open.ts';
import type { Hdu } from './scan.ts';
import { readBytes } from './source.ts';

const CHUNK = 1 << 20;

/** The bytes of every field, row behind row. */
export async function readCells(
  fits: Pick<Fits, 'source'>,
  hdu: Hdu,
  rows: number,
  rowBytes: number,
  fields: readonly { readonly start: number; readonly form: { readonly bytes: number } }[],
  place: FitsPlace,
): Promise<Uint8Array<ArrayBuffer>[]> {
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
  return cells;
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
