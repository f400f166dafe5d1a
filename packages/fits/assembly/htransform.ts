/** The H-transform of HCOMPRESS_1 (White 1992): back from coefficients to pixels. */

export function log2Above(n: i32): i32 {
  return n <= 1 ? 0 : 32 - <i32>clz<u32>(n - 1);
}

/** First half to even places, second half to odd ones: n elements, `step` bytes apart. */
function interleave(a: usize, n: i32, step: usize, scratch: usize): void {
  const half = (n + 1) >> 1;
  for (let i = half; i < n; i++) store<i64>(scratch + (<usize>(i - half) << 3), load<i64>(a + <usize>i * step));
  for (let i = half - 1; i > 0; i--) store<i64>(a + <usize>(2 * i) * step, load<i64>(a + <usize>i * step));
  for (let i = 1; i < n; i += 2) store<i64>(a + <usize>i * step, load<i64>(scratch + (<usize>(i >> 1) << 3)));
}

// @ts-ignore: decorator
@inline
function get(p: usize): i64 {
  return load<i64>(p);
}

// @ts-ignore: decorator
@inline
function clamp(v: i64, low: i64, high: i64): i64 {
  return max(min(v, high), low);
}

/** v / 2^shift, rounded toward zero, but not beyond ±most. */
// @ts-ignore: decorator
@inline
function correction(v: i64, shift: i64, most: i64): i64 {
  const s = v >= 0 ? v >> shift : (v + (1 << shift) - 1) >> shift;
  return clamp(s, -most, most);
}

/** A slope that its neighbours suggest, without making the image less monotonic. */
// @ts-ignore: decorator
@inline
function smoothSlope(slope: usize, hm: i64, h0: i64, hp: i64, most: i64): void {
  const up = max(min(hp - h0, h0 - hm), 0) << 2;
  const down = min(max(hp - h0, h0 - hm), 0) << 2;
  if (down >= up) return;
  const diff = clamp(hp - hm, down, up);
  store<i64>(slope, get(slope) + correction(diff - (get(slope) << 3), 3, most));
}

/** Interpolate coefficients of a lossy transform (smoothing) in the first nx rows of ny. */
function smoothen(a: usize, nx: i32, ny: i32, stride: i32, scale: i64): void {
  const most = scale >> 1;
  if (most <= 0) return;
  const row: usize = <usize>stride << 3;
  const two = row << 1;
  for (let i = 2; i < nx - 2; i += 2) {
    for (let j = 0; j < ny; j += 2) {
      const p = a + <usize>i * row + (<usize>j << 3);
      smoothSlope(p + row, get(p - two), get(p), get(p + two), most);
    }
  }
  for (let i = 0; i < nx; i += 2) {
    for (let j = 2; j < ny - 2; j += 2) {
      const p = a + <usize>i * row + (<usize>j << 3);
      smoothSlope(p + 8, get(p - 16), get(p), get(p + 16), most);
    }
  }
  for (let i = 2; i < nx - 2; i += 2) {
    for (let j = 2; j < ny - 2; j += 2) {
      const p = a + <usize>i * row + (<usize>j << 3);
      const mm = get(p - two - 16), pm = get(p + two - 16), mp = get(p - two + 16), pp = get(p + two + 16);
      const h0 = get(p);
      const hx = get(p + row) << 1, hy = get(p + 8) << 1;
      const up = min(
        min(max(pp - h0, 0) - hx - hy, max(h0 - pm, 0) + hx - hy),
        min(max(h0 - mp, 0) - hx + hy, max(mm - h0, 0) + hx + hy),
      ) << 4;
      const down = max(
        max(min(pp - h0, 0) - hx - hy, min(h0 - pm, 0) + hx - hy),
        max(min(h0 - mp, 0) - hx + hy, min(mm - h0, 0) + hx + hy),
      ) << 4;
      if (down >= up) continue;
      const hc = p + row + 8;
      const diff = clamp(pp + mm - mp - pm, down, up);
      store<i64>(hc, get(hc) + correction(diff - (get(hc) << 6), 6, most));
    }
  }
}

/** To the nearest multiple of 2 · half. */
// @ts-ignore: decorator
@inline
function round(v: i64, half: i64, below: i64, mask: i64): i64 {
  return (v + (v >= 0 ? half : below)) & mask;
}

// @ts-ignore: decorator
@inline
function towardZero(v: i64, by: i64): i64 {
  return v >= 0 ? v - by : v + by;
}

/** The inverse H-transform in place. */
export function inverse(a: usize, nx: i32, ny: i32, smooth: bool, scale: i64, scratch: usize): void {
  const levels = log2Above(max(nx, ny));
  const row: usize = <usize>ny << 3;
  let bit0: i64 = levels > 0 ? <i64>1 << (levels - 1) : 0;
  let bit1 = levels > 0 ? bit0 << 1 : 1;
  const half2 = bit1;
  if (levels > 0) store<i64>(a, round(get(a), half2, half2 - 1, -(half2 << 1)));
  for (let k = levels - 1; k >= 0; k--) {
    const shift: i64 = k == 0 ? 2 : 1;
    const ceil = (1 << k) - 1;
    const tx = (nx + ceil) >> k;
    const ty = (ny + ceil) >> k;
    for (let i = 0; i < tx; i++) interleave(a + <usize>i * row, ty, 8, scratch);
    for (let j = 0; j < ty; j++) interleave(a + (<usize>j << 3), tx, row, scratch);
    if (smooth) smoothen(a, tx, ty, ny, scale);
    const half1 = bit1 >> 1, below1 = half1 - 1, mask1 = -bit1;
    const half0 = bit0 >> 1, below0: i64 = k == 0 ? 0 : half0 - 1, mask0 = -bit0;
    let i = 0;
    for (; i < tx - 1; i += 2) {
      let p = a + <usize>i * row;
      let j = 0;
      for (; j < ty - 1; j += 2, p += 16) {
        let h0 = get(p);
        let hx = round(get(p + row), half1, below1, mask1);
        let hy = round(get(p + 8), half1, below1, mask1);
        const hc = round(get(p + row + 8), half0, below0, mask0);
        const low0 = hc & bit0;
        hx = towardZero(hx, low0);
        hy = towardZero(hy, low0);
        const low1 = (hc ^ hx ^ hy) & bit1;
        if (h0 >= 0) h0 += low0 - low1;
        else h0 += low0 == 0 ? low1 : low0 - low1;
        store<i64>(p + row + 8, (h0 + hx + hy + hc) >> shift);
        store<i64>(p + row, (h0 + hx - hy - hc) >> shift);
        store<i64>(p + 8, (h0 - hx + hy - hc) >> shift);
        store<i64>(p, (h0 - hx - hy + hc) >> shift);
      }
      if (j < ty) {
        const hx = round(get(p + row), half1, below1, mask1);
        const h0 = towardZero(get(p), hx & bit1);
        store<i64>(p + row, (h0 + hx) >> shift);
        store<i64>(p, (h0 - hx) >> shift);
      }
    }
    if (i < tx) {
      let p = a + <usize>i * row;
      let j = 0;
      for (; j < ty - 1; j += 2, p += 16) {
        const hy = round(get(p + 8), half1, below1, mask1);
        const h0 = towardZero(get(p), hy & bit1);
        store<i64>(p + 8, (h0 + hy) >> shift);
        store<i64>(p, (h0 - hy) >> shift);
      }
      if (j < ty) store<i64>(p, get(p) >> shift);
    }
    bit1 = bit0;
    bit0 >>= 1;
  }
}
