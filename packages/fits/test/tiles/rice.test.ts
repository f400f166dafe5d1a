import { describe, expect, it } from 'vitest';
import { acquireCodec, releaseCodec } from '../../src/tiles/codec.ts';
import { type Integers, riceDecode, riceEncode } from '../../src/tiles/rice.ts';
import { random } from '../support.ts';

const next = random(77);
const FILLS: Readonly<Record<string, (i: number) => number>> = {
  zeros: () => 0,
  steps: (i) => Math.floor(i / 40),
  noise: () => 100 * (next() - next()),
  anything: () => (next() - 0.5) * 2 ** 32,
  spikes: (i) => (i % 33 === 0 ? 2 ** 31 - 1 : 0),
  extremes: (i) => (i % 2 ? -(2 ** 31) : 2 ** 31 - 1),
};
const TYPES = [Int8Array, Int16Array, Int32Array] as const;

function codec() {
  const found = acquireCodec();
  if (!found) throw new Error('no WebAssembly');
  return found;
}

function kernelEncode(numbers: Integers, block: number): Uint8Array {
  const c = codec();
  const size = numbers.BYTES_PER_ELEMENT;
  c.reserve(1 << 20);
  const at = 1 << 13;
  new Uint8Array(c.memory.buffer, at).set(new Uint8Array(numbers.buffer));
  const out = 1 << 16;
  const encode = size === 1 ? c.riceEncode8 : size === 2 ? c.riceEncode16 : c.riceEncode32;
  const length = encode(at, numbers.length, out, block, 0, c.base);
  const stream = new Uint8Array(c.memory.buffer, out, length).slice();
  releaseCodec(c);
  return stream;
}

function kernelDecode(stream: Uint8Array, like: Integers, block: number): Uint8Array | undefined {
  const c = codec();
  const size = like.BYTES_PER_ELEMENT;
  c.reserve(1 << 20);
  const at = 1 << 16;
  const out = 1 << 19;
  // What lies behind the stream must not matter.
  new Uint8Array(c.memory.buffer, at, 1 << 18).fill(0xa5);
  new Uint8Array(c.memory.buffer, at).set(stream);
  const decode = size === 1 ? c.riceDecode8 : size === 2 ? c.riceDecode16 : c.riceDecode32;
  const ok = decode(at, at + stream.length, out, like.length, block, 0) === 0;
  const bytes = new Uint8Array(c.memory.buffer, out, like.byteLength).slice();
  releaseCodec(c);
  return ok ? bytes : undefined;
}

describe.each(Object.entries(FILLS))('RICE of %s', (_, fill) => {
  it.each(TYPES)('kernel and twin agree, and give back %o', (type) => {
    for (const length of [1, 2, 31, 32, 33, 1000]) {
      for (const block of [16, 32, 7]) {
        const numbers = Int32Array.from({ length }, (__, i) => fill(i));
        const integers = new type(numbers);
        const stream = riceEncode(integers, block);
        expect(kernelEncode(integers, block)).toEqual(stream);
        const out = new type(length);
        expect(riceDecode(stream, out, block)).toBe(true);
        expect(out).toEqual(integers);
        expect(kernelDecode(stream, integers, block)).toEqual(new Uint8Array(integers.buffer));
      }
    }
  });
});

it('a damaged stream is refused or gives some numbers, by kernel and twin alike', () => {
  const outcomes = new Set<boolean>();
  for (let n = 0; n < 1000; n++) {
    const type = TYPES[n % 3] as (typeof TYPES)[number];
    const numbers = new type(Array.from({ length: 200 }, () => 50 * next()));
    let stream = riceEncode(numbers, 32);
    for (let k = 0; k < 3; k++) stream[Math.floor(next() * stream.length)] = next() * 256;
    if (next() < 0.5) stream = stream.slice(0, Math.floor(next() * stream.length));
    const out = new type(200);
    const ok = riceDecode(stream, out, 32);
    const bytes = kernelDecode(stream, numbers, 32);
    expect(bytes !== undefined).toBe(ok);
    if (ok) expect(bytes).toEqual(new Uint8Array(out.buffer));
    outcomes.add(ok);
  }
  expect(outcomes.size).toBe(2);
});
