import { FitsError, type FitsPlace } from './errors.ts';
import type { Pixels, Storage } from './pixels.ts';
import { flipSign, swapInPlace } from './swap.ts';

/** Numbers as big-endian bytes; bytes that need no change are not copied. */
export function encodeNumbers(data: Pixels, storage: Storage): Uint8Array {
  const source = new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
  if (storage.bytes === 1 && !storage.flip) return source;
  const bytes = new Uint8Array(source.length);
  bytes.set(source);
  if (storage.flip) flipSign(bytes, storage.bytes);
  swapInPlace(bytes, storage.bytes);
  return bytes;
}

/** @throws FitsError WRITE_COLUMN */
export function putText(bytes: Uint8Array, at: number, text: string, column: string, place: FitsPlace): void {
  if (!/^[\x20-\x7e]*$/.test(text)) {
    const shown = JSON.stringify(text.slice(0, 60));
    const problem = `column ${column}, string ${shown} holds characters beyond printable ASCII`;
    throw new FitsError('WRITE_COLUMN', problem, place);
  }
  for (let k = 0; k < text.length; k++) bytes[at + k] = text.charCodeAt(k);
}

export function putLogicals(bytes: Uint8Array, values: readonly (boolean | null)[]): void {
  values.forEach((value, i) => {
    bytes[i] = value === null ? 0 : value ? 0x54 : 0x46;
  });
}

/** Bits of one cell, the first one highest. */
export function putBits(bytes: Uint8Array, at: number, bits: Uint8Array): void {
  for (let i = 0; i < bits.length; i++) {
    if (bits[i]) bytes[at + (i >> 3)] = (bytes[at + (i >> 3)] as number) | (0x80 >> (i & 7));
  }
}
