/**
 * Two-point-difference jump detection; the twin src/twins/jump.ts holds the equations. Four pixels are screened at
 * once; those with flags or a suspect difference are searched one by one.
 */
import { differencesOf, difference, earlier, firstRead, interval, networkOf, perInterval, photonNoise, ramp, rampsOf, readCount, readsNoise, time } from "./plan";
import { median4, sortedMedian, sortFloats } from "./medians";
import { DO_NOT_USE, JUMP_DET, SATURATED, SPREAD } from "./flags";

const UNUSABLE: i32 = DO_NOT_USE | SATURATED;

/** Usable differences per second at `values` (NaN elsewhere) and, sorted without gaps, at `sorted`; their number. */
function gather(plan: usize, x: usize, xStride: usize, flags: usize, flagStride: usize, p: usize, values: usize, sorted: usize): i32 {
  const n = differencesOf(plan);
  let count = 0;
  for (let i = 0; i < n; i++) {
    const record = difference(plan, i);
    const r = <usize>earlier(record);
    const f = flags + r * flagStride + p;
    let v: f32 = NaN;
    if (((load<u8>(f) | load<u8>(f + flagStride)) & UNUSABLE) == 0) {
      const at = x + r * xStride + (p << 2);
      v = (load<f32>(at + xStride) - load<f32>(at)) * perInterval(record);
      store<f32>(sorted + ((<usize>count) << 2), v);
      count++;
    }
    store<f32>(values + ((<usize>i) << 2), v);
  }
  sortFloats(sorted, count);
  return count;
}

// @ts-ignore: decorator
@inline
function variance(median: f32, perGain: f32, noise2: f32, record: usize): f32 {
  return abs(median) * perGain * photonNoise(record) + noise2 * readsNoise(record);
}

/** Few differences: the worst goes, the median is taken anew, until none is left that is too large. */
function searchFew(plan: usize, flags: usize, flagStride: usize, p: usize, values: usize, work: usize, perGain: f32, noise2: f32, four: f32, three: f32, two: f32): void {
  const n = differencesOf(plan);
  for (let round = 0; round < n; round++) {
    let count = 0;
    for (let i = 0; i < n; i++) {
      const v = abs(load<f32>(values + ((<usize>i) << 2)));
      if (v == v) { store<f32>(work + ((<usize>count) << 2), v); count++; }
    }
    if (count < 2) return;
    sortFloats(work, count);
    const m = count == 2 ? load<f32>(work) : sortedMedian(work, count > 3 ? count - 1 : count);
    const limit = count == 2 ? two : count == 3 ? three : four;
    let worst: f32 = -1, at = -1;
    for (let i = 0; i < n; i++) {
      const v = abs(load<f32>(values + ((<usize>i) << 2)));
      const s2 = variance(m, perGain, noise2, difference(plan, i));
      if (v != v || !(s2 > 0)) continue;
      const ratio = abs(v - m) / sqrt(s2);
      if (ratio > worst) { worst = ratio; at = i; }
    }
    if (at < 0 || !(worst > limit)) return;
    const f = flags + <usize>(earlier(difference(plan, at)) + 1) * flagStride + p;
    store<u8>(f, load<u8>(f) | <u8>JUMP_DET);
    store<f32>(values + ((<usize>at) << 2), NaN);
  }
}

/**
 * With `limit2`, flags differences beyond it (σ²) from the median `m`; then marks those of all flagged that neighbours share.
 * Values are `step` bytes apart, NaN where a difference is not usable.
 */
function flagLarge(
  plan: usize, flags: usize, flagStride: usize, any: usize, p: usize, values: usize, step: usize,
  m: f32, perGain: f32, noise2: f32, limit2: f32, low: f32, high: f32,
): void {
  const n = differencesOf(plan);
  let seen: i32 = load<u8>(any + p);
  for (let i = 0; i < n; i++, values += step) {
    const record = difference(plan, i);
    const f = flags + <usize>(earlier(record) + 1) * flagStride + p;
    let q: i32 = load<u8>(f);
    const d = load<f32>(values) - m, d2 = d * d;
    const s2 = variance(m, perGain, noise2, record);
    if (s2 > 0 && d2 > limit2 * s2) q |= JUMP_DET;
    if ((q & JUMP_DET) == 0) continue;
    seen |= JUMP_DET;
    if (s2 > 0 && d2 > low * low * s2 && d2 < high * high * s2) {
      q |= SPREAD;
      seen |= SPREAD;
    }
    store<u8>(f, <u8>q);
  }
  store<u8>(any + p, <u8>seen);
}

