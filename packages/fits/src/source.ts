import { FitsError, type FitsPlace } from './errors.ts';

/** Where bytes come from: a file, a Blob, an HTTP range, memory. `end` is exclusive. */
export interface ByteSource {
  readonly byteLength: number;
  slice(start: number, end: number): Uint8Array | Promise<Uint8Array>;
  /** Optional short cut: fill `target` with the bytes from `start` on, without a buffer in between. */
  readInto?(target: Uint8Array, start: number): void | Promise<void>;
}

/** Bytes `[start, start + target.length)` of the source into `target`. */
export async function readBytes(
  source: ByteSource,
  target: Uint8Array,
  start: number,
  place: FitsPlace,
): Promise<void> {
  if (source.readInto) {
    const pending = source.readInto(target, start);
    if (pending) await pending;
    return;
  }
  target.set(await sliceBytes(source, start, start + target.length, place));
}

/** A slice of exactly the length asked for. The bytes belong to the source: never change them. */
export async function sliceBytes(
  source: ByteSource,
  start: number,
  end: number,
  place: FitsPlace,
): Promise<Uint8Array> {
  const bytes = await source.slice(start, end);
  if (bytes.length !== end - start) {
    const text = `the source gave ${bytes.length} bytes, expected ${end - start}; the file is shorter than it was`;
    throw new FitsError('DATA_TRUNCATED', text, { ...place, offset: start });
  }
  return bytes;
}
