/**
 * Segmented least squares with Fixsen's weights; the twin src/twins/ols.ts holds the equations. Unbroken ramps go four
 * at a time with weights from a table to each class of signal-to-noise; the others one by one in double precision.
 *
 * Table of a ramp (src/ramp-plan.ts): 8 floats Σcᵢ² and 8 floats Σ Wₖ² (tₖ − tₖ₋₁), one to a class, then for each of the six
 * classes the weights cᵢ of its reads.
 */
import {
  difference, differencesOf, earlier, firstDifference, firstRead, interval, perInterval, ramp, rampNetwork, rampSpan, rampSpread,
  rampWeights, readCount, time,
} from "./plan";
import { median4, sortedMedian, sortFloats } from "./medians";
import { BREAK, DO_NOT_USE, GROUP, JUMP_DET, SATURATED } from "./flags";

/** Fixsen's exponent for a class. */
function power(u: f64, k: i32): f64 {
  if (k == 0) return 1;
  if (k == 1) return Math.pow(u, 0.4);
  if (k == 2) return u;
  const cube = u * u * u;
  if (k == 3) return cube;
  if (k == 4) return cube * cube;
  return cube * cube * cube * u;
}

/** Class of a segment that rises by `q` electrons with `r2` electrons² of read noise: S at 5, 10, 20, 50, 100. */
// @ts-ignore: decorator
@inline
function classOf(q: f64, r2: f64): i32 {
  if (!(q > 0)) return 0;
  const s2 = q * q / (r2 + q);
  return s2 < 25 ? 0 : s2 < 100 ? 1 : s2 < 400 ? 2 : s2 < 2500 ? 3 : s2 < 10000 ? 4 : 5;
}

// Sums over the segments of one pixel; a thread fits one pixel at a time.
let spread: f64 = 0, slopes: f64 = 0, photons: f64 = 0, reads: f64 = 0, spans: f64 = 0, used: i32 = 0, lead: i32 = -1;

/**
 * One pass from the last read to the first, in u = 2(t − t₀)/(tₙ₋₁ − t₀) − 1. What is cumulated on the way, Σ_{i≥k} w and
 * Σ_{i≥k} wu, makes Wₖ, for Wₖ = 2/(tₙ₋₁ − t₀) (Σw Σ_{i≥k} wu − Σwu Σ_{i≥k} w)/(Σw Σwu² − (Σwu)²).
 */
function addSegment(plan: usize, x: usize, xStride: usize, start: i32, end: i32, gain: f64, noise: f64): void {
  const t0 = time(plan, start), span = time(plan, end - 1) - t0, scale = 2 / span;
  const x0 = <f64>load<f32>(x + <usize>start * xStride);
  const q = (<f64>load<f32>(x + <usize>(end - 1) * xStride) - x0) * gain;
  const k = classOf(q, noise * noise * gain * gain);
  let w0: f64 = 0, w1: f64 = 0, w2: f64 = 0, y0: f64 = 0, y1: f64 = 0, plain: f64 = 0, square: f64 = 0;
  let v0: f64 = 0, v1: f64 = 0, v2: f64 = 0, p00: f64 = 0, p01: f64 = 0, p11: f64 = 0, after: f64 = 0;
  let at = x + <usize>(end - 1) * xStride;
  for (let r = end - 1; r >= start; r--, at -= xStride) {
    const t = time(plan, r) - t0, u = t * scale - 1;
    if (r < end - 1) {
      const dt = after - t;
      p00 += w0 * w0 * dt; p01 += w0 * w1 * dt; p11 += w1 * w1 * dt;
    }
    after = t;
    const w = power(abs(u), k), wu = w * u, y = <f64>load<f32>(at) - x0;
    w0 += w; w1 += wu; w2 += wu * u;
    y0 += w * y; y1 += wu * y;
    v0 += w * w; v1 += w * wu; v2 += wu * wu;
    plain += u; square += u * u;
  }
  const f = scale / (w0 * w2 - w1 * w1), f2 = f * f;
  const s = (square - plain * plain / <f64>(end - start)) / (scale * scale);
  spread += s;
  slopes += s * f * (w0 * y1 - w1 * y0);
  photons += s * s * f2 * (w0 * w0 * p11 - 2 * w0 * w1 * p01 + w1 * w1 * p00);
  reads += s * s * f2 * (w0 * w0 * v2 - 2 * w0 * w1 * v1 + w1 * w1 * v0);
  spans += span;
  used += end - start;
  if (lead < 0) lead = start;
}

