/** Numbers of a FITS data unit, big-endian. @see FITS standard 4.0, section 5 */
const stored = (bytes: Uint8Array, bitpix: number): number[] => {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const size = Math.abs(bitpix) / 8;
  return Array.from({ length: Math.floor(bytes.byteLength / size) }, (_, i) => {
    const at = i * size;
    if (bitpix === 8) return view.getUint8(at);
    if (bitpix === 16) return view.getInt16(at);
    if (bitpix === 32) return view.getInt32(at);
    return bitpix === -32 ? view.getFloat32(at) : view.getFloat64(at);
  });
};

/** physical = BZERO + BSCALE × stored (FITS standard 4.0, eq. 3), in double precision. */
export const decodeFloat = (bytes: Uint8Array, bitpix: number, bscale: number, bzero: number): number[] =>
  stored(bytes, bitpix).map((v) => bzero + bscale * v);

/** flag = BZERO + stored, modulo 2³². */
export const decodeFlags = (bytes: Uint8Array, bitpix: number, bzero: number): number[] =>
  stored(bytes, bitpix).map((v) => (v + bzero) >>> 0);

/** Big-endian float32, or uint32 as signed integers less 2³¹. */
export const encode = (data: Float32Array | Uint32Array): Uint8Array => {
  const bytes = new Uint8Array(data.length * 4);
  const view = new DataView(bytes.buffer);
  for (const [i, v] of data.entries()) {
    if (data instanceof Float32Array) view.setFloat32(i * 4, v);
    else view.setInt32(i * 4, v - 2 ** 31);
  }
  return bytes;
};

/** Ones' complement sum of big-endian 32-bit words. @see FITS standard 4.0, appendix J */
export const datasum = (bytes: Uint8Array): number => {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let sum = 0;
  for (let at = 0; at < bytes.byteLength; at += 4) {
    sum += view.getUint32(at);
    if (sum > 0xffffffff) sum -= 0xffffffff;
  }
  return sum;
};
