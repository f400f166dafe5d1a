/**
 * Reads of one ramp as linear signals with group flags; the twin is src/twins/prepare.ts.
 *
 * Layout of a tile: signals float32 and flags uint8 `[nreads][pixels]`, reads `xStride` and `flagStride` bytes apart,
 * so that neighbouring lanes are neighbouring pixels; `any` holds the OR of a pixel's flags over all its reads.
 */
import { bytes, swap16, isNaN4 } from "./lanes";
import { coefficient, correctable, horner } from "./linearity";
import { AD_FLOOR, DO_NOT_USE, NO_GAIN_VALUE, NO_LIN_CORR, NO_SAT_CHECK, SATURATED, SOURCE } from "./flags";

/** Pixel flags known before the first read; `any` says where the mask forbids a pixel. */
export function preparePixels(
  base: usize, any: usize, n: i32, mask: usize, saturation: usize, pixel: usize,
  coefficients: usize, count: i32, form: i32, gain: usize, gainValue: f32, readNoise: usize, readNoiseValue: f32,
): void {
  const unusable = i32x4.splat(DO_NOT_USE), none = i32x4.splat(0);
  for (let i = 0; i < n; i += 8) {
    let bad0 = none, bad1 = none;
    for (let half = 0; half < 2; half++) {
      const at = (<usize>(i + (half << 2))) << 2;
      let q = mask ? v128.load(mask + at) : none;
      if (saturation) q = v128.or(q, v128.and(isNaN4(v128.load(saturation + (pixel << 2) + at)), i32x4.splat(NO_SAT_CHECK)));
      if (count > 0) {
        q = v128.or(q, v128.andnot(i32x4.splat(NO_LIN_CORR), correctable(coefficients, count, form == 0, (pixel << 2) + at)));
      }
      const g = gain ? v128.load(gain + at) : f32x4.splat(gainValue);
      const e = readNoise ? v128.load(readNoise + at) : f32x4.splat(readNoiseValue);
      const known = v128.and(f32x4.gt(g, f32x4.splat(0)), f32x4.ge(e, f32x4.splat(0)));
      q = v128.or(q, v128.andnot(i32x4.splat(NO_GAIN_VALUE | DO_NOT_USE), known));
      v128.store(base + at, q);
      const bad = i32x4.ne(v128.and(q, unusable), none);
      if (half) bad1 = bad; else bad0 = bad;
    }
    v128.store64_lane(any + i, v128.and(bytes(bad0, bad1), i8x16.splat(<i8>(DO_NOT_USE))), 0);
  }
}

