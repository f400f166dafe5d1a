/*
 * RICE_1 (FITS Standard 4.0, section 10.4.1) in plain TypeScript: the twin of assembly/rice.ts, and what
 * works where WebAssembly is forbidden. Differences of neighbours, folded to unsigned numbers, in blocks;
 * each block has a number of low bits `fs` that are written as they are, while the rest is counted in zeros.
 */
export type Integers = Int8Array | Uint8Array | Int16Array | Int32Array;

/** Bits that hold fs + 1, and the fs that stands for "numbers as they are". */
const FORMS = {
  1: { fsBits: 3, fsMax: 6 },
  2: { fsBits: 4, fsMax: 14 },
  4: { fsBits: 5, fsMax: 25 },
} as const;

const formOf = (numbers: Integers) => FORMS[numbers.BYTES_PER_ELEMENT as 1 | 2 | 4];

/** Fill `out` from a stream; false if it ends too early or holds an fs that cannot be. */
export function riceDecode(bytes: Uint8Array, out: Integers, block: number): boolean {
  const { fsBits, fsMax } = formOf(out);
  const size = out.BYTES_PER_ELEMENT;
  const limit = 8 * bytes.length;
  if (bytes.length < size) return false;
  let at = 0;
  const take = (n: number): number => {
    let value = 0;
    for (let left = n; left > 0; ) {
      const free = 8 - (at & 7);
      const count = Math.min(free, left);
      const byte = bytes[at >> 3] ?? 0;
      value = (value << count) | ((byte >> (free - count)) & ((1 << count) - 1));
      at += count;
      left -= count;
    }
    return value;
  };
  const zeros = (): number => {
    const from = at;
    while (at < limit && ((bytes[at >> 3] as number) & (0x80 >> (at & 7))) === 0) at++;
    at++;
    return at - from - 1;
  };
  let last = take(8 * size);
  for (let i = 0; i < out.length; ) {
    const fs = take(fsBits) - 1;
    const end = Math.min(i + block, out.length);
    if (fs > fsMax || at > limit) return false;
    for (; i < end; i++) {
      if (fs >= 0) {
        const folded = fs === fsMax ? take(8 * size) : (zeros() << fs) | take(fs);
        last = (last + ((folded >>> 1) ^ -(folded & 1))) | 0;
      }
      out[i] = last;
    }
  }
  return at <= limit;
}

/** The stream of these numbers. */
export function riceEncode(numbers: Integers, block: number): Uint8Array {
  const { fsBits, fsMax } = formOf(numbers);
  const size = numbers.BYTES_PER_ELEMENT;
  const shift = 32 - 8 * size;
  const out = new Uint8Array(Math.ceil(numbers.length * size * 1.25) + 16);
  let at = 0;
  const put = (value: number, n: number) => {
    for (let left = n; left > 0; ) {
      const free = 8 - (at & 7);
      const count = Math.min(free, left);
      const piece = (value >>> (left - count)) & ((1 << count) - 1);
      out[at >> 3] = (out[at >> 3] as number) | (piece << (free - count));
      at += count;
      left -= count;
    }
  };
  const folded = new Uint32Array(block);
  // Numbers of fewer than 32 bits are signed, and so are their differences, modulo their size.
  const signed = (value: number) => (value << shift) >> shift;
  let last = signed(numbers[0] ?? 0);
  if (numbers.length > 0) put(last, 8 * size);
  for (let i = 0; i < numbers.length; i += block) {
    const count = Math.min(block, numbers.length - i);
    let sum = 0;
    for (let k = 0; k < count; k++) {
      const next = signed(numbers[i + k] as number);
      const difference = signed(next - last);
      folded[k] = ((difference << 1) ^ (difference >> 31)) & (0xffffffff >>> shift);
      sum += folded[k] as number;
      last = next;
    }
    let rest = Math.floor(Math.max(0, (sum - (count >> 1) - 1) / count) / 2);
    let fs = 0;
    for (; rest > 0; fs++) rest = Math.floor(rest / 2);
    if (fs >= fsMax) fs = fsMax;
    put(sum === 0 ? 0 : fs + 1, fsBits);
    for (let k = 0; k < count && sum > 0; k++) {
      const value = folded[k] as number;
      if (fs === fsMax) {
        put(value, 8 * size);
      } else {
        at += value >>> fs;
        put(1, 1);
        put(value, fs);
      }
    }
  }
  return out.subarray(0, (at + 7) >> 3);
}