/** Flags of one pixel; `scratch` has room for three floats to each difference. */
function search(
  plan: usize, x: usize, xStride: usize, flags: usize, flagStride: usize, any: usize, p: usize,
  perGain: f32, noise2: f32, single: i32, four: f32, three: f32, two: f32, low: f32, high: f32, scratch: usize,
): void {
  const n = differencesOf(plan);
  const values = scratch, work = scratch + ((<usize>n) << 2), kept = work + ((<usize>n) << 2);
  const count = gather(plan, x, xStride, flags, flagStride, p, values, work);
  if (count < 2) return;
  const m = sortedMedian(work, count);
  if (!single) {
    memory.copy(kept, values, (<usize>n) << 2);
    searchFew(plan, flags, flagStride, p, kept, work, perGain, noise2, four, three, two);
  }
  const limit2: f32 = single ? four * four : <f32>Infinity;
  flagLarge(plan, flags, flagStride, any, p, values, 4, m, perGain, noise2, limit2, low, high);
}

/** Pixels [start, end) of a tile; gain and noise are addresses of the tile's first pixel, or 0 and a value. */
export function jump(
  plan: usize, x: usize, xStride: usize, flags: usize, flagStride: usize, any: usize, start: i32, end: i32,
  gain: usize, gainValue: f32, noise: usize, noiseValue: f32,
  single: i32, four: f32, three: f32, two: f32, low: f32, high: f32, scratch: usize,
): void {
  const n = differencesOf(plan), network = networkOf(plan);
  const numbers = scratch, values = scratch + 48, work = values + ((<usize>n) << 4), apart = work + ((<usize>n) << 4);
  // With two differences the smaller stands for the median, with three there is no clipping: the network knows.
  const limit = single || n >= 4 ? four : n == 3 ? three : two;
  const limit2 = f32x4.splat(limit * limit), zero = f32x4.splat(0), one = f32x4.splat(1);
  for (let i = start; i < end; i += 4) {
    const p = <usize>i;
    const marks = load<u32>(any + p);
    const g = gain ? v128.load(gain + (p << 2)) : f32x4.splat(gainValue);
    const e = noise ? v128.load(noise + (p << 2)) : f32x4.splat(noiseValue);
    const perGain = f32x4.div(one, g), noise2 = f32x4.mul(f32x4.mul(e, e), f32x4.splat(2));
    let flagged = 0, suspect = 0;
    for (let l = 0; l < 4; l++) if (((marks >> (l << 3)) & 0xff) != 0) flagged |= 1 << l;
    let m = zero;
    if (flagged != 15) {
      const at = x + (p << 2);
      for (let k = 0; k < n; k++) {
        const record = difference(plan, k);
        const from = at + <usize>earlier(record) * xStride;
        let d = f32x4.mul(f32x4.sub(v128.load(from + xStride), v128.load(from)), v128.load32_splat(record + 8));
        if (!single) d = f32x4.abs(d);
        v128.store(values + ((<usize>k) << 4), d);
        v128.store(work + ((<usize>k) << 4), d);
      }
      m = median4(work, network);
      const photons = f32x4.mul(f32x4.abs(m), perGain);
      let over = zero;
      for (let k = 0; k < n; k++) {
        const record = difference(plan, k);
        const s2 = f32x4.add(f32x4.mul(photons, v128.load32_splat(record + 16)), f32x4.mul(noise2, v128.load32_splat(record + 20)));
        const d = f32x4.sub(v128.load(values + ((<usize>k) << 4)), m);
        over = v128.or(over, v128.and(f32x4.gt(f32x4.mul(d, d), f32x4.mul(limit2, s2)), f32x4.gt(s2, zero)));
      }
      suspect = i32x4.bitmask(over) & ~flagged;
    }
    if ((flagged | suspect) == 0) continue;
    v128.store(numbers, m); v128.store(numbers, perGain, 16); v128.store(numbers, noise2, 32);
    for (let l: usize = 0; l < 4; l++) {
      if (((flagged | suspect) & (1 << <i32>l)) == 0 || i + <i32>l >= end) continue;
      const at = numbers + (l << 2);
      const ml = load<f32>(at), gl = load<f32>(at, 16), el = load<f32>(at, 32);
      // Where all differences are usable and all are judged by one median, it is known already.
      if (single && suspect & (1 << <i32>l)) {
        flagLarge(plan, flags, flagStride, any, p + l, values + (l << 2), 16, ml, gl, el, limit * limit, low, high);
      } else search(plan, x, xStride, flags, flagStride, any, p + l, gl, el, single, four, three, two, low, high, apart);
    }
  }
}

