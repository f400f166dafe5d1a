import type { ByteSource } from '../src/index.ts';

/** A FITS file in memory. */
export function memory(bytes: Uint8Array): ByteSource {
  return { byteLength: bytes.length, slice: (start, end) => bytes.subarray(start, end) };
}

/** Header bytes from card texts; END and padding are added unless the last card is null. */
export function headerBlock(cards: readonly (string | null)[]): Uint8Array {
  const open = cards.at(-1) === null;
  const text = cards.map((card) => card ?? '').map((card) => (card === '' ? '' : card.padEnd(80)));
  const body = text.join('') + (open ? '' : 'END'.padEnd(80));
  return Buffer.from(body.padEnd(Math.ceil(body.length / 2880) * 2880), 'latin1');
}

export function concat(...parts: Uint8Array[]): Uint8Array {
  return new Uint8Array(Buffer.concat(parts));
}

/** Reproducible pseudo-random numbers in [0, 1): mulberry32. */
export function random(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}