/**
 * JWST's slope of a ramp with one good read: its signal over the time between two reads, with the weight and the noise
 * of two. Good for what saturates at once, if the bias was taken off.
 */
function addRead(plan: usize, record: usize, x: usize, xStride: usize, r: i32): void {
  const t = <f64>interval(difference(plan, firstDifference(record)));
  const s = 0.5 * t * t;
  spread += s;
  slopes += s * <f64>load<f32>(x + <usize>r * xStride) / t;
  spans += t;
  used++;
  if (lead < 0) lead = r;
}

/** Median of the ramp's usable differences per second, as JWST has it: of none the first read stands for it. */
function medianRate(plan: usize, record: usize, x: usize, xStride: usize, flags: usize, flagStride: usize, scratch: usize): f64 {
  const first = firstDifference(record), end = first + readCount(record) - 1;
  let count = 0;
  for (let i = first; i < end; i++) {
    const r = <usize>earlier(difference(plan, i));
    const before: i32 = load<u8>(flags + r * flagStride), after: i32 = load<u8>(flags + (r + 1) * flagStride);
    if ((before & (SATURATED | DO_NOT_USE)) | (after & (SATURATED | DO_NOT_USE | JUMP_DET))) continue;
    const at = x + r * xStride;
    store<f32>(scratch + ((<usize>count) << 2), (load<f32>(at + xStride) - load<f32>(at)) * perInterval(difference(plan, i)));
    count++;
  }
  if (count == 0) {
    if (load<u8>(flags + <usize>firstRead(record) * flagStride) & (SATURATED | DO_NOT_USE)) return 0;
    return <f64>load<f32>(x + <usize>firstRead(record) * xStride) / <f64>interval(difference(plan, first));
  }
  sortFloats(scratch, count);
  return <f64>sortedMedian(scratch, count);
}

