/**
 * Weighted sums of linearised reads, acc[k] += Σ w[k]ᵣ F(xᵣ − bias − offsetᵣ); the twin src/twins/sample.ts holds the
 * equations. One sum or two; `flags` has a byte to a pixel: 1 saturated, 2 not linearised.
 */
import { bytes, firstLanes, madd, isNaN4, swap16 } from "./lanes";
import { coefficient, correctable, horner } from "./linearity";
import { DO_NOT_USE, NO_LIN_CORR, SATURATED } from "./flags";

/** Bits of `fresh`: the sums start at 0; the flags start. */
const SUMS: i32 = 1;
const FLAGS: i32 = 2;

/** Sum of the weights in a table; entries lie `step` bytes apart. */
// @ts-ignore: decorator
@inline
function total(weights: usize, nreads: i32, step: usize): f32 {
  let sum: f32 = 0;
  for (let r = 0; r < nreads; r++) sum += load<f32>(weights + <usize>r * step);
  return sum;
}

/** T is u16 for reads as they stand in the file with BZERO 32768, or f32 for decoded ones; `terms` 0, 5 or −1 for any. */
// @ts-ignore: decorator
@inline
function blocks<T>(
  two: bool, terms: i32, src: usize, stride: usize, nreads: i32, weights: usize,
  offsets: usize, offsetStride: usize, rows: i32, nx: i32, pixel: usize,
  coefficients: usize, count: i32, form: i32, bias: usize, saturation: usize, saturationValue: f32,
  acc0: usize, acc1: usize, flags: usize, fresh: i32,
): void {
  const relative = form == 0;
  const shift = relative ? 0 : 1;
  const one = f32x4.splat(1), none = f32x4.splat(0), sign = i16x8.splat(<i16>0x8000);
  const step: usize = two ? 8 : 4;
  const constant = terms != 0 && !relative;
  const s0 = f32x4.splat(constant ? total(weights, nreads, step) : 0);
  const s1 = f32x4.splat(constant && two ? total(weights + 4, nreads, step) : 0);
  for (let row = 0; row < rows; row++) {
    for (let i = 0; i < nx; i += 8) {
      const p = <usize>(row * nx + i);
      const o = p << 2, at = (pixel + p) << 2;
      let b0 = none, b1 = none;
      if (bias) { b0 = v128.load(bias + at); b1 = v128.load(bias + at, 16); }
      const good0 = terms == 0 ? one : correctable(coefficients, count, relative, at);
      const good1 = terms == 0 ? one : correctable(coefficients, count, relative, at + 16);
      let a0 = none, a1 = none, c0 = none, c1 = none;
      if (!(fresh & SUMS)) {
        a0 = v128.load(acc0 + o); a1 = v128.load(acc0 + o, 16);
        if (two) { c0 = v128.load(acc1 + o); c1 = v128.load(acc1 + o, 16); }
      }
      if (constant) {
        // The constant term leaves the loop over reads: Σ wᵣ k₀ = k₀ Σ wᵣ.
        const k0 = v128.and(coefficient(coefficients, count, 0, at), good0);
        const k1 = v128.and(coefficient(coefficients, count, 0, at + 16), good1);
        a0 = madd(s0, k0, a0); a1 = madd(s0, k1, a1);
        if (two) { c0 = madd(s1, k0, c0); c1 = madd(s1, k1, c1); }
      }
      let k10 = one, k11 = one, k20 = none, k21 = none, k30 = none, k31 = none, k40 = none, k41 = none, k50 = none, k51 = none;
      if (terms == 5) {
        k10 = coefficient(coefficients, count, shift, at); k11 = coefficient(coefficients, count, shift, at + 16);
        if (relative) { k10 = f32x4.add(k10, one); k11 = f32x4.add(k11, one); }
        k10 = v128.bitselect(k10, one, good0); k11 = v128.bitselect(k11, one, good1);
        k20 = v128.and(coefficient(coefficients, count, shift + 1, at), good0); k21 = v128.and(coefficient(coefficients, count, shift + 1, at + 16), good1);
        k30 = v128.and(coefficient(coefficients, count, shift + 2, at), good0); k31 = v128.and(coefficient(coefficients, count, shift + 2, at + 16), good1);
        k40 = v128.and(coefficient(coefficients, count, shift + 3, at), good0); k41 = v128.and(coefficient(coefficients, count, shift + 3, at + 16), good1);
        k50 = v128.and(coefficient(coefficients, count, shift + 4, at), good0); k51 = v128.and(coefficient(coefficients, count, shift + 4, at + 16), good1);
      }
      let s = src + p * sizeof<T>(), w = weights, off = offsets + ((<usize>i) << 2);
      // The largest value of all reads decides on saturation; pmax leaves NaN aside.
      let m0 = sizeof<T>() == 2 ? none : f32x4.splat(-Infinity), m1 = m0;
      for (let r = 0; r < nreads; r++) {
        let x0: v128, x1: v128;
        if (sizeof<T>() == 2) {
          const v = v128.xor(swap16(v128.load(s)), sign);
          m0 = i16x8.max_u(m0, v);
          x0 = f32x4.convert_i32x4_s(i32x4.extend_low_i16x8_u(v));
          x1 = f32x4.convert_i32x4_s(i32x4.extend_high_i16x8_u(v));
        } else {
          x0 = v128.load(s); x1 = v128.load(s, 16);
          m0 = f32x4.pmax(m0, x0); m1 = f32x4.pmax(m1, x1);
        }
        x0 = f32x4.sub(x0, b0); x1 = f32x4.sub(x1, b1);
        if (offsets) { x0 = f32x4.sub(x0, v128.load(off)); x1 = f32x4.sub(x1, v128.load(off, 16)); off += offsetStride; }
        if (terms == 5) {
          x0 = f32x4.mul(x0, madd(x0, madd(x0, madd(x0, madd(x0, k50, k40), k30), k20), k10));
          x1 = f32x4.mul(x1, madd(x1, madd(x1, madd(x1, madd(x1, k51, k41), k31), k21), k11));
        } else if (terms < 0) {
          x0 = horner(x0, coefficients, count, relative, good0, at);
          x1 = horner(x1, coefficients, count, relative, good1, at + 16);
        }
        const g = v128.load32_splat(w);
        a0 = madd(g, x0, a0); a1 = madd(g, x1, a1);
        if (two) {
          const h = v128.load32_splat(w, 4);
          c0 = madd(h, x0, c0); c1 = madd(h, x1, c1);
        }
        s += stride; w += step;
      }
      if (sizeof<T>() == 2) {
        m1 = f32x4.convert_i32x4_s(i32x4.extend_high_i16x8_u(m0));
        m0 = f32x4.convert_i32x4_s(i32x4.extend_low_i16x8_u(m0));
      }
      let t0 = f32x4.splat(saturationValue), t1 = t0;
      if (saturation) { t0 = v128.load(saturation + at); t1 = v128.load(saturation + at, 16); }
      let q = v128.and(bytes(f32x4.ge(m0, t0), f32x4.ge(m1, t1)), i8x16.splat(1));
      if (!(fresh & FLAGS)) q = v128.or(q, v128.load64_zero(flags + p));
      else if (terms != 0) q = v128.or(q, v128.andnot(i8x16.splat(2), bytes(good0, good1)));
      const left = nx - i;
      if (left < 8) {
        // The rest of this block belongs to the next row.
        const l0 = firstLanes(left), l1 = firstLanes(left - 4);
        a0 = v128.bitselect(a0, v128.load(acc0 + o), l0); a1 = v128.bitselect(a1, v128.load(acc0 + o, 16), l1);
        if (two) { c0 = v128.bitselect(c0, v128.load(acc1 + o), l0); c1 = v128.bitselect(c1, v128.load(acc1 + o, 16), l1); }
        q = v128.bitselect(q, v128.load64_zero(flags + p), bytes(l0, l1));
      }
      v128.store(acc0 + o, a0); v128.store(acc0 + o, a1, 16);
      if (two) { v128.store(acc1 + o, c0); v128.store(acc1 + o, c1, 16); }
      v128.store64_lane(flags + p, q, 0);
    }
  }
}

