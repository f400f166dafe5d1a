/** Weighted sum of linearised reads; the twin src/twins/sample.ts holds the equations. */
import { swap16, isNaN4, firstLanes } from "./lanes";
import { coefficient, correctable, horner } from "./linearity";

// @ts-ignore: decorator
@inline
function tile<T>(
  src: usize, stride: usize, nreads: i32, weights: usize, sumOfWeights: f32,
  offsets: usize, offsetStride: usize, rows: i32, nx: i32, pixel: usize,
  coefficients: usize, count: i32, form: i32, bias: usize, saturation: usize, saturationValue: f32,
  bscale: f32, bzero: f32, sum: usize, dq: usize, first: i32,
): void {
  const relative = form == 0;
  const shift = relative ? 0 : 1;
  const unrolled = count - shift <= 5;
  const scale = f32x4.splat(bscale), zero = f32x4.splat(bzero), one = f32x4.splat(1), none = f32x4.splat(0);
  const saturated = i32x4.splat(3), uncorrected = i32x4.splat(1048576);
  for (let row = 0; row < rows; row++) {
    for (let i = 0; i < nx; i += 8) {
      const p = <usize>(row * nx + i);
      const o = p << 2, at = (pixel + p) << 2;
      let b0 = none, b1 = none;
      if (bias) { b0 = v128.load(bias + at); b1 = v128.load(bias + at, 16); }
      let t0 = f32x4.splat(saturationValue), t1 = t0;
      if (saturation) { t0 = v128.load(saturation + at); t1 = v128.load(saturation + at, 16); }
      const good0 = correctable(coefficients, count, relative, at);
      const good1 = correctable(coefficients, count, relative, at + 16);
      let a0: v128, a1: v128, f0 = i32x4.splat(0), f1 = i32x4.splat(0), q0: v128, q1: v128;
      const old0 = v128.load(sum + o), old1 = v128.load(sum + o, 16);
      const oldq0 = v128.load(dq + o), oldq1 = v128.load(dq + o, 16);
      if (first) {
        // The constant term leaves the loop over reads: Σ wᵣ k₀ = k₀ Σ wᵣ.
        a0 = none; a1 = none;
        if (!relative && count > 0) {
          const w = f32x4.splat(sumOfWeights);
          a0 = v128.and(f32x4.mul(w, coefficient(coefficients, count, 0, at)), good0);
          a1 = v128.and(f32x4.mul(w, coefficient(coefficients, count, 0, at + 16)), good1);
        }
        q0 = v128.andnot(uncorrected, good0); q1 = v128.andnot(uncorrected, good1);
      } else {
        a0 = old0; a1 = old1; q0 = oldq0; q1 = oldq1;
      }
      let s = src + p * sizeof<T>();
      let w = weights;
      let off = offsets + ((<usize>i) << 2);
      if (count > 0 && unrolled) {
        let k10 = coefficient(coefficients, count, shift, at), k11 = coefficient(coefficients, count, shift, at + 16);
        if (relative) { k10 = f32x4.add(k10, one); k11 = f32x4.add(k11, one); }
        k10 = v128.bitselect(k10, one, good0); k11 = v128.bitselect(k11, one, good1);
        const k20 = v128.and(coefficient(coefficients, count, shift + 1, at), good0), k21 = v128.and(coefficient(coefficients, count, shift + 1, at + 16), good1);
        const k30 = v128.and(coefficient(coefficients, count, shift + 2, at), good0), k31 = v128.and(coefficient(coefficients, count, shift + 2, at + 16), good1);
        const k40 = v128.and(coefficient(coefficients, count, shift + 3, at), good0), k41 = v128.and(coefficient(coefficients, count, shift + 3, at + 16), good1);
        const k50 = v128.and(coefficient(coefficients, count, shift + 4, at), good0), k51 = v128.and(coefficient(coefficients, count, shift + 4, at + 16), good1);
        for (let r = 0; r < nreads; r++) {
          let x0: v128, x1: v128;
          if (sizeof<T>() == 2) {
            const v = swap16(v128.load(s));
            x0 = f32x4.add(f32x4.mul(f32x4.convert_i32x4_s(i32x4.extend_low_i16x8_s(v)), scale), zero);
            x1 = f32x4.add(f32x4.mul(f32x4.convert_i32x4_s(i32x4.extend_high_i16x8_s(v)), scale), zero);
          } else { x0 = v128.load(s); x1 = v128.load(s, 16); }
          f0 = v128.or(f0, f32x4.ge(x0, t0)); f1 = v128.or(f1, f32x4.ge(x1, t1));
          x0 = f32x4.sub(x0, b0); x1 = f32x4.sub(x1, b1);
          if (offsets) { x0 = f32x4.sub(x0, v128.load(off)); x1 = f32x4.sub(x1, v128.load(off, 16)); off += offsetStride; }
          const g = v128.load32_splat(w);
          const y0 = f32x4.mul(x0, f32x4.add(k10, f32x4.mul(x0, f32x4.add(k20, f32x4.mul(x0, f32x4.add(k30, f32x4.mul(x0, f32x4.add(k40, f32x4.mul(x0, k50)))))))));
          const y1 = f32x4.mul(x1, f32x4.add(k11, f32x4.mul(x1, f32x4.add(k21, f32x4.mul(x1, f32x4.add(k31, f32x4.mul(x1, f32x4.add(k41, f32x4.mul(x1, k51)))))))));
          a0 = f32x4.add(a0, f32x4.mul(g, y0)); a1 = f32x4.add(a1, f32x4.mul(g, y1));
          s += stride; w += 4;
        }
      } else {
        for (let r = 0; r < nreads; r++) {
          let x0: v128, x1: v128;
          if (sizeof<T>() == 2) {
            const v = swap16(v128.load(s));
            x0 = f32x4.add(f32x4.mul(f32x4.convert_i32x4_s(i32x4.extend_low_i16x8_s(v)), scale), zero);
            x1 = f32x4.add(f32x4.mul(f32x4.convert_i32x4_s(i32x4.extend_high_i16x8_s(v)), scale), zero);
          } else { x0 = v128.load(s); x1 = v128.load(s, 16); }
          f0 = v128.or(f0, f32x4.ge(x0, t0)); f1 = v128.or(f1, f32x4.ge(x1, t1));
          x0 = f32x4.sub(x0, b0); x1 = f32x4.sub(x1, b1);
          if (offsets) { x0 = f32x4.sub(x0, v128.load(off)); x1 = f32x4.sub(x1, v128.load(off, 16)); off += offsetStride; }
          const g = v128.load32_splat(w);
          if (count > 0) {
            x0 = horner(x0, coefficients, count, relative, good0, at);
            x1 = horner(x1, coefficients, count, relative, good1, at + 16);
          }
          a0 = f32x4.add(a0, f32x4.mul(g, x0)); a1 = f32x4.add(a1, f32x4.mul(g, x1));
          s += stride; w += 4;
        }
      }
      q0 = v128.or(q0, v128.and(f0, saturated)); q1 = v128.or(q1, v128.and(f1, saturated));
      const left = nx - i;
      if (left < 8) {
        // The rest of this block belongs to the next row.
        const m0 = firstLanes(left), m1 = firstLanes(left - 4);
        a0 = v128.bitselect(a0, old0, m0); a1 = v128.bitselect(a1, old1, m1);
        q0 = v128.bitselect(q0, oldq0, m0); q1 = v128.bitselect(q1, oldq1, m1);
      }
      v128.store(sum + o, a0); v128.store(sum + o, a1, 16);
      v128.store(dq + o, q0); v128.store(dq + o, q1, 16);
    }
  }
}

