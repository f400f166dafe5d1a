const HOST_IS_LITTLE = new Uint8Array(Uint16Array.of(1).buffer)[0] === 1;

/**
 * Turn big-endian elements into host order, or back, in place. Works on bits, never through a
 * float: NaN payloads survive. Node's native swap is used where there is a Buffer.
 *
 * @param bytes  whole elements; any alignment
 */
export function swapInPlace(bytes: Uint8Array, elementBytes: 1 | 2 | 4 | 8): void {
  if (elementBytes === 1 || !HOST_IS_LITTLE) return;
  if (typeof Buffer !== 'undefined') {
    const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    if (elementBytes === 2) buffer.swap16();
    else if (elementBytes === 4) buffer.swap32();
    else buffer.swap64();
    return;
  }
  swapLanes(bytes, elementBytes);
}

/** The swap in plain JavaScript, four bytes at a time. */
export function swapLanes(bytes: Uint8Array, elementBytes: 2 | 4 | 8): void {
  const aligned = bytes.byteOffset % 4 === 0 ? bytes.byteLength - (bytes.byteLength % 4) : 0;
  const lanes = new Uint32Array(bytes.buffer, aligned ? bytes.byteOffset : 0, aligned / 4);
  for (let i = 0; i < lanes.length; i++) {
    const v = lanes[i] as number;
    const pairs = ((v & 0xff00ff) << 8) | ((v >>> 8) & 0xff00ff);
    lanes[i] = elementBytes === 2 ? pairs : (pairs << 16) | (pairs >>> 16);
  }
  for (let i = 0; elementBytes === 8 && i + 1 < lanes.length; i += 2) {
    const upper = lanes[i] as number;
    lanes[i] = lanes[i + 1] as number;
    lanes[i + 1] = upper;
  }
  for (let at = aligned; at < bytes.length; at += elementBytes) {
    bytes.subarray(at, at + elementBytes).reverse();
  }
}

/**
 * Add 2^(n-1) modulo 2^n to host-order integers: the unsigned conventions in one XOR.
 *
 * @param bytes  whole elements, aligned to their size
 */
export function flipSign(bytes: Uint8Array, elementBytes: 1 | 2 | 4 | 8): void {
  const { buffer, byteOffset, byteLength } = bytes;
  if (elementBytes === 1) {
    for (let i = 0; i < byteLength; i++) bytes[i] = (bytes[i] as number) ^ 0x80;
  } else if (elementBytes === 8) {
    // The sign is in the upper half of the lane.
    const lanes = new Uint32Array(buffer, byteOffset, byteLength / 4);
    for (let i = HOST_IS_LITTLE ? 1 : 0; i < lanes.length; i += 2)
      lanes[i] = (lanes[i] as number) ^ 0x80000000;
  } else if (elementBytes === 2 && (byteOffset % 4 !== 0 || byteLength % 4 !== 0)) {
    const lanes = new Uint16Array(buffer, byteOffset, byteLength / 2);
    for (let i = 0; i < lanes.length; i++) lanes[i] = (lanes[i] as number) ^ 0x8000;
  } else {
    const mask = elementBytes === 2 ? 0x80008000 : 0x80000000;
    const lanes = new Uint32Array(buffer, byteOffset, byteLength / 4);
    for (let i = 0; i < lanes.length; i++) lanes[i] = (lanes[i] as number) ^ mask;
  }
}