// @ts-ignore: decorator
@inline
function tile<T>(
  two: bool, src: usize, stride: usize, nreads: i32, weights: usize,
  offsets: usize, offsetStride: usize, rows: i32, nx: i32, pixel: usize,
  coefficients: usize, count: i32, form: i32, bias: usize, saturation: usize, saturationValue: f32,
  acc0: usize, acc1: usize, flags: usize, fresh: i32,
): void {
  const terms = form == 0 ? count : count - 1;
  if (count == 0) blocks<T>(two, 0, src, stride, nreads, weights, offsets, offsetStride, rows, nx, pixel, coefficients, count, form, bias, saturation, saturationValue, acc0, acc1, flags, fresh);
  else if (terms <= 5) blocks<T>(two, 5, src, stride, nreads, weights, offsets, offsetStride, rows, nx, pixel, coefficients, count, form, bias, saturation, saturationValue, acc0, acc1, flags, fresh);
  else blocks<T>(two, -1, src, stride, nreads, weights, offsets, offsetStride, rows, nx, pixel, coefficients, count, form, bias, saturation, saturationValue, acc0, acc1, flags, fresh);
}

/** Reads as they stand in the file, BITPIX 16 and BZERO 32768. */
export function sumInt16(
  src: usize, stride: usize, nreads: i32, weights: usize,
  offsets: usize, offsetStride: usize, rows: i32, nx: i32, pixel: usize,
  coefficients: usize, count: i32, form: i32, bias: usize, saturation: usize, saturationValue: f32,
  acc0: usize, acc1: usize, flags: usize, fresh: i32,
): void {
  tile<u16>(false, src, stride, nreads, weights, offsets, offsetStride, rows, nx, pixel, coefficients, count, form, bias, saturation, saturationValue, acc0, acc1, flags, fresh);
}

