import { describe, expect, it } from 'vitest';
import { encodeChecksum, hostDatasum } from '../src/checksum.ts';
import { addDatasums, datasum } from '../src/index.ts';
import { random } from './support.ts';

/** The sum word by word with its carries, as the standard defines it. */
function slowSum(bytes: Uint8Array): number {
  let sum = 0n;
  for (let at = 0; at < bytes.length; at += 4) {
    sum += BigInt(new DataView(bytes.buffer, bytes.byteOffset).getUint32(at));
    if (sum > 0xffffffffn) sum -= 0xffffffffn;
  }
  return Number(sum);
}

const next = random(3);
const noise = Uint8Array.from({ length: 4 * 300_000 }, () => next() * 256);

describe('DATASUM', () => {
  it('is the ones’ complement sum of big-endian words', () => {
    expect(datasum(noise)).toBe(slowSum(noise));
    expect(datasum(new Uint8Array(8))).toBe(0);
    expect(datasum(new Uint8Array(8).fill(255))).toBe(0xffffffff);
    expect(datasum(Uint8Array.of(0, 0, 0, 1, 0x80, 0, 0, 0))).toBe(0x80000001);
    expect(datasum(Uint8Array.of(1, 2))).toBe(0x01020000);
  });

  it('does not depend on alignment or on how the data are cut', () => {
    const shifted = new Uint8Array(noise.length + 1);
    shifted.set(noise, 1);
    expect(datasum(shifted.subarray(1))).toBe(datasum(noise));
    const [a, b] = [noise.subarray(0, 4004), noise.subarray(4004)];
    expect(addDatasums(datasum(b), datasum(a))).toBe(datasum(noise));
    expect(datasum(b, datasum(a))).toBe(datasum(noise));
  });

  it.each([2, 4, 8] as const)('of %i-byte elements is known before they are swapped', (size) => {
    const swapped = Buffer.from(noise);
    if (size === 2) swapped.swap16();
    else if (size === 4) swapped.swap32();
    else swapped.swap64();
    expect(hostDatasum(noise, size)).toBe(datasum(swapped));
  });
});

describe('CHECKSUM', () => {
  it('makes the whole sum all ones, in letters and digits only', () => {
    for (const sum of [
      0,
      1,
      0xffffffff,
      0x80000000,
      868229149,
      ...Array.from({ length: 500 }, () => (next() * 2 ** 32) >>> 0),
    ]) {
      const text = encodeChecksum(sum);
      expect(text).toMatch(/^[0-9A-Za-z]{16}$/);
      // In a card the value starts in column 12: three bytes of the first word come before it.
      const aligned = Buffer.from(`${text.slice(1)}${text[0]}`);
      const zeros = Buffer.from('0'.repeat(16));
      expect(addDatasums(addDatasums(sum, slowSum(aligned)), 0xffffffff - slowSum(zeros))).toBe(0xffffffff);
    }
  });

  it('is that of the published example', () => {
    // Seaman, Pence & Rots, FITS Checksum Proposal (FITS Standard 4.0, appendix J).
    expect(encodeChecksum(868229149)).toBe('hcHjjc9ghcEghc9g');
  });
});