/** Ramps [from, from + ramps) of the pixels [start, start + n) of a tile; outputs are addresses of the first pixel. */
export function ols(
  plan: usize, from: i32, ramps: i32, x: usize, xStride: usize, flags: usize, flagStride: usize, any: usize, base: usize,
  start: i32, n: i32, gain: usize, gainValue: f32, noise: usize, noiseValue: f32, jwst: i32,
  slope: usize, varPoisson: usize, varRnoise: usize, dq: usize, count: usize, pedestal: usize, scratch: usize,
): void {
  const zero = f32x4.splat(0), nan = f32x4.splat(NaN), noGain = i32x4.splat(DO_NOT_USE);
  let reads4 = 0;
  for (let k = from; k < from + ramps; k++) reads4 += readCount(ramp(plan, k));
  const origin = firstRead(ramp(plan, from));
  const values = scratch + ((<usize>differencesOf(plan)) << 4);
  for (let i = 0; i < n; i += 4) {
    const p = <usize>(start + i), o = (<usize>i) << 2;
    const marks = load<u32>(any + p);
    let flagged = 0;
    for (let l = 0; l < 4; l++) if (((marks >> (l << 3)) & 0xff) != 0) flagged |= 1 << l;
    const g = gain ? v128.load(gain + (p << 2)) : f32x4.splat(gainValue);
    const e = noise ? v128.load(noise + (p << 2)) : f32x4.splat(noiseValue);
    const q = v128.load(base + (p << 2));
    if (flagged != 15) {
      let sum = zero, weight: f32 = 0, sumP = zero, sumR = zero, rate = zero, span: f32 = 0;
      const r2 = f32x4.mul(f32x4.mul(e, e), f32x4.mul(g, g));
      for (let k = from; k < from + ramps; k++) {
        const record = ramp(plan, k);
        const reads = readCount(record), table = rampWeights(record);
        const x0at = x + <usize>firstRead(record) * xStride + (p << 2);
        const x0 = v128.load(x0at);
        const rise = f32x4.mul(f32x4.sub(v128.load(x0at + <usize>(reads - 1) * xStride), x0), g);
        // S² against 25, 100, 400, 2500, 10000; a comparison that holds is −1.
        const rise2 = f32x4.mul(rise, rise), noise2 = f32x4.add(r2, rise);
        let c = i32x4.add(f32x4.ge(rise2, f32x4.mul(noise2, f32x4.splat(25))), f32x4.ge(rise2, f32x4.mul(noise2, f32x4.splat(100))));
        c = i32x4.add(c, f32x4.ge(rise2, f32x4.mul(noise2, f32x4.splat(400))));
        c = i32x4.add(c, f32x4.ge(rise2, f32x4.mul(noise2, f32x4.splat(2500))));
        c = i32x4.add(c, f32x4.ge(rise2, f32x4.mul(noise2, f32x4.splat(10000))));
        c = v128.and(i32x4.neg(c), f32x4.gt(rise, zero));
        let fit = zero, left = i32x4.splat(-1);
        while (v128.any_true(left)) {
          const bits = i32x4.bitmask(left);
          const lane = ctz(bits);
          const kind = lane == 0 ? i32x4.extract_lane(c, 0) : lane == 1 ? i32x4.extract_lane(c, 1) : lane == 2 ? i32x4.extract_lane(c, 2) : i32x4.extract_lane(c, 3);
          const same = i32x4.eq(c, i32x4.splat(kind));
          let w = table + 64 + ((<usize>(kind * reads)) << 2);
          let at = x0at, a = zero, b = zero, r = 0;
          for (; r + 1 < reads; r += 2, w += 8, at += xStride << 1) {
            a = f32x4.add(a, f32x4.mul(v128.load32_splat(w), f32x4.sub(v128.load(at), x0)));
            b = f32x4.add(b, f32x4.mul(v128.load32_splat(w, 4), f32x4.sub(v128.load(at + xStride), x0)));
          }
          if (r < reads) a = f32x4.add(a, f32x4.mul(v128.load32_splat(w), f32x4.sub(v128.load(at), x0)));
          fit = v128.bitselect(f32x4.add(a, b), fit, same);
          left = v128.andnot(left, same);
        }
        const s = rampSpread(record), s4 = f32x4.splat(s), s2 = f32x4.splat(s * s);
        sum = f32x4.add(sum, f32x4.mul(s4, fit));
        weight += s;
        span += rampSpan(record);
        if (jwst) {
          const first = firstDifference(record);
          for (let j = 0; j < reads - 1; j++) {
            const at = x0at + <usize>j * xStride;
            v128.store(scratch + ((<usize>j) << 4), f32x4.mul(f32x4.sub(v128.load(at + xStride), v128.load(at)), v128.load32_splat(difference(plan, first + j) + 8)));
          }
          rate = f32x4.add(rate, median4(scratch, rampNetwork(record)));
        } else {
          const k0 = <usize>i32x4.extract_lane(c, 0) << 2, k1 = <usize>i32x4.extract_lane(c, 1) << 2;
          const k2 = <usize>i32x4.extract_lane(c, 2) << 2, k3 = <usize>i32x4.extract_lane(c, 3) << 2;
          let v = v128.load32_zero(table + k0);
          v = v128.load32_lane(table + k1, v, 1); v = v128.load32_lane(table + k2, v, 2); v = v128.load32_lane(table + k3, v, 3);
          sumR = f32x4.add(sumR, f32x4.mul(s2, v));
          v = v128.load32_zero(table + 32 + k0);
          v = v128.load32_lane(table + 32 + k1, v, 1); v = v128.load32_lane(table + 32 + k2, v, 2); v = v128.load32_lane(table + 32 + k3, v, 3);
          sumP = f32x4.add(sumP, f32x4.mul(s2, v));
        }
      }
      const all = f32x4.splat(weight);
      const result = f32x4.div(sum, all);
      let vp: v128, vr: v128;
      if (jwst) {
        vp = f32x4.div(f32x4.max(f32x4.div(rate, f32x4.splat(<f32>ramps)), zero), f32x4.mul(g, f32x4.splat(span)));
        vr = f32x4.div(f32x4.mul(e, e), all);
      } else {
        const all2 = f32x4.mul(all, all);
        vp = f32x4.mul(f32x4.div(f32x4.max(result, zero), g), f32x4.div(sumP, all2));
        vr = f32x4.mul(f32x4.mul(e, e), f32x4.div(sumR, all2));
      }
      v128.store(slope + o, result);
      v128.store(varPoisson + o, vp);
      v128.store(varRnoise + o, vr);
      v128.store(dq + o, q);
      if (count) v128.store(count + o, i32x4.splat(reads4));
      if (pedestal) {
        const x0 = v128.load(x + <usize>origin * xStride + (p << 2));
        v128.store(pedestal + o, f32x4.sub(x0, f32x4.mul(result, f32x4.splat(<f32>time(plan, origin)))));
      }
    }
    for (let l = 0; l < 4; l++) {
      if ((flagged & (1 << l)) == 0 || i + l >= n) continue;
      const pl = p + <usize>l, ol = o + ((<usize>l) << 2);
      const xp = x + (pl << 2), fp = flags + pl;
      const gl = gain ? load<f32>(gain + (pl << 2)) : gainValue;
      const el = noise ? load<f32>(noise + (pl << 2)) : noiseValue;
      spread = 0; slopes = 0; photons = 0; reads = 0; spans = 0; used = 0; lead = -1;
      let rate: f64 = 0, seen = 0;
      for (let k = from; k < from + ramps; k++) {
        const record = ramp(plan, k);
        const first = firstRead(record), end = first + readCount(record);
        let s = -1, before = 0, single = -1;
        const reached = used;
        for (let r = first; r <= end; r++) {
          let f = 0xff;
          if (r < end) { f = load<u8>(fp + <usize>r * flagStride); seen |= f; f &= BREAK; }
          if (f == 0) {
            if (s < 0) s = r > first && before == JUMP_DET ? r - 1 : r;
          } else if (s >= 0) {
            if (r - s > 1) addSegment(plan, xp, xStride, s, r, gl, el);
            else if (single < 0) single = s;
            s = -1;
          }
          before = f;
        }
        if (!jwst) continue;
        if (used == reached && single >= 0) addRead(plan, record, xp, xStride, single);
        rate += medianRate(plan, record, xp, xStride, fp, flagStride, values);
      }
      const fit = slopes / spread;
      const g2 = <f64>gl, e2 = <f64>el * <f64>el;
      const known = spread > 0;
      store<f32>(slope + ol, known ? <f32>fit : NaN);
      if (jwst) {
        store<f32>(varPoisson + ol, known ? <f32>(max<f64>(rate / <f64>ramps, 0) / (g2 * spans)) : NaN);
        store<f32>(varRnoise + ol, known ? <f32>(e2 / spread) : NaN);
      } else {
        store<f32>(varPoisson + ol, known ? <f32>(max<f64>(fit, 0) / g2 * photons / (spread * spread)) : NaN);
        store<f32>(varRnoise + ol, known ? <f32>(e2 * reads / (spread * spread)) : NaN);
      }
      store<i32>(dq + ol, load<i32>(base + (pl << 2)) | (seen & (GROUP ^ DO_NOT_USE)) | (known ? 0 : DO_NOT_USE));
      if (count) store<i32>(count + ol, used);
      if (pedestal) {
        store<f32>(pedestal + ol, known ? <f32>(<f64>load<f32>(xp + <usize>lead * xStride) - fit * time(plan, lead)) : NaN);
      }
    }
    // A slope that is not a number is unusable whatever its flags say.
    const result = v128.load(slope + o);
    const lost = f32x4.ne(result, result);
    v128.store(dq + o, v128.or(v128.load(dq + o), v128.and(lost, noGain)));
    v128.store(varPoisson + o, v128.bitselect(nan, v128.load(varPoisson + o), lost));
    v128.store(varRnoise + o, v128.bitselect(nan, v128.load(varRnoise + o), lost));
  }
}
