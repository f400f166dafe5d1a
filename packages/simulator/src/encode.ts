/** Pixels as FITS keeps them: big-endian, unsigned integers shifted by half their range. */

/** `[n]` uint16 values → bytes of BITPIX 16 with BZERO 32768. */
export function encodeUint16(values: Uint16Array, out: Uint8Array): void {
  for (let i = 0, at = 0; i < values.length; i++) {
    const value = values[i]! ^ 0x8000;
    out[at++] = value >>> 8;
    out[at++] = value;
  }
}

/** uint32 values → bytes of BITPIX 32 with BZERO 2³¹. */
export function encodeUint32(values: Uint32Array, out: Uint8Array): void {
  for (let i = 0, at = 0; i < values.length; i++) {
    const value = values[i]! ^ 0x80000000;
    out[at++] = value >>> 24;
    out[at++] = value >>> 16;
    out[at++] = value >>> 8;
    out[at++] = value;
  }
}

/** Numbers → bytes of BITPIX −32. */
export function encodeFloat32(values: Float64Array | Float32Array, out: Uint8Array): void {
  const word = new Float32Array(1);
  const bits = new Uint32Array(word.buffer);
  for (let i = 0, at = 0; i < values.length; i++) {
    word[0] = values[i]!;
    const value = bits[0]!;
    out[at++] = value >>> 24;
    out[at++] = value >>> 16;
    out[at++] = value >>> 8;
    out[at++] = value;
  }
}

/**
 * Contribution of some bytes to the ones' complement sum of a data unit (FITS standard, appendix J), for
 * pieces that lie at any even offset and arrive in any order: the two halves of the 32-bit words are summed
 * apart, `high` for bytes 0–1 and `low` for bytes 2–3.
 */
export interface PartialSum {
  high: number;
  low: number;
}

export function addToSum(sum: PartialSum, bytes: Uint8Array, offset: number): void {
  let [first, second] = [0, 0];
  const { length } = bytes;
  for (let i = 0; i + 3 < length; i += 4) {
    first += (bytes[i]! << 8) | bytes[i + 1]!;
    second += (bytes[i + 2]! << 8) | bytes[i + 3]!;
  }
  if (length % 4 > 1) first += (bytes[length - 2]! << 8) | bytes[length - 1]!;
  const swapped = offset % 4 !== 0;
  sum.high += swapped ? second : first;
  sum.low += swapped ? first : second;
}

/** The 32-bit sum with its carries brought round. */
export function finishSum({ high, low }: PartialSum): number {
  const range = 0xffffffff; // 2³² − 1: bringing the carry round is taking the remainder
  const total = ((high % range) * 65536 + (low % range)) % range;
  // A sum that is a multiple of 2³² − 1 is all ones unless every byte was zero.
  return total === 0 && high + low > 0 ? range : total;
}