/** Reads already decoded to host float32. */
export function sumFloat32(
  src: usize, stride: usize, nreads: i32, weights: usize,
  offsets: usize, offsetStride: usize, rows: i32, nx: i32, pixel: usize,
  coefficients: usize, count: i32, form: i32, bias: usize, saturation: usize, saturationValue: f32,
  acc0: usize, acc1: usize, flags: usize, fresh: i32,
): void {
  tile<f32>(false, src, stride, nreads, weights, offsets, offsetStride, rows, nx, pixel, coefficients, count, form, bias, saturation, saturationValue, acc0, acc1, flags, fresh);
}

export function pairInt16(
  src: usize, stride: usize, nreads: i32, weights: usize,
  offsets: usize, offsetStride: usize, rows: i32, nx: i32, pixel: usize,
  coefficients: usize, count: i32, form: i32, bias: usize, saturation: usize, saturationValue: f32,
  acc0: usize, acc1: usize, flags: usize, fresh: i32,
): void {
  tile<u16>(true, src, stride, nreads, weights, offsets, offsetStride, rows, nx, pixel, coefficients, count, form, bias, saturation, saturationValue, acc0, acc1, flags, fresh);
}

export function pairFloat32(
  src: usize, stride: usize, nreads: i32, weights: usize,
  offsets: usize, offsetStride: usize, rows: i32, nx: i32, pixel: usize,
  coefficients: usize, count: i32, form: i32, bias: usize, saturation: usize, saturationValue: f32,
  acc0: usize, acc1: usize, flags: usize, fresh: i32,
): void {
  tile<f32>(true, src, stride, nreads, weights, offsets, offsetStride, rows, nx, pixel, coefficients, count, form, bias, saturation, saturationValue, acc0, acc1, flags, fresh);
}

