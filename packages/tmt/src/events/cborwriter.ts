/**
 * Writes the CBOR subset of CSW events byte for byte as borer does: shortest integers, floats shrunk to 16
 * or 32 bits when nothing is lost, definite lengths but for one open array.
 *
 * @see RFC 8949
 */
export class CborWriter {
  #bytes = new Uint8Array(1024);
  #view = new DataView(this.#bytes.buffer);
  #length = 0;

  text(value: string): void {
    const utf8 = encoder.encode(value);
    this.#head(3, utf8.length);
    this.#append(utf8);
  }

  byteString(value: Uint8Array): void {
    this.#head(2, value.length);
    this.#append(value);
  }

  integer(value: number | bigint): void {
    if (value >= 0) this.#head(0, value);
    else this.#head(1, typeof value === 'bigint' ? -1n - value : -1 - value);
  }

  float(value: number): void {
    const half = halfBits(value);
    if (half !== undefined) {
      this.#room(3);
      this.#view.setUint8(this.#length, 0xf9);
      this.#view.setUint16(this.#length + 1, half);
      this.#length += 3;
    } else if (Math.fround(value) === value) {
      this.#room(5);
      this.#view.setUint8(this.#length, 0xfa);
      this.#view.setFloat32(this.#length + 1, value);
      this.#length += 5;
    } else {
      this.#room(9);
      this.#view.setUint8(this.#length, 0xfb);
      this.#view.setFloat64(this.#length + 1, value);
      this.#length += 9;
    }
  }

  boolean(value: boolean): void {
    this.#byte(value ? 0xf5 : 0xf4);
  }

  null(): void {
    this.#byte(0xf6);
  }

  array(length: number): void {
    this.#head(4, length);
  }

  map(length: number): void {
    this.#head(5, length);
  }

  openArray(): void {
    this.#byte(0x9f);
  }

  close(): void {
    this.#byte(0xff);
  }

  finish(): Uint8Array {
    return this.#bytes.slice(0, this.#length);
  }

  #head(major: number, value: number | bigint): void {
    const type = major << 5;
    this.#room(9);
    const at = this.#length;
    if (value < 24) {
      this.#view.setUint8(at, type | Number(value));
      this.#length += 1;
    } else if (value < 0x100) {
      this.#view.setUint8(at, type | 24);
      this.#view.setUint8(at + 1, Number(value));
      this.#length += 2;
    } else if (value < 0x1_0000) {
      this.#view.setUint8(at, type | 25);
      this.#view.setUint16(at + 1, Number(value));
      this.#length += 3;
    } else if (value < 0x1_0000_0000) {
      this.#view.setUint8(at, type | 26);
      this.#view.setUint32(at + 1, Number(value));
      this.#length += 5;
    } else {
      this.#view.setUint8(at, type | 27);
      this.#view.setBigUint64(at + 1, BigInt(value));
      this.#length += 9;
    }
  }

  #byte(value: number): void {
    this.#room(1);
    this.#bytes[this.#length++] = value;
  }

  #append(bytes: Uint8Array): void {
    this.#room(bytes.length);
    this.#bytes.set(bytes, this.#length);
    this.#length += bytes.length;
  }

  #room(count: number): void {
    if (this.#length + count <= this.#bytes.length) return;
    const grown = new Uint8Array(Math.max(2 * this.#bytes.length, this.#length + count));
    grown.set(this.#bytes);
    this.#bytes = grown;
    this.#view = new DataView(grown.buffer);
  }
}

const encoder = new TextEncoder();

/** Bits of the 16-bit float equal to a number, undefined when there is none. */
function halfBits(value: number): number | undefined {
  const sign = value < 0 || Object.is(value, -0) ? 0x8000 : 0;
  const size = Math.abs(value);
  if (Number.isNaN(value)) return 0x7e00;
  if (size === Number.POSITIVE_INFINITY) return sign | 0x7c00;
  if (size > 65_504) return undefined;
  if (size < 2 ** -14) {
    const steps = size * 2 ** 24;
    return Number.isInteger(steps) ? sign | steps : undefined;
  }
  let exponent = Math.floor(Math.log2(size));
  if (2 ** exponent > size) exponent--;
  else if (2 ** (exponent + 1) <= size) exponent++;
  const mantissa = size * 2 ** (10 - exponent);
  return Number.isInteger(mantissa) ? sign | ((exponent + 15) << 10) | (mantissa & 0x3ff) : undefined;
}
