/** FITS data units to host float32 or uint32 and back (FITS standard 4.0, sections 4.4.2, 5 and 4.4.2.7). */
import { swap16, swap32, swap64 } from "./lanes";

// @ts-ignore: decorator
@inline
function scaled(low: v128, high: v128, bscale: v128, bzero: v128): v128 {
  const a = f32x4.demote_f64x2_zero(f64x2.add(f64x2.mul(low, bscale), bzero));
  const b = f32x4.demote_f64x2_zero(f64x2.add(f64x2.mul(high, bscale), bzero));
  return v128.shuffle<u32>(a, b, 0, 1, 4, 5);
}

/** Four integers to float32: exact or correctly rounded when BSCALE = 1, else through double. */
// @ts-ignore: decorator
@inline
function integers(v: v128, plain: bool, flip: bool, zero: v128, bscale: v128, bzero: v128): v128 {
  if (plain) return f32x4.add(f32x4.convert_i32x4_s(v), zero);
  if (flip) return f32x4.convert_i32x4_u(v128.xor(v, i32x4.splat(0x80000000)));
  return scaled(
    f64x2.convert_low_i32x4_s(v),
    f64x2.convert_low_i32x4_s(v128.shuffle<u32>(v, v, 2, 3, 2, 3)),
    bscale,
    bzero,
  );
}

/** physical = BZERO + BSCALE × stored, as float32. `src` may be `dst` for 32-bit pixels. */
export function decodeFloat(src: usize, dst: usize, n: i32, bitpix: i32, bscale: f64, bzero: f64): void {
  const end = dst + ((<usize>n) << 2);
  const s = f64x2.splat(bscale), z = f64x2.splat(bzero), z4 = f32x4.splat(<f32>bzero);
  const small = bitpix == 8 || bitpix == 16;
  const exact = small ? floor(bzero) == bzero && abs(bzero) < 4194304 : bzero == 0;
  const plain = bscale == 1 && exact;
  const flip = bitpix == 32 && bscale == 1 && bzero == 2147483648;
  if (bitpix == 16) {
    for (; dst < end; dst += 32, src += 16) {
      const v = swap16(v128.load(src));
      v128.store(dst, integers(i32x4.extend_low_i16x8_s(v), plain, false, z4, s, z));
      v128.store(dst, integers(i32x4.extend_high_i16x8_s(v), plain, false, z4, s, z), 16);
    }
  } else if (bitpix == -32) {
    if (bscale == 1 && bzero == 0) {
      for (; dst < end; dst += 16, src += 16) v128.store(dst, swap32(v128.load(src)));
    } else {
      for (; dst < end; dst += 16, src += 16) {
        const v = swap32(v128.load(src));
        const low = f64x2.promote_low_f32x4(v);
        const high = f64x2.promote_low_f32x4(v128.shuffle<u32>(v, v, 2, 3, 2, 3));
        v128.store(dst, scaled(low, high, s, z));
      }
    }
  } else if (bitpix == 32) {
    for (; dst < end; dst += 16, src += 16) {
      v128.store(dst, integers(swap32(v128.load(src)), plain, flip, z4, s, z));
    }
  } else if (bitpix == 8) {
    for (; dst < end; dst += 32, src += 8) {
      const v = i16x8.extend_low_i8x16_u(v128.load64_zero(src));
      v128.store(dst, integers(i32x4.extend_low_i16x8_u(v), plain, false, z4, s, z));
      v128.store(dst, integers(i32x4.extend_high_i16x8_u(v), plain, false, z4, s, z), 16);
    }
  } else {
    for (; dst < end; dst += 16, src += 32) {
      v128.store(dst, scaled(swap64(v128.load(src)), swap64(v128.load(src, 16)), s, z));
    }
  }
}

/** flag = BZERO + stored, modulo 2³². `src` may be `dst` for 32-bit pixels. */
export function decodeFlags(src: usize, dst: usize, n: i32, bitpix: i32, bzero: u32): void {
  const end = dst + ((<usize>n) << 2);
  const z = i32x4.splat(bzero);
  if (bitpix == 16) {
    for (; dst < end; dst += 32, src += 16) {
      const v = swap16(v128.load(src));
      v128.store(dst, i32x4.add(i32x4.extend_low_i16x8_s(v), z));
      v128.store(dst, i32x4.add(i32x4.extend_high_i16x8_s(v), z), 16);
    }
  } else if (bitpix == 8) {
    for (; dst < end; dst += 32, src += 8) {
      const v = i16x8.extend_low_i8x16_u(v128.load64_zero(src));
      v128.store(dst, i32x4.add(i32x4.extend_low_i16x8_u(v), z));
      v128.store(dst, i32x4.add(i32x4.extend_high_i16x8_u(v), z), 16);
    }
  } else {
    for (; dst < end; dst += 16, src += 16) v128.store(dst, i32x4.add(swap32(v128.load(src)), z));
  }
}

/**
 * 32-bit words XOR `flip`, written big-endian; their plain sum, which folded modulo 2³²−1 is the DATASUM, is added to
 * the u64 at `total`.
 */
export function encode(src: usize, dst: usize, n: i32, flip: u32, total: usize): void {
  const f = i32x4.splat(flip);
  let sum = i64x2.splat(0);
  const end = src + ((<usize>(n & ~3)) << 2);
  for (; src < end; src += 16, dst += 16) {
    const v = v128.xor(v128.load(src), f);
    sum = i64x2.add(sum, i64x2.add(i64x2.extend_low_i32x4_u(v), i64x2.extend_high_i32x4_u(v)));
    v128.store(dst, swap32(v));
  }
  let words = load<u64>(total) + i64x2.extract_lane(sum, 0) + i64x2.extract_lane(sum, 1);
  for (let i = n & ~3; i < n; i++, src += 4, dst += 4) {
    const v = load<u32>(src) ^ flip;
    words += v;
    store<u32>(dst, bswap<u32>(v));
  }
  store<u64>(total, words);
}
