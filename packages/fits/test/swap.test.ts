import { describe, expect, it } from 'vitest';
import { flipSign, swapInPlace, swapLanes } from '../src/swap.ts';

const SIZES = [2, 4, 8] as const;
const noise = Uint8Array.from({ length: 8 * 21 }, (_, i) => (i * 151 + (i >> 3)) & 255);

describe.each(SIZES)('%i-byte elements', (size) => {
  it.each([0, 1, 2, 4])('turn their bytes round at offset %i, with and without a Buffer', (offset) => {
    const bytes = noise.subarray(offset, offset + size * Math.floor((noise.length - offset) / size));
    const expected = Array.from({ length: bytes.length / size }, (_, i) =>
      [...bytes.subarray(i * size, (i + 1) * size)].reverse(),
    ).flat();
    for (const swap of [swapInPlace, swapLanes]) {
      const room = new Uint8Array(noise.length);
      const copy = room.subarray(offset, offset + bytes.length);
      copy.set(bytes);
      swap(copy, size);
      expect([...copy]).toEqual(expected);
      expect(room.subarray(offset + bytes.length).every((b) => b === 0)).toBe(true);
    }
  });
});

it('turns the sign bit over, which is to add half the range', () => {
  const int16 = Int16Array.of(-32768, -1, 0, 1, 32767);
  flipSign(new Uint8Array(int16.buffer), 2);
  expect(new Uint16Array(int16.buffer)).toEqual(Uint16Array.of(0, 32767, 32768, 32769, 65535));
  const int64 = BigInt64Array.of(-(2n ** 63n), -1n, 0n);
  flipSign(new Uint8Array(int64.buffer), 8);
  expect(new BigUint64Array(int64.buffer)).toEqual(BigUint64Array.of(0n, 2n ** 63n - 1n, 2n ** 63n));
});
