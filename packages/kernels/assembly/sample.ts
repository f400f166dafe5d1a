/**
 * Weighted sums of linearised reads, acc[k] += Σ w[k]ᵣ F(xᵣ − bias − offsetᵣ); the twin src/twins/sample.ts holds the
 * equations. One sum or two; `flags` has a byte to a pixel: 1 saturated, 2 not linearised.
 */
import { bytes, isNaN4, madd, pick } from "./lanes";
import { correctable, horner } from "./linearity";
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

/** Address of coefficient plane `i`, or 0. */
// @ts-ignore: decorator
@inline
function plane(table: usize, count: i32, i: i32): usize {
  return i < count ? <usize>load<u32>(table + ((<usize>i) << 2)) : 0;
}

// @ts-ignore: decorator
@inline
function storeFirst(at: usize, v: v128, lanes: i32): void {
  v128.store32_lane(at, v, 0);
  if (lanes > 1) v128.store32_lane(at, v, 1, 4);
  if (lanes > 2) v128.store32_lane(at, v, 2, 8);
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
  const one = f32x4.splat(1), none = f32x4.splat(0);
  // V8 builds vector constants anew in each turn of a loop; what depends on an argument, if only on bits that are 0,
  // stays in its register.
  const nought = i32x4.splat(fresh >> 16);
  const sign = v128.xor(i32x4.splat(0x8000), nought);
  // Big-endian 16 bits to the low half of a lane.
  const swap = v128.xor(i8x16(1, 0, -1, -1, 3, 2, -1, -1, 5, 4, -1, -1, 7, 6, -1, -1), nought);
  const step: usize = two ? 8 : 4;
  const p0 = terms != 0 && !relative ? plane(coefficients, count, 0) : 0;
  const p1 = plane(coefficients, count, shift), p2 = plane(coefficients, count, shift + 1), p3 = plane(coefficients, count, shift + 2);
  const p4 = plane(coefficients, count, shift + 3), p5 = plane(coefficients, count, shift + 4);
  const s0 = f32x4.splat(p0 ? total(weights, nreads, step) : 0);
  const s1 = f32x4.splat(p0 && two ? total(weights + 4, nreads, step) : 0);
  for (let row = 0; row < rows; row++) {
    for (let i = 0; i < nx; i += 4) {
      const p = <usize>(row * nx + i);
      const o = p << 2, at = (pixel + p) << 2;
      const b = bias ? v128.load(bias + at) : none;
      let good = i32x4.splat(-1);
      let k0 = none, k1 = one, k2 = none, k3 = none, k4 = none, k5 = none;
      if (terms == 5) {
        if (p0) k0 = v128.load(p0 + at);
        k1 = p1 ? v128.load(p1 + at) : none;
        if (p2) k2 = v128.load(p2 + at);
        if (p3) k3 = v128.load(p3 + at);
        if (p4) k4 = v128.load(p4 + at);
        if (p5) k5 = v128.load(p5 + at);
        // One look at all of them: a sum of numbers is a number, but for infinities.
        const all = f32x4.add(f32x4.add(f32x4.add(k0, k1), f32x4.add(k2, k3)), f32x4.add(k4, k5));
        const fine = relative ? f32x4.eq(all, all) : v128.and(f32x4.eq(all, all), f32x4.ne(k1, none));
        if (relative) k1 = f32x4.add(k1, one);
        if (i32x4.bitmask(fine) != 15) {
          good = correctable(coefficients, count, relative, at);
          k0 = v128.and(k0, good); k1 = v128.bitselect(k1, one, good); k2 = v128.and(k2, good);
          k3 = v128.and(k3, good); k4 = v128.and(k4, good); k5 = v128.and(k5, good);
        }
      } else if (terms < 0) {
        good = correctable(coefficients, count, relative, at);
        if (p0) k0 = v128.and(v128.load(p0 + at), good);
      }
      let a = none, c = none;
      if (!(fresh & SUMS)) {
        a = v128.load(acc0 + o);
        if (two) c = v128.load(acc1 + o);
      }
      if (terms != 0 && p0) {
        // The constant term leaves the loop over reads: Σ wᵣ k₀ = k₀ Σ wᵣ.
        a = madd(s0, k0, a);
        if (two) c = madd(s1, k0, c);
      }
      let s = src + p * sizeof<T>(), w = weights, off = offsets + ((<usize>i) << 2);
      // The largest value of all reads decides on saturation; pmax leaves NaN aside.
      let m = sizeof<T>() == 2 ? none : f32x4.splat(-Infinity);
      for (let r = 0; r < nreads; r++) {
        let x: v128;
        if (sizeof<T>() == 2) {
          const v = v128.xor(pick(v128.load64_zero(s), swap), sign);
          m = i32x4.max_s(m, v);
          x = f32x4.convert_i32x4_s(v);
        } else {
          x = v128.load(s);
          m = f32x4.pmax(m, x);
        }
        x = f32x4.sub(x, b);
        if (offsets) { x = f32x4.sub(x, v128.load(off)); off += offsetStride; }
        const g = v128.load32_splat(w);
        if (terms == 5 && !two) {
          const y = madd(x, madd(x, madd(x, madd(x, k5, k4), k3), k2), k1);
          a = madd(f32x4.mul(g, x), y, a);
        } else {
          if (terms == 5) x = f32x4.mul(x, madd(x, madd(x, madd(x, madd(x, k5, k4), k3), k2), k1));
          else if (terms < 0) x = horner(x, coefficients, count, relative, good, at);
          a = madd(g, x, a);
          if (two) c = madd(v128.load32_splat(w, 4), x, c);
        }
        s += stride; w += step;
      }
      if (sizeof<T>() == 2) m = f32x4.convert_i32x4_s(m);
      const t = saturation ? v128.load(saturation + at) : f32x4.splat(saturationValue);
      const high = f32x4.ge(m, t);
      let q = v128.and(bytes(high, high), i8x16.splat(1));
      if (!(fresh & FLAGS)) q = v128.or(q, v128.load32_zero(flags + p));
      else if (terms != 0) q = v128.or(q, v128.andnot(i8x16.splat(2), bytes(good, good)));
      const left = nx - i;
      if (left >= 4) {
        v128.store(acc0 + o, a);
        if (two) v128.store(acc1 + o, c);
        v128.store32_lane(flags + p, q, 0);
      } else {
        // The rest of this block belongs to the next row, and at the end of a tile perhaps to another thread.
        storeFirst(acc0 + o, a, left);
        if (two) storeFirst(acc1 + o, c, left);
        v128.store8_lane(flags + p, q, 0);
        if (left > 1) v128.store8_lane(flags + p, q, 1, 1);
        if (left > 2) v128.store8_lane(flags + p, q, 2, 2);
      }
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
  v128.store(dq + o, v128.or(q, v128.and(isNaN4(f32x4.sub(s, s)), i32x4.splat(DO_NOT_USE))));
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
