/**
 * Generalised least squares on read differences with joint jump search; the twin src/twins/likely.ts holds the
 * equations. Four pixels at a time, whatever their flags: a difference that is not used has weight 0 in its lane.
 *
 * The covariance is tridiagonal; it is solved by its pivots δ, forward and backward, which unlike Brandt's θ and φ neither
 * grow nor shrink with the number of reads.
 */
import { difference, earlier, firstDifference, firstRead, networkOf, perInterval, ramp, rampNetwork, rampsOf, readCount, time } from "./plan";
import { median4, sortedMedian, sortFloats } from "./medians";
import { BREAK, DO_NOT_USE, GROUP, JUMP_DET } from "./flags";

/** Bytes to a difference in the work area: weight, signal, 1/δ, l, u, v. */
const W: usize = 0, D: usize = 16, INVERSE: usize = 32, L: usize = 48, U: usize = 64, V: usize = 80;
const STEP: usize = 96;

// @ts-ignore: decorator
@inline
function span4(record: usize): v128 { return v128.load32_splat(record, 4); }

/** B and C of the fit, by one pass over the differences; a thread fits four pixels at a time. */
let sumB: v128 = f32x4.splat(0), sumC: v128 = f32x4.splat(0);

function forward(plan: usize, first: i32, end: i32, rate: v128, noise2: v128, work: usize): void {
  const one = f32x4.splat(1), two2 = f32x4.add(noise2, noise2);
  let b = f32x4.splat(0), c = b, inverse = one, u = b, v = b, before = b;
  let o = work;
  for (let i = first; i < end; i++, o += STEP) {
    const record = difference(plan, i);
    const t = span4(record), w = v128.load(o + W);
    const off = f32x4.neg(f32x4.mul(noise2, f32x4.mul(f32x4.mul(w, before), v128.load32_splat(record, 12))));
    const l = f32x4.mul(off, inverse);
    const pivot = f32x4.sub(f32x4.add(f32x4.mul(rate, t), two2), f32x4.mul(off, l));
    inverse = f32x4.div(one, pivot);
    u = f32x4.sub(f32x4.mul(v128.load(o + D), w), f32x4.mul(l, u));
    v = f32x4.sub(f32x4.mul(t, w), f32x4.mul(l, v));
    const vi = f32x4.mul(v, inverse);
    b = f32x4.add(b, f32x4.mul(u, vi));
    c = f32x4.add(c, f32x4.mul(v, vi));
    v128.store(o + INVERSE, inverse); v128.store(o + L, l); v128.store(o + U, u); v128.store(o + V, v);
    before = w;
  }
  sumB = b; sumC = c;
}