// @ts-ignore: decorator
@inline
function tile<T>(
  src: usize, stride: usize, nreads: i32, chained: i32, given: i32,
  offsets: usize, offsetStride: usize, rowOffsets: usize, rowStride: usize, rows: i32, nx: i32, pixel: usize,
  coefficients: usize, count: i32, form: i32, bias: usize, saturation: usize, saturationValue: f32, floor: f32,
  bscale: f32, bzero: f32, base: usize, any: usize, x: usize, xStride: usize, flags: usize, flagStride: usize,
): void {
  const relative = form == 0;
  const shift = relative ? 0 : 1;
  const unrolled = count - shift <= 5;
  const scale = f32x4.splat(bscale), zero = f32x4.splat(bzero), one = f32x4.splat(1), none = f32x4.splat(0);
  const low = f32x4.splat(floor);
  const saturated = i8x16.splat(<i8>(SATURATED | SOURCE)), dark = i8x16.splat(<i8>(AD_FLOOR | DO_NOT_USE));
  const unusable = i8x16.splat(<i8>(DO_NOT_USE)), reached = i8x16.splat(<i8>(SOURCE)), bit = i32x4.splat(DO_NOT_USE);
  for (let row = 0; row < rows; row++) {
    for (let i = 0; i < nx; i += 8) {
      const p = <usize>(row * nx + i);
      const at = (pixel + p) << 2;
      let b0 = none, b1 = none;
      if (bias) {
        b0 = v128.load(bias + at); b1 = v128.load(bias + at, 16);
        b0 = v128.andnot(b0, isNaN4(b0)); b1 = v128.andnot(b1, isNaN4(b1));
      }
      let t0 = f32x4.splat(saturationValue), t1 = t0;
      if (saturation) { t0 = v128.load(saturation + at); t1 = v128.load(saturation + at, 16); }
      const good0 = correctable(coefficients, count, relative, at);
      const good1 = correctable(coefficients, count, relative, at + 16);
      let k00 = none, k01 = none, k10 = one, k11 = one, k20 = none, k21 = none, k30 = none, k31 = none;
      let k40 = none, k41 = none, k50 = none, k51 = none;
      if (count > 0 && unrolled) {
        if (!relative) {
          k00 = v128.and(coefficient(coefficients, count, 0, at), good0);
          k01 = v128.and(coefficient(coefficients, count, 0, at + 16), good1);
        }
        k10 = coefficient(coefficients, count, shift, at); k11 = coefficient(coefficients, count, shift, at + 16);
        if (relative) { k10 = f32x4.add(k10, one); k11 = f32x4.add(k11, one); }
        k10 = v128.bitselect(k10, one, good0); k11 = v128.bitselect(k11, one, good1);
        k20 = v128.and(coefficient(coefficients, count, shift + 1, at), good0); k21 = v128.and(coefficient(coefficients, count, shift + 1, at + 16), good1);
        k30 = v128.and(coefficient(coefficients, count, shift + 2, at), good0); k31 = v128.and(coefficient(coefficients, count, shift + 2, at + 16), good1);
        k40 = v128.and(coefficient(coefficients, count, shift + 3, at), good0); k41 = v128.and(coefficient(coefficients, count, shift + 3, at + 16), good1);
        k50 = v128.and(coefficient(coefficients, count, shift + 4, at), good0); k51 = v128.and(coefficient(coefficients, count, shift + 4, at + 16), good1);
      } else if (count > 0 && !relative) {
        k00 = v128.and(coefficient(coefficients, count, 0, at), good0);
        k01 = v128.and(coefficient(coefficients, count, 0, at + 16), good1);
      }
      const forbidden = v128.and(bytes(
        i32x4.eq(v128.and(v128.load(base + (p << 2)), bit), bit),
        i32x4.eq(v128.and(v128.load(base + (p << 2), 16), bit), bit),
      ), unusable);
      let s = src + p * sizeof<T>(), to = x + (p << 2), f = flags + p;
      let off = offsets + ((<usize>i) << 2), ofRow = rowOffsets + ((<usize>row) << 2);
      // Saturation stays until the end of the ramp.
      let full = chained ? v128.and(v128.load64_zero(f - flagStride), reached) : i8x16.splat(0);
      full = i8x16.ne(full, i8x16.splat(0));
      let seen = v128.load64_zero(any + p);
      for (let r = 0; r < nreads; r++) {
        let x0: v128, x1: v128;
        if (sizeof<T>() == 2) {
          const v = swap16(v128.load(s));
          x0 = f32x4.add(f32x4.mul(f32x4.convert_i32x4_s(i32x4.extend_low_i16x8_s(v)), scale), zero);
          x1 = f32x4.add(f32x4.mul(f32x4.convert_i32x4_s(i32x4.extend_high_i16x8_s(v)), scale), zero);
        } else { x0 = v128.load(s); x1 = v128.load(s, 16); }
        let q = forbidden;
        if (given) {
          const g = v128.load64_zero(f);
          q = v128.or(q, g);
          full = v128.or(full, i8x16.ne(v128.and(g, i8x16.splat(<i8>(SATURATED))), i8x16.splat(0)));
        }
        full = v128.or(full, bytes(f32x4.ge(x0, t0), f32x4.ge(x1, t1)));
        q = v128.or(q, v128.and(full, saturated));
        q = v128.or(q, v128.and(bytes(f32x4.le(x0, low), f32x4.le(x1, low)), dark));
        // Infinities are no numbers either: ∞ − ∞.
        q = v128.or(q, v128.and(bytes(isNaN4(f32x4.sub(x0, x0)), isNaN4(f32x4.sub(x1, x1))), unusable));
        seen = v128.or(seen, q);
        v128.store64_lane(f, q, 0);
        x0 = f32x4.sub(x0, b0); x1 = f32x4.sub(x1, b1);
        if (offsets) { x0 = f32x4.sub(x0, v128.load(off)); x1 = f32x4.sub(x1, v128.load(off, 16)); off += offsetStride; }
        if (rowOffsets) { const term = v128.load32_splat(ofRow); x0 = f32x4.sub(x0, term); x1 = f32x4.sub(x1, term); ofRow += rowStride; }
        if (count > 0) {
          if (unrolled) {
            x0 = f32x4.add(k00, f32x4.mul(x0, f32x4.add(k10, f32x4.mul(x0, f32x4.add(k20, f32x4.mul(x0, f32x4.add(k30, f32x4.mul(x0, f32x4.add(k40, f32x4.mul(x0, k50))))))))));
            x1 = f32x4.add(k01, f32x4.mul(x1, f32x4.add(k11, f32x4.mul(x1, f32x4.add(k21, f32x4.mul(x1, f32x4.add(k31, f32x4.mul(x1, f32x4.add(k41, f32x4.mul(x1, k51))))))))));
          } else {
            x0 = f32x4.add(k00, horner(x0, coefficients, count, relative, good0, at));
            x1 = f32x4.add(k01, horner(x1, coefficients, count, relative, good1, at + 16));
          }
        }
        v128.store(to, x0); v128.store(to, x1, 16);
        s += stride; to += xStride; f += flagStride;
      }
      v128.store64_lane(any + p, seen, 0);
    }
  }
}

