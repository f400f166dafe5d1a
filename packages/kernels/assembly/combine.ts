/**
 * Per-pixel mean, median or clipped mean of N frames; the twin src/twins/combine.ts holds the equations.
 * Four pixels are sorted at once by a network; clipping then only moves the two ends of a sorted run.
 */

// @ts-ignore: decorator
@inline
function entry(table: usize, i: i32): usize {
  return <usize>load<u32>(table + ((<usize>i) << 2));
}

/** Batcher's merge exchange over `n` vectors (Knuth, TAOCP 3, 5.2.2 M): any n, n log² n / 4 exchanges. */
function sort(at: usize, n: i32): void {
  if (n < 2) return;
  let top = 1;
  while (top << 1 < n) top <<= 1;
  for (let p = top; p > 0; p >>= 1) {
    let q = top, r = 0, d = p;
    while (true) {
      for (let i = 0; i < n - d; i++) {
        if ((i & p) != r) continue;
        const a = at + ((<usize>i) << 4), b = at + ((<usize>(i + d)) << 4);
        const x = v128.load(a), y = v128.load(b);
        v128.store(a, f32x4.pmin(x, y));
        v128.store(b, f32x4.pmax(x, y));
      }
      if (q == p) break;
      d = q - p;
      q >>= 1;
      r = p;
    }
  }
}

// @ts-ignore: decorator
@inline
function at(lane: usize, i: i32): f32 {
  return load<f32>(lane + ((<usize>i) << 4));
}

/** Median of the sorted run [lo, hi). */
function median(lane: usize, lo: i32, hi: i32): f32 {
  const mid = (lo + hi) >> 1;
  return (hi - lo) & 1 ? at(lane, mid) : 0.5 * at(lane, mid - 1) + 0.5 * at(lane, mid);
}

/** Median absolute deviation of the sorted run [lo, hi) from `c`: deviations grow to both sides of it. */
function mad(lane: usize, lo: i32, hi: i32, c: f32): f32 {
  const n = hi - lo;
  let right = (lo + hi) >> 1, left = right - 1;
  let before: f32 = 0, d: f32 = 0;
  for (let k = 0; k <= n >> 1; k++) {
    before = d;
    const l = left >= lo ? c - at(lane, left) : <f32>Infinity;
    const r = right < hi ? at(lane, right) - c : <f32>Infinity;
    if (l < r) { d = l; left--; } else { d = r; right++; }
  }
  return n & 1 ? d : 0.5 * before + 0.5 * d;
}

function deviation(lane: usize, lo: i32, hi: i32): f32 {
  let sum: f64 = 0, squares: f64 = 0;
  const n = <f64>(hi - lo);
  for (let i = lo; i < hi; i++) sum += <f64>at(lane, i);
  const mean = sum / n;
  for (let i = lo; i < hi; i++) { const d = <f64>at(lane, i) - mean; squares += d * d; }
  return <f32>sqrt(squares / n);
}

/** Survivors of a sorted run of `n`: (lo << 16) | hi. */
function clip(lane: usize, n: i32, sigma: f32, scaleFactors: usize, floor: f32, iterations: i32): u32 {
  let lo = 0, hi = n;
  for (let k = 0; k < iterations && hi - lo > 2; k++) {
    const c = median(lane, lo, hi);
    const scale = scaleFactors
      ? mad(lane, lo, hi, c) * load<f32>(scaleFactors + ((<usize>(hi - lo)) << 2))
      : deviation(lane, lo, hi);
    const reach = sigma * max<f32>(scale, floor);
    const a = lo, b = hi;
    while (c - at(lane, lo) > reach) lo++;
    while (at(lane, hi - 1) - c > reach) hi--;
    if (hi <= lo) return ((<u32>a) << 16) | <u32>b;
    if (a == lo && b == hi) break;
  }
  return ((<u32>lo) << 16) | <u32>hi;
}

/**
 * method 0 mean, 1 median, 2 clipped mean. Tables hold plane addresses: `frames` and `dqs` (or 0) one per frame,
 * `variances` component after component, `outputs` one per component. `factors[n]` multiplies Σσ²/n².
 */
