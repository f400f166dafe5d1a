/**
 * RICE_1 (FITS Standard 4.0, section 10.4.1): differences of neighbours, folded to unsigned numbers, in blocks;
 * each block has a number of low bits `fs` that are written as they are, while the rest is counted in zeros.
 * Numbers are of type T, signed; `flip` turns over their sign bit, for the unsigned conventions.
 */

/** Bits that hold fs + 1. */
// @ts-ignore: decorator
@inline
function fsBits<T>(): i32 {
  return sizeof<T>() == 1 ? 3 : sizeof<T>() == 2 ? 4 : 5;
}

/** The fs that stands for "numbers as they are". */
// @ts-ignore: decorator
@inline
function fsMax<T>(): i32 {
  return sizeof<T>() == 1 ? 6 : sizeof<T>() == 2 ? 14 : 25;
}

/** Four bytes in the order of the stream. */
// @ts-ignore: decorator
@inline
function word(at: usize): u64 {
  const v = load<u32>(at);
  return <u64>((rotl(v, 8) & 0x00ff00ff) | (rotr(v, 8) & 0xff00ff00));
}

// @ts-ignore: decorator
@inline
function put32(at: usize, v: u32): void {
  store<u32>(at, (rotl(v, 8) & 0x00ff00ff) | (rotr(v, 8) & 0xff00ff00));
}

/** Returns 0, or -1 if the stream ends too early or holds an fs that cannot be. Reads up to 16 bytes behind `end`. */
// @ts-ignore: decorator
@inline
function decode<T>(start: usize, end: usize, dst: usize, n: i32, block: i32, flip: u32): i32 {
  const bbits: i32 = sizeof<T>() << 3;
  if (end - start < sizeof<T>()) return -1;
  let last: u32 = 0;
  for (let i: usize = 0; i < sizeof<T>(); i++) last = (last << 8) | <u32>load<u8>(start + i);
  let src = start + sizeof<T>();
  // Valid bits stand at the top of `buf`; what is below them is 0.
  let buf: u64 = 0;
  let bits: i32 = 0;
  const stop = dst + (<usize>n << alignof<T>());
  while (dst < stop) {
    if (src > end + 8) return -1;
    if (bits < 32) {
      buf |= word(src) << (32 - bits);
      src += 4;
      bits += 32;
    }
    const fs = <i32>(buf >> (64 - fsBits<T>())) - 1;
    buf <<= fsBits<T>();
    bits -= fsBits<T>();
    let blockEnd = dst + (<usize>block << alignof<T>());
    if (blockEnd > stop) blockEnd = stop;
    if (fs < 0) {
      for (; dst < blockEnd; dst += sizeof<T>()) store<T>(dst, <T>(last ^ flip));
    } else if (fs == fsMax<T>()) {
      for (; dst < blockEnd; dst += sizeof<T>()) {
        if (bits < 32) {
          if (src > end + 8) return -1;
          buf |= word(src) << (32 - bits);
          src += 4;
          bits += 32;
        }
        const v = <u32>(buf >> (64 - bbits));
        buf <<= bbits;
        bits -= bbits;
        last += (v >> 1) ^ -(v & 1);
        store<T>(dst, <T>(last ^ flip));
      }
    } else if (fs > fsMax<T>()) {
      return -1;
    } else {
      const keep = 63 - fs;
      for (; dst < blockEnd; dst += sizeof<T>()) {
        if (bits < 32) {
          buf |= word(src) << (32 - bits);
          src += 4;
          bits += 32;
        }
        let zeros: u32 = 0;
        while (buf == 0) {
          // A long run of zeros: all that is known is part of it.
          if (src > end + 8) return -1;
          zeros += bits;
          buf = word(src) << 32;
          src += 4;
          bits = 32;
        }
        const z = <i32>clz(buf);
        buf = buf << z << 1;
        bits -= z + 1;
        if (bits < fs) {
          buf |= word(src) << (32 - bits);
          src += 4;
          bits += 32;
        }
        const v = ((zeros + z) << fs) | <u32>(buf >> 1 >> keep);
        buf <<= fs;
        bits -= fs;
        last += (v >> 1) ^ -(v & 1);
        store<T>(dst, <T>(last ^ flip));
      }
    }
  }
  // Whole words were taken: what is left of them does not count.
  return src - (bits >> 3) > end ? -1 : 0;
}

