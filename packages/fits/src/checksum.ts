/*
 * The FITS checksum convention: ones' complement sums of 32-bit big-endian words
 * (FITS Standard 4.0, section 4.4.2.7 and appendix J).
 */
const MODULUS = 0xffffffff;
const HOST_IS_LITTLE = new Uint8Array(Uint16Array.of(1).buffer)[0] === 1;
/** 2^18 words of 2^32 stay below 2^53, where a double still counts exactly. */
const FOLD_WORDS = 1 << 18;

/** A sum as ones' complement addition leaves it: 0 only if nothing but zeros was added. */
function fold(sum: number): number {
  return sum === 0 ? 0 : sum % MODULUS || MODULUS;
}

/** The sum of two data units, or parts of one (each a multiple of 4 bytes). */
export function addDatasums(a: number, b: number): number {
  return fold(a + b);
}

/**
 * DATASUM of big-endian FITS bytes.
 *
 * @param bytes     the data unit, or a part that begins at a multiple of 4; zeros are thought behind the end
 * @param previous  the sum of the parts before
 */
export function datasum(bytes: Uint8Array, previous = 0): number {
  const whole = bytes.length >>> 2;
  let sum = previous;
  if (HOST_IS_LITTLE && bytes.byteOffset % 4 === 0) {
    const words = new Uint32Array(bytes.buffer, bytes.byteOffset, whole);
    for (let at = 0; at < whole; at += FOLD_WORDS) {
      // Byte pairs are summed apart and turned by whole bytes afterwards, which ones' complement sums allow.
      let even = 0;
      let odd = 0;
      const end = Math.min(at + FOLD_WORDS, whole);
      for (let i = at; i < end; i++) {
        const word = words[i] as number;
        even += word & 0xff00ff;
        odd += (word >>> 8) & 0xff00ff;
      }
      sum = fold(sum + rotate(even, 24) + rotate(odd, 16));
    }
  } else {
    for (let i = 0; i < whole; i++) sum = fold(sum + word(bytes, i * 4));
  }
  if (whole * 4 < bytes.length) {
    const last = new Uint8Array(4);
    last.set(bytes.subarray(whole * 4));
    sum = fold(sum + word(last, 0));
  }
  return sum;
}

/**
 * DATASUM of the big-endian form of host-order elements: summing before the swap saves one pass.
 *
 * @param bytes  host-order elements, aligned to 4 bytes, a multiple of 4 bytes long
 */
export function hostDatasum(bytes: Uint8Array, elementBytes: 2 | 4 | 8): number {
  const words = new Uint32Array(bytes.buffer, bytes.byteOffset, bytes.length >>> 2);
  let sum = 0;
  for (let at = 0; at < words.length; at += FOLD_WORDS) {
    let a = 0;
    let b = 0;
    let c = 0;
    let d = 0;
    const end = Math.min(at + FOLD_WORDS, words.length);
    let i = at;
    for (; i + 4 <= end; i += 4) {
      a += words[i] as number;
      b += words[i + 1] as number;
      c += words[i + 2] as number;
      d += words[i + 3] as number;
    }
    for (; i < end; i++) a += words[i] as number;
    sum = fold(sum + fold(a + b + c + d));
  }
  // A little-endian host reads two 16-bit elements as one word with the halves exchanged.
  return elementBytes === 2 && HOST_IS_LITTLE ? rotate(sum, 16) : sum;
}

/** The part that a sum of bytes has in the sum of a data unit in which they begin `position` bytes from the start. */
export function sumAt(sum: number, position: number): number {
  const odd = position % 4;
  return odd === 0 ? sum : rotate(sum, (32 - 8 * odd) as 8 | 16 | 24);
}

/** x · 2^bits modulo 2^32 − 1: ones' complement rotation of a sum. */
function rotate(x: number, bits: 8 | 16 | 24): number {
  return fold(fold(x) * 2 ** bits);
}

function word(bytes: Uint8Array, at: number): number {
  const [a = 0, b = 0, c = 0, d = 0] = bytes.subarray(at, at + 4);
  return a * 0x1000000 + b * 0x10000 + c * 0x100 + d;
}

/** The 16 characters of CHECKSUM that make the sum of the whole HDU all ones, given the sum with '0'·16 in place. */
export function encodeChecksum(sum: number): string {
  const complement = MODULUS - sum;
  const text = new Uint8Array(16);
  for (let byte = 0; byte < 4; byte++) {
    const value = Math.floor(complement / 2 ** (24 - 8 * byte)) & 0xff;
    const parts = new Uint8Array(4).fill((value >> 2) + 0x30);
    parts[0] = (parts[0] as number) + (value & 3);
    // Punctuation is avoided by shifting a unit between two characters, which keeps their sum.
    const punctuation = (c: number) => (c > 0x39 && c < 0x41) || (c > 0x5a && c < 0x61);
    while (parts.some(punctuation)) {
      for (let j = 0; j < 4; j += 2) {
        if (punctuation(parts[j] as number) || punctuation(parts[j + 1] as number)) {
          parts[j] = (parts[j] as number) + 1;
          parts[j + 1] = (parts[j + 1] as number) - 1;
        }
      }
    }
    for (let j = 0; j < 4; j++) text[4 * j + byte] = parts[j] as number;
  }
  // The string starts in column 12, one byte off a word boundary: all is turned right by one.
  return String.fromCharCode(text[15] as number, ...text.subarray(0, 15));
}