/** Reads as they stand in the file, BITPIX 16. */
export function sampleInt16(
  src: usize, stride: usize, nreads: i32, weights: usize, sumOfWeights: f32,
  offsets: usize, offsetStride: usize, rows: i32, nx: i32, pixel: usize,
  coefficients: usize, count: i32, form: i32, bias: usize, saturation: usize, saturationValue: f32,
  bscale: f32, bzero: f32, sum: usize, dq: usize, first: i32,
): void {
  tile<i16>(src, stride, nreads, weights, sumOfWeights, offsets, offsetStride, rows, nx, pixel, coefficients, count, form, bias, saturation, saturationValue, bscale, bzero, sum, dq, first);
}

/** Reads already decoded to host float32. */
export function sampleFloat32(
  src: usize, stride: usize, nreads: i32, weights: usize, sumOfWeights: f32,
  offsets: usize, offsetStride: usize, rows: i32, nx: i32, pixel: usize,
  coefficients: usize, count: i32, form: i32, bias: usize, saturation: usize, saturationValue: f32,
  bscale: f32, bzero: f32, sum: usize, dq: usize, first: i32,
): void {
  tile<f32>(src, stride, nreads, weights, sumOfWeights, offsets, offsetStride, rows, nx, pixel, coefficients, count, form, bias, saturation, saturationValue, bscale, bzero, sum, dq, first);
}

/** Slope, its variances and flags from the sums of one tile. */
export function sampleFinish(
  sum: usize, flags: usize, slope: usize, varPoisson: usize, varRnoise: usize, dq: usize, n: i32,
  gain: usize, gainValue: f32, readNoise: usize, readNoiseValue: f32, poissonFactor: f32, readNoiseFactor: f32,
): void {
  const p = f32x4.splat(poissonFactor), r = f32x4.splat(readNoiseFactor);
  const zero = f32x4.splat(0), nan = f32x4.splat(NaN), unusable = i32x4.splat(1);
  const end = (<usize>n) << 2;
  for (let o: usize = 0; o < end; o += 16) {
    const s = v128.load(sum + o);
    v128.store(slope + o, s);
    v128.store(dq + o, v128.or(v128.load(flags + o), v128.and(isNaN4(s), unusable)));
    let g = f32x4.splat(gainValue);
    if (gain) g = v128.load(gain + o);
    g = v128.bitselect(g, nan, f32x4.gt(g, zero));
    v128.store(varPoisson + o, f32x4.mul(f32x4.div(f32x4.max(s, zero), g), p));
    let e = f32x4.splat(readNoiseValue);
    if (readNoise) e = v128.load(readNoise + o);
    v128.store(varRnoise + o, f32x4.mul(f32x4.mul(e, e), r));
  }
}