/** Ramps [from, from + ramps) of the pixels [start, start + n) of a tile; outputs are addresses of the first pixel. */
export function likely(
  plan: usize, from: i32, ramps: i32, x: usize, xStride: usize, flags: usize, flagStride: usize, any: usize, base: usize,
  start: i32, n: i32, gain: usize, gainValue: f32, noise: usize, noiseValue: f32, limit: f32,
  slope: usize, varPoisson: usize, varRnoise: usize, dq: usize, count: usize, pedestal: usize, work: usize,
): void {
  const zero = f32x4.splat(0), one = f32x4.splat(1), nan = f32x4.splat(NaN);
  const firstRecord = ramp(plan, from), lastRecord = ramp(plan, from + ramps - 1);
  const origin = firstRead(firstRecord), lastRead = firstRead(lastRecord) + readCount(lastRecord);
  const first = firstDifference(firstRecord), end = firstDifference(lastRecord) + readCount(lastRecord) - 1;
  const total = end - first;
  const values = work + <usize>total * STEP;
  // Ramps are fitted all together or one by one.
  const network = ramps == rampsOf(plan) ? networkOf(plan) : rampNetwork(firstRecord);
  for (let i = 0; i < n; i += 4) {
    const p = <usize>(start + i), out = (<usize>i) << 2;
    const marks = load<u32>(any + p);
    const g = gain ? v128.load(gain + (p << 2)) : f32x4.splat(gainValue);
    const e = noise ? v128.load(noise + (p << 2)) : f32x4.splat(noiseValue);
    const noise2 = f32x4.mul(e, e);
    let usable = f32x4.splat(<f32>total);
    let guess: v128;
    let o = work;
    if (marks == 0) {
      for (let k = first; k < end; k++, o += STEP) {
        const record = difference(plan, k);
        const at = x + <usize>earlier(record) * xStride + (p << 2);
        const d = f32x4.sub(v128.load(at + xStride), v128.load(at));
        v128.store(o + D, d); v128.store(o + W, one);
        v128.store(values + ((<usize>(k - first)) << 4), f32x4.mul(d, v128.load32_splat(record, 8)));
      }
      guess = median4(values, network);
    } else {
      usable = zero;
      for (let k = first; k < end; k++, o += STEP) {
        const record = difference(plan, k);
        const r = <usize>earlier(record);
        const at = x + r * xStride + (p << 2), f = flags + r * flagStride + p;
        const d = f32x4.sub(v128.load(at + xStride), v128.load(at));
        const q = v128.or(
          v128.and(v128.load32_zero(f), i8x16.splat(<i8>(BREAK ^ JUMP_DET))),
          v128.and(v128.load32_zero(f + flagStride), i8x16.splat(<i8>BREAK)),
        );
        const free = i32x4.eq(i32x4.extend_low_i16x8_u(i16x8.extend_low_i8x16_u(q)), zero);
        const w = v128.and(one, free);
        v128.store(o + D, v128.and(d, free)); v128.store(o + W, w);
        usable = f32x4.add(usable, w);
      }
      // Medians of the usable differences, lane by lane.
      guess = zero;
      for (let l: usize = 0; l < 4; l++) {
        let m = 0;
        o = work + (l << 2);
        for (let k = first; k < end; k++, o += STEP) {
          if (load<f32>(o + W) == 0) continue;
          store<f32>(values + ((<usize>m) << 2), load<f32>(o + D) * perInterval(difference(plan, k)));
          m++;
        }
        sortFloats(values, m);
        store<f32>(values, m > 0 ? sortedMedian(values, m) : 0);
        const v = v128.load32_splat(values);
        guess = l == 0 ? v : l == 1 ? v128.shuffle<u32>(guess, v, 0, 5, 2, 3) : l == 2 ? v128.shuffle<u32>(guess, v, 0, 1, 6, 3) : v128.shuffle<u32>(guess, v, 0, 1, 2, 7);
      }
    }
    const photons = f32x4.div(f32x4.max(guess, zero), g);
    let rate = zero;
    let found = 0;
    let open = i32x4.splat(-1);
    for (let round = 0; round < total; round++) {
      forward(plan, first, end, photons, noise2, work);
      const a = f32x4.div(sumB, sumC);
      rate = v128.bitselect(a, rate, open);
      if (!(limit > 0)) break;
      open = v128.and(open, f32x4.gt(usable, f32x4.splat(round == 0 ? 1 : 3)));
      // Of two that disagree nothing but the sign tells which: hits add charge.
      const many = f32x4.gt(usable, f32x4.splat(2));
      if (!v128.any_true(open)) break;
      // Backward: the solution of the residual, of the exposure times, and the diagonal of the inverse.
      const inverseC = f32x4.div(one, sumC), two2 = f32x4.add(noise2, noise2);
      let z = zero, s = zero, l = zero, off = zero, back = one;
      let best = zero, where = i32x4.splat(-1);
      o = work + <usize>total * STEP;
      for (let k = end - 1; k >= first; k--) {
        o -= STEP;
        const record = difference(plan, k);
        const inverse = v128.load(o + INVERSE), v = v128.load(o + V), w = v128.load(o + W);
        z = f32x4.sub(f32x4.mul(v, inverse), f32x4.mul(l, z));
        s = f32x4.sub(f32x4.mul(f32x4.sub(v128.load(o + U), f32x4.mul(a, v)), inverse), f32x4.mul(l, s));
        const alpha = f32x4.add(f32x4.mul(photons, span4(record)), two2);
        back = f32x4.sub(alpha, f32x4.div(f32x4.mul(off, off), back));
        // 1/(δ + δ back − α) = 1/(1/inverse + back − α), without the second division.
        const diagonal = f32x4.div(inverse, f32x4.add(one, f32x4.mul(inverse, f32x4.sub(back, alpha))));
        const room = f32x4.sub(diagonal, f32x4.mul(f32x4.mul(z, z), inverseC));
        const jump = f32x4.div(s, room);
        const gained = v128.and(f32x4.mul(s, jump), v128.and(f32x4.gt(w, zero), v128.or(many, f32x4.gt(jump, zero))));
        const better = f32x4.gt(gained, best);
        best = v128.bitselect(gained, best, better);
        where = v128.bitselect(i32x4.splat(k), where, better);
        l = v128.load(o + L);
        // The coupling to the difference before: l of this one times the pivot before it.
        off = k > first ? f32x4.div(l, v128.load(o - STEP + INVERSE)) : zero;
      }
      open = v128.and(open, f32x4.gt(best, f32x4.splat(limit)));
      if (!v128.any_true(open)) break;
      usable = f32x4.sub(usable, v128.and(one, open));
      where = v128.bitselect(where, i32x4.splat(-1), open);
      v128.store(values, where);
      for (let lane = 0; lane < 4; lane++) {
        const k = load<i32>(values + ((<usize>lane) << 2));
        if (k < 0 || i + lane >= n) continue;
        const at = work + <usize>(k - first) * STEP + ((<usize>lane) << 2);
        store<f32>(at + W, 0);
        const f = flags + <usize>(earlier(difference(plan, k)) + 1) * flagStride + p + <usize>lane;
        store<u8>(f, load<u8>(f) | <u8>JUMP_DET);
        store<u8>(any + p + <usize>lane, load<u8>(any + p + <usize>lane) | <u8>JUMP_DET);
        found |= 1 << lane;
      }
    }
    // The fit proper, with the photon noise of the rate found.
    const light = f32x4.div(f32x4.max(rate, zero), g);
    forward(plan, first, end, light, noise2, work);
    const inverseC = f32x4.div(one, sumC);
    const result = f32x4.mul(sumB, inverseC);
    let z = zero, l = zero, after = zero, vp = zero, vr = zero, link = zero;
    o = work + <usize>total * STEP;
    for (let k = end - 1; k >= first; k--) {
      o -= STEP;
      const record = difference(plan, k);
      const w = v128.load(o + W);
      z = f32x4.sub(f32x4.mul(v128.load(o + V), v128.load(o + INVERSE)), f32x4.mul(l, z));
      vp = f32x4.add(vp, f32x4.mul(f32x4.mul(z, z), span4(record)));
      // A read between two used differences weighs their difference, one at an end its own.
      const shared = f32x4.mul(link, w), d = f32x4.sub(z, after);
      const apart = f32x4.add(f32x4.mul(z, z), f32x4.mul(after, after));
      vr = f32x4.add(vr, v128.bitselect(f32x4.mul(d, d), apart, f32x4.gt(shared, zero)));
      link = f32x4.mul(w, v128.load32_splat(record, 12));
      after = z;
      l = v128.load(o + L);
    }
    vr = f32x4.add(vr, f32x4.mul(after, after));
    const scale = f32x4.mul(inverseC, inverseC);
    const lost = f32x4.ne(result, result);
    v128.store(slope + out, result);
    v128.store(varPoisson + out, v128.bitselect(nan, f32x4.mul(f32x4.mul(vp, light), scale), lost));
    v128.store(varRnoise + out, v128.bitselect(nan, f32x4.mul(f32x4.mul(vr, noise2), scale), lost));
    v128.store(dq + out, v128.or(v128.load(base + (p << 2)), v128.and(lost, i32x4.splat(DO_NOT_USE))));
    if (pedestal) {
      const x0 = v128.load(x + <usize>origin * xStride + (p << 2));
      v128.store(pedestal + out, f32x4.sub(x0, f32x4.mul(result, f32x4.splat(<f32>time(plan, origin)))));
    }
    if (count) v128.store(count + out, i32x4.splat(lastRead - origin));
    if (marks == 0 && found == 0) continue;
    for (let lane = 0; lane < 4; lane++) {
      const q = p + <usize>lane;
      if (i + lane >= n || load<u8>(any + q) == 0) continue;
      const ol = out + ((<usize>lane) << 2);
      let seen = 0, used = 0;
      for (let r = origin; r < lastRead; r++) seen |= load<u8>(flags + <usize>r * flagStride + q);
      store<i32>(dq + ol, load<i32>(dq + ol) | (seen & (GROUP ^ DO_NOT_USE)));
      if (count) {
        // Reads that a used difference touches.
        let last = -1;
        for (let k = first; k < end; k++) {
          if (load<f32>(work + <usize>(k - first) * STEP + ((<usize>lane) << 2)) == 0) continue;
          const r = earlier(difference(plan, k));
          used += r == last ? 1 : 2;
          last = r + 1;
        }
        store<i32>(count + ol, used);
      }
      if (pedestal && (load<u8>(flags + <usize>origin * flagStride + q) & BREAK) != 0) store<f32>(pedestal + ol, NaN);
    }
  }
}