/** Reads as they stand in the file, BITPIX 16. */
export function prepareInt16(
  src: usize, stride: usize, nreads: i32, chained: i32, given: i32,
  offsets: usize, offsetStride: usize, rowOffsets: usize, rowStride: usize, rows: i32, nx: i32, pixel: usize,
  coefficients: usize, count: i32, form: i32, bias: usize, saturation: usize, saturationValue: f32, floor: f32,
  bscale: f32, bzero: f32, base: usize, any: usize, x: usize, xStride: usize, flags: usize, flagStride: usize,
): void {
  tile<i16>(src, stride, nreads, chained, given, offsets, offsetStride, rowOffsets, rowStride, rows, nx, pixel, coefficients, count, form, bias, saturation, saturationValue, floor, bscale, bzero, base, any, x, xStride, flags, flagStride);
}

/** Reads already decoded to host float32. */
export function prepareFloat32(
  src: usize, stride: usize, nreads: i32, chained: i32, given: i32,
  offsets: usize, offsetStride: usize, rowOffsets: usize, rowStride: usize, rows: i32, nx: i32, pixel: usize,
  coefficients: usize, count: i32, form: i32, bias: usize, saturation: usize, saturationValue: f32, floor: f32,
  bscale: f32, bzero: f32, base: usize, any: usize, x: usize, xStride: usize, flags: usize, flagStride: usize,
): void {
  tile<f32>(src, stride, nreads, chained, given, offsets, offsetStride, rowOffsets, rowStride, rows, nx, pixel, coefficients, count, form, bias, saturation, saturationValue, floor, bscale, bzero, base, any, x, xStride, flags, flagStride);
}

/** Signals of a ramp dark off those of a read; NaN in the dark counts as 0. */
export function subtractDark(x: usize, dark: usize, n: i32): void {
  const end = (<usize>n) << 2;
  for (let o: usize = 0; o < end; o += 16) {
    const d = v128.load(dark + o);
    v128.store(x + o, f32x4.sub(v128.load(x + o), v128.andnot(d, isNaN4(d))));
  }
}

/** Group flags of a file to those that count here: CHARGELOSS makes a read unusable, the rest has no such bit. */
export function narrowFlags(src: usize, dst: usize, n: i32): void {
  for (let i = 0; i < n; i++) {
    const q = load<u32>(src + ((<usize>i) << 2));
    store<u8>(dst + <usize>i, <u8>((q & 0x6f) | ((q >> 7) & 1)));
  }
}