/** Slope, its variances and flags of four pixels. */
// @ts-ignore: decorator
@inline
function finish4(
  s: v128, q: v128, o: usize, slope: usize, varPoisson: usize, varRnoise: usize, dq: usize,
  gain: usize, gainValue: f32, readNoise: usize, readNoiseValue: f32, poissonFactor: f32, readNoiseFactor: f32,
): void {
  const zero = f32x4.splat(0);
  q = v128.or(
    v128.and(i32x4.neg(v128.and(q, i32x4.splat(1))), i32x4.splat(SATURATED | DO_NOT_USE)),
    v128.and(i32x4.neg(i32x4.shr_u(q, 1)), i32x4.splat(NO_LIN_CORR)),
  );
  v128.store(dq + o, v128.or(q, v128.and(isNaN4(s), i32x4.splat(DO_NOT_USE))));
  v128.store(slope + o, s);
  let g = f32x4.splat(gainValue);
  if (gain) g = v128.load(gain + o);
  g = v128.bitselect(g, f32x4.splat(NaN), f32x4.gt(g, zero));
  v128.store(varPoisson + o, f32x4.mul(f32x4.div(f32x4.max(s, zero), g), f32x4.splat(poissonFactor)));
  let e = f32x4.splat(readNoiseValue);
  if (readNoise) e = v128.load(readNoise + o);
  v128.store(varRnoise + o, f32x4.mul(f32x4.mul(e, e), f32x4.splat(readNoiseFactor)));
}

// @ts-ignore: decorator
@inline
function fourFlags(flags: usize, o: usize): v128 {
  return i32x4.extend_low_i16x8_u(i16x8.extend_low_i8x16_u(v128.load32_zero(flags + (o >> 2))));
}

/** The frames of one tile from its sum. */
export function sampleFinish(
  sum: usize, flags: usize, slope: usize, varPoisson: usize, varRnoise: usize, dq: usize, n: i32,
  gain: usize, gainValue: f32, readNoise: usize, readNoiseValue: f32, poissonFactor: f32, readNoiseFactor: f32,
): void {
  const end = (<usize>n) << 2;
  for (let o: usize = 0; o < end; o += 16) {
    finish4(v128.load(sum + o), fourFlags(flags, o), o, slope, varPoisson, varRnoise, dq, gain, gainValue, readNoise, readNoiseValue, poissonFactor, readNoiseFactor);
  }
}

// @ts-ignore: decorator
@inline
function combined(acc0: usize, acc1: usize, before: usize, c0: f32, c1: f32, o: usize): v128 {
  const s = madd(f32x4.splat(c1), v128.load(acc1 + o), f32x4.mul(f32x4.splat(c0), v128.load(acc0 + o)));
  return before ? f32x4.add(v128.load(before + o), s) : s;
}

/** total = before + c₀ acc₀ + c₁ acc₁; `before` may be absent. */
export function endRamp(acc0: usize, acc1: usize, before: usize, total: usize, c0: f32, c1: f32, n: i32): void {
  const end = (<usize>n) << 2;
  for (let o: usize = 0; o < end; o += 16) v128.store(total + o, combined(acc0, acc1, before, c0, c1, o));
}

/** The frames of the exposure, the last ramp's combination included; `slope` and `varPoisson` may be the sums. */
export function sumsFinish(
  acc0: usize, acc1: usize, before: usize, c0: f32, c1: f32, scale: f32, flags: usize, pixel: usize,
  slope: usize, varPoisson: usize, varRnoise: usize, dq: usize, n: i32,
  gain: usize, gainValue: f32, readNoise: usize, readNoiseValue: f32, poissonFactor: f32, readNoiseFactor: f32,
): void {
  const end = (<usize>n) << 2;
  flags += pixel;
  for (let o: usize = 0; o < end; o += 16) {
    const s = f32x4.mul(f32x4.splat(scale), combined(acc0, acc1, before, c0, c1, o));
    finish4(s, fourFlags(flags, o), o, slope, varPoisson, varRnoise, dq, gain, gainValue, readNoise, readNoiseValue, poissonFactor, readNoiseFactor);
  }
}