export function combine(
  frames: usize, dqs: usize, count: i32, mask: u32, method: i32,
  sigma: f32, scaleFactors: usize, iterations: i32,
  components: i32, variances: usize, outputs: usize, factors: usize,
  scratch: usize, value: usize, number: usize, dq: usize, start: i32, n: i32,
): void {
  const base = (<usize>start) << 2, end = (<usize>n) << 2;
  const infinity = f32x4.splat(Infinity), one = i32x4.splat(1), zero = f32x4.splat(0);
  const bits = i32x4.splat(mask);
  const sorted = scratch, good = scratch + ((<usize>count) << 4), bounds = good + ((<usize>count) << 4);
  for (let o: usize = 0; o < end; o += 16) {
    let used = i32x4.splat(0), anyFlags = i32x4.splat(0);
    for (let f = 0; f < count; f++) {
      const x = v128.load(entry(frames, f) + base + o);
      let ok = f32x4.lt(f32x4.abs(x), infinity);
      if (dqs) {
        const q = v128.load(entry(dqs, f) + base + o);
        anyFlags = v128.or(anyFlags, q);
        ok = v128.and(ok, i32x4.eq(v128.and(q, bits), zero));
      }
      used = i32x4.sub(used, ok);
      v128.store(good + ((<usize>f) << 4), ok);
      v128.store(sorted + ((<usize>f) << 4), v128.bitselect(x, infinity, ok));
    }
    let middle = zero;
    if (method != 0) sort(sorted, count);
    if (method == 1) {
      v128.store(bounds, used);
      for (let l: usize = 0; l < 16; l += 4) {
        const k = load<i32>(bounds + l);
        store<f32>(bounds + 16 + l, k > 0 ? median(sorted + l, 0, k) : 0);
      }
      middle = v128.load(bounds, 16);
    } else if (method == 2) {
      let floor = zero;
      if (components > 0) {
        floor = infinity;
        for (let f = 0; f < count; f++) {
          let v = zero;
          for (let c = 0; c < components; c++) v = f32x4.add(v, v128.load(entry(variances, c * count + f) + base + o));
          floor = f32x4.pmin(floor, v128.bitselect(v, infinity, v128.load(good + ((<usize>f) << 4))));
        }
        floor = v128.bitselect(zero, f32x4.sqrt(f32x4.pmax(zero, floor)), f32x4.eq(floor, infinity));
      }
      v128.store(bounds, used);
      v128.store(bounds + 16, floor);
      for (let l: usize = 0; l < 16; l += 4) {
        const k = load<i32>(bounds + l);
        let low: f32 = Infinity, high: f32 = -Infinity;
        if (k > 0) {
          const kept = clip(sorted + l, k, sigma, scaleFactors, load<f32>(bounds + 16 + l), iterations);
          low = at(sorted + l, <i32>(kept >> 16));
          high = at(sorted + l, <i32>(kept & 0xffff) - 1);
        }
        store<f32>(bounds + 32 + l, low);
        store<f32>(bounds + 48 + l, high);
      }
      const low = v128.load(bounds, 32), high = v128.load(bounds, 48);
      used = i32x4.splat(0);
      for (let f = 0; f < count; f++) {
        const x = v128.load(entry(frames, f) + base + o);
        const slot = good + ((<usize>f) << 4);
        const ok = v128.and(v128.load(slot), v128.and(f32x4.ge(x, low), f32x4.le(x, high)));
        v128.store(slot, ok);
        used = i32x4.sub(used, ok);
      }
    }
    const none = i32x4.eq(used, zero);
    const divisor = f32x4.convert_i32x4_s(used);
    let sum0 = f64x2.splat(0), sum1 = f64x2.splat(0), flags = zero;
    for (let f = 0; f < count; f++) {
      const ok = v128.load(good + ((<usize>f) << 4));
      if (method != 1) {
        const x = v128.and(v128.load(entry(frames, f) + base + o), ok);
        sum0 = f64x2.add(sum0, f64x2.promote_low_f32x4(x));
        sum1 = f64x2.add(sum1, f64x2.promote_low_f32x4(v128.shuffle<u32>(x, x, 2, 3, 2, 3)));
      }
      if (dqs) flags = v128.or(flags, v128.and(v128.load(entry(dqs, f) + base + o), ok));
    }
    if (method != 1) {
      const a = f32x4.demote_f64x2_zero(f64x2.div(sum0, f64x2.convert_low_i32x4_s(used)));
      const b = f32x4.demote_f64x2_zero(f64x2.div(sum1, f64x2.convert_low_i32x4_s(v128.shuffle<u32>(used, used, 2, 3, 2, 3))));
      middle = v128.shuffle<u32>(a, b, 0, 1, 4, 5);
    }
    const nan = f32x4.splat(NaN);
    v128.store(value + o, v128.bitselect(nan, middle, none));
    v128.store(number + o, used);
    v128.store(dq + o, v128.bitselect(v128.or(anyFlags, one), flags, none));
    if (components > 0) {
      v128.store(bounds, used);
      for (let l: usize = 0; l < 16; l += 4) {
        store<f32>(bounds + 16 + l, load<f32>(factors + ((<usize>load<u32>(bounds + l)) << 2)));
      }
      const scale = f32x4.div(v128.load(bounds, 16), f32x4.mul(divisor, divisor));
      for (let c = 0; c < components; c++) {
        let v = zero;
        for (let f = 0; f < count; f++) {
          const x = v128.load(entry(variances, c * count + f) + base + o);
          v = f32x4.add(v, v128.and(x, v128.load(good + ((<usize>f) << 4))));
        }
        v128.store(entry(outputs, c) + base + o, v128.bitselect(nan, f32x4.mul(v, scale), none));
      }
    }
  }
}