/** Folded differences of one block to `scratch` (u32 each); returns their sum. */
// @ts-ignore: decorator
@inline
function fold<T>(src: usize, count: i32, last: i32, flip: u32, scratch: usize): u64 {
  let sum: u64 = 0;
  for (let i = 0; i < count; i++) {
    const next = <i32><T>(<u32>load<T>(src) ^ flip);
    const d = <i32><T>(next - last);
    const v = sizeof<T>() == 4 ? <u32>((d << 1) ^ (d >> 31)) : <u32>((d << 1) ^ (d >> 31)) & ((1 << (sizeof<T>() << 3)) - 1);
    store<u32>(scratch, v);
    sum += v;
    last = next;
    src += sizeof<T>();
    scratch += 4;
  }
  return sum;
}

/** Returns the length of the stream. `dst` has room for the numbers as they are, an eighth more, and 16 bytes. */
// @ts-ignore: decorator
@inline
function encode<T>(src: usize, n: i32, dst: usize, block: i32, flip: u32, scratch: usize): i32 {
  const bbits: i32 = sizeof<T>() << 3;
  const start = dst;
  if (n == 0) return 0;
  let last = <i32><T>(<u32>load<T>(src) ^ flip);
  for (let i = bbits - 8; i >= 0; i -= 8) store<u8>(dst++, <u8>(last >> i));
  // The lowest `held` bits of `buf` are still to be written.
  let buf: u64 = 0;
  let held: i32 = 0;
  for (let i = 0; i < n; i += block) {
    const count = min(block, n - i);
    const sum = fold<T>(src, count, last, flip, scratch);
    src += <usize>count << alignof<T>();
    last = <i32><T>(<u32>load<T>(src - sizeof<T>()) ^ flip);
    const half = <i64>sum - (count >> 1) - 1;
    let rest = half < 0 ? 0 : <u32>(half / count) >> 1;
    let fs = 0;
    for (; rest > 0; fs++) rest >>= 1;
    let at = scratch;
    const stop = scratch + (<usize>count << 2);
    if (fs >= fsMax<T>()) {
      buf = (buf << fsBits<T>()) | (fsMax<T>() + 1);
      held += fsBits<T>();
      for (; at < stop; at += 4) {
        if (held >= 32) {
          held -= 32;
          put32(dst, <u32>(buf >> held));
          dst += 4;
        }
        buf = (buf << bbits) | <u64>load<u32>(at);
        held += bbits;
      }
    } else if (fs == 0 && sum == 0) {
      buf <<= fsBits<T>();
      held += fsBits<T>();
    } else {
      buf = (buf << fsBits<T>()) | (fs + 1);
      held += fsBits<T>();
      const one: u32 = 1 << fs;
      const mask = one - 1;
      for (; at < stop; at += 4) {
        if (held >= 32) {
          held -= 32;
          put32(dst, <u32>(buf >> held));
          dst += 4;
        }
        const v = load<u32>(at);
        let top = v >> fs;
        while (<i32>top + 1 + fs > 32) {
          // Zeros beyond what fits are written first.
          const zeros = min<u32>(top, 32);
          buf <<= zeros;
          held += zeros;
          top -= zeros;
          if (held >= 32) {
            held -= 32;
            put32(dst, <u32>(buf >> held));
            dst += 4;
          }
        }
        buf = (buf << (top + 1 + fs)) | <u64>(one | (v & mask));
        held += top + 1 + fs;
      }
    }
    if (held >= 32) {
      held -= 32;
      put32(dst, <u32>(buf >> held));
      dst += 4;
    }
  }
  for (; held > 0; held -= 8) store<u8>(dst++, held >= 8 ? <u8>(buf >> (held - 8)) : <u8>(buf << (8 - held)));
  return <i32>(dst - start);
}

export function riceDecode8(start: usize, end: usize, dst: usize, n: i32, block: i32, flip: u32): i32 {
  return decode<i8>(start, end, dst, n, block, flip);
}
export function riceDecode16(start: usize, end: usize, dst: usize, n: i32, block: i32, flip: u32): i32 {
  return decode<i16>(start, end, dst, n, block, flip);
}
export function riceDecode32(start: usize, end: usize, dst: usize, n: i32, block: i32, flip: u32): i32 {
  return decode<i32>(start, end, dst, n, block, flip);
}
export function riceEncode8(src: usize, n: i32, dst: usize, block: i32, flip: u32, scratch: usize): i32 {
  return encode<i8>(src, n, dst, block, flip, scratch);
}
export function riceEncode16(src: usize, n: i32, dst: usize, block: i32, flip: u32, scratch: usize): i32 {
  return encode<i16>(src, n, dst, block, flip, scratch);
}
export function riceEncode32(src: usize, n: i32, dst: usize, block: i32, flip: u32, scratch: usize): i32 {
  return encode<i32>(src, n, dst, block, flip, scratch);
}
