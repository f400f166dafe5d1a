/**
 * PLIO_1 (FITS Standard 4.0, section 10.4.3; IRAF's pixel lists): instructions of four bits with twelve of data,
 * which move along the row and set, raise or lower a "current" value.
 *
 * @param bytes  16-bit words, big-endian
 * @param out    filled with numbers of up to 24 bits, cut to what it holds
 * @returns      false if the list is damaged
 */
export function plioDecode(bytes: Uint8Array, out: Int32Array | Int16Array | Uint8Array): boolean {
  const words = bytes.length >> 1;
  const word = (i: number) => ((bytes[2 * i] as number) << 8) | (bytes[2 * i + 1] as number);
  if (words < 3) return false;
  // The old header has the length where the new one, which is longer, has a number that is not positive.
  const old = word(2) > 0 && word(2) < 0x8000;
  if (!old && words < 7) return false;
  const length = old ? word(2) : word(4) * 32768 + word(3);
  let at = old ? 3 : word(1);
  if (length > words || at < 3) return false;
  out.fill(0);
  let x = 0;
  let high = 1;
  for (; at < length && x < out.length; at++) {
    const instruction = word(at);
    const data = instruction & 0xfff;
    switch (instruction >> 12) {
      case 0: // zeros
        x += data;
        break;
      case 4: // the current value, repeated
        out.fill(high, x, x + data);
        x += data;
        break;
      case 5: // zeros, the last one replaced by the current value
        x += data;
        if (data > 0 && x <= out.length) out[x - 1] = high;
        break;
      case 1: // set the current value, with the next word as its upper bits
        if (++at >= length) return false;
        high = word(at) * 4096 + data;
        break;
      case 2:
        high += data;
        break;
      case 3:
        high -= data;
        break;
      case 6: // raise, and put one pixel
        high += data;
        out[x++] = high;
        break;
      case 7:
        high -= data;
        out[x++] = high;
        break;
      default:
        return false;
    }
  }
  return true;
}