/** Jumps that are to be shared go to the four neighbours, in reads that are neither saturated nor unusable. */
export function spreadJumps(plan: usize, flags: usize, flagStride: usize, any: usize, rows: i32, nx: i32): void {
  const reads = load<i32>(plan);
  for (let y = 0; y < rows; y++) {
    for (let i = 0; i < nx; i++) {
      const p = <usize>(y * nx + i);
      if ((load<u8>(any + p) & SPREAD) == 0) continue;
      for (let r = 0; r < reads; r++) {
        const f = flags + <usize>r * flagStride + p;
        if ((load<u8>(f) & SPREAD) == 0) continue;
        for (let side = 0; side < 4; side++) {
          const u = i + (side == 0 ? 1 : side == 1 ? -1 : 0), v = y + (side == 2 ? 1 : side == 3 ? -1 : 0);
          if (u < 0 || v < 0 || u >= nx || v >= rows) continue;
          const q = <usize>(v * nx + u);
          const to = flags + <usize>r * flagStride + q;
          const old = load<u8>(to);
          if ((old & UNUSABLE) != 0) continue;
          store<u8>(to, old | <u8>JUMP_DET);
          store<u8>(any + q, load<u8>(any + q) | <u8>JUMP_DET);
        }
      }
    }
  }
}

/** Reads within `seconds` after a jump of at least `threshold` DN are flagged too. */
export function flagAfterJumps(
  plan: usize, x: usize, xStride: usize, flags: usize, flagStride: usize, any: usize, start: i32, end: i32,
  threshold: f32, seconds: f64, scratch: usize,
): void {
  const n = differencesOf(plan);
  const work = scratch + ((<usize>n) << 2), until = work + ((<usize>n) << 2);
  for (let i = start; i < end; i++) {
    const p = <usize>i;
    if ((load<u8>(any + p) & JUMP_DET) == 0) continue;
    const count = gather(plan, x, xStride, flags, flagStride, p, scratch, work);
    const m = sortedMedian(work, count);
    // First the jumps, then the flags: flags set here are no jumps.
    for (let k = 0; k < n; k++) {
      const record = difference(plan, k);
      const f = flags + <usize>(earlier(record) + 1) * flagStride + p;
      const size = (load<f32>(scratch + ((<usize>k) << 2)) - m) * interval(record);
      store<u8>(until + <usize>k, (load<u8>(f) & JUMP_DET) != 0 && size >= threshold ? 1 : 0);
    }
    let k = 0;
    for (let j = 0; j < rampsOf(plan); j++) {
      const record = ramp(plan, j);
      const first = firstRead(record), last = first + readCount(record) - 1;
      let stop: f64 = -Infinity;
      for (let r = first + 1; r <= last; r++, k++) {
        if (load<u8>(until + <usize>k)) stop = time(plan, r) + seconds;
        const f = flags + <usize>r * flagStride + p;
        const old = load<u8>(f);
        if (time(plan, r) <= stop && (old & UNUSABLE) == 0) store<u8>(f, old | <u8>JUMP_DET);
      }
    }
  }
}
