/**
 * HCOMPRESS_1 (FITS Standard 4.0, section 10.4.4; White 1992, in: Proc. NASA Space and Earth Science Data
 * Compression Workshop): bit planes of an H-transform, each a quadtree of Huffman codes. In the names of the
 * method x is the slow axis: an image of `nx` rows of `ny` pixels.
 */

const HEADER: usize = 25;

let at: usize = 0;
let end: usize = 0;
let held: u32 = 0;
let bits: i32 = 0;
/** Set when more was read than there is. */
let overrun: bool = false;

/** The next n ≤ 8 bits. */
// @ts-ignore: decorator
@inline
function take(n: i32): u32 {
  if (bits < n) {
    if (at >= end) overrun = true;
    held = (held << 8) | (at < end ? <u32>load<u8>(at) : 0);
    at++;
    bits += 8;
  }
  bits -= n;
  return (held >> bits) & ((1 << n) - 1);
}

/** The next Huffman code: four bits for the four quarters of a square. */
function code(): u32 {
  const c = take(3);
  if (c < 4) return 1 << c;
  const d = (c << 1) | take(1);
  if (d == 8) return 3;
  if (d == 9) return 5;
  if (d == 10) return 10;
  if (d == 11) return 12;
  if (d == 12) return 15;
  const e = (d << 1) | take(1);
  if (e == 26) return 6;
  if (e == 27) return 7;
  if (e == 28) return 9;
  if (e == 29) return 11;
  if (e == 30) return 13;
  return ((e << 1) | take(1)) == 62 ? 0 : 14;
}

function log2Above(n: i32): i32 {
  return n <= 1 ? 0 : 32 - <i32>clz<u32>(n - 1);
}

/** Codes of [⌈nx/2⌉, ⌈ny/2⌉] squares to those of [nx, ny], in place: a code is read for every bit that is set. */
function expand(codes: usize, nx: i32, ny: i32): void {
  const ny2 = (ny + 1) >> 1;
  for (let i = nx - 1; i >= 0; i--) {
    const from = codes + <usize>((i >> 1) * ny2);
    const to = codes + <usize>(i * ny);
    const row = (i & 1) << 1;
    for (let j = ny - 1; j >= 0; j--) {
      const set = (<u32>load<u8>(from + <usize>(j >> 1)) >> (3 - row - (j & 1))) & 1;
      store<u8>(to + <usize>j, set ? <u8>code() : 0);
    }
  }
}

/** Bit planes of one quadrant, [nx, ny] of rows of `stride`; false if the stream is damaged. */
function quadrant(a: usize, stride: i32, nx: i32, ny: i32, planes: i32, codes: usize): bool {
  const nx2 = (nx + 1) >> 1;
  const ny2 = (ny + 1) >> 1;
  const levels = log2Above(max(nx, ny));
  for (let plane = planes - 1; plane >= 0; plane--) {
    const format = take(4);
    if (overrun) return false;
    if (format == 0) {
      for (let i = 0; i < nx2 * ny2; i++) store<u8>(codes + <usize>i, <u8>take(4));
    } else if (format == 15) {
      store<u8>(codes, <u8>code());
      for (let k = levels - 1; k > 0; k--) {
        const round = (1 << k) - 1;
        expand(codes, (nx + round) >> k, (ny + round) >> k);
        if (overrun) return false;
      }
    } else {
      return false;
    }
    for (let i = 0; i < nx; i++) {
      const row = (i & 1) << 1;
      const from = codes + <usize>((i >> 1) * ny2);
      const to = a + (<usize>(i * stride) << 3);
      for (let j = 0; j < ny; j++) {
        const bit = (<u64>load<u8>(from + <usize>(j >> 1)) >> (3 - row - (j & 1))) & 1;
        const p = to + (<usize>j << 3);
        store<u64>(p, load<u64>(p) | (bit << plane));
      }
    }
  }
  return true;
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
function inverse(a: usize, nx: i32, ny: i32, smooth: bool, scale: i64, scratch: usize): void {
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

// @ts-ignore: decorator
@inline
function bigEndian(p: usize): i32 {
  return <i32>bswap<u32>(load<u32>(p));
}

/**
 * Unpack an image of nx rows of ny pixels.
 *
 * @param dst      nx · ny int32
 * @param a        room for nx · ny int64
 * @param scratch  room for as many bytes, and for max(nx, ny) / 2 int64
 * @returns 0, or -1 if the stream is damaged or of another shape
 */
export function hdecompress(
  start: usize,
  stop: usize,
  dst: usize,
  nx: i32,
  ny: i32,
  smooth: bool,
  a: usize,
  scratch: usize,
): i32 {
  if (stop - start < HEADER || load<u16>(start) != 0x99dd) return -1;
  if (bigEndian(start + 2) != nx || bigEndian(start + 6) != ny) return -1;
  const scale = <i64>bigEndian(start + 10);
  const sum = <i64>bswap<u64>(load<u64>(start + 14));
  const p0 = <i32>load<u8>(start + 22), p1 = <i32>load<u8>(start + 23), p2 = <i32>load<u8>(start + 24);
  if (p0 > 62 || p1 > 62 || p2 > 62) return -1;
  const n = nx * ny;
  memory.fill(a, 0, <usize>n << 3);
  at = start + HEADER;
  end = stop;
  bits = 0;
  overrun = false;
  const nx2 = (nx + 1) >> 1;
  const ny2 = (ny + 1) >> 1;
  const right = a + (<usize>ny2 << 3);
  const below = a + (<usize>(ny * nx2) << 3);
  if (!quadrant(a, ny, nx2, ny2, p0, scratch)) return -1;
  if (!quadrant(right, ny, nx2, ny >> 1, p1, scratch)) return -1;
  if (!quadrant(below, ny, nx >> 1, ny2, p1, scratch)) return -1;
  if (!quadrant(below + (<usize>ny2 << 3), ny, nx >> 1, ny >> 1, p2, scratch)) return -1;
  if (take(4) != 0 || overrun) return -1;
  bits = 0;
  const last = a + (<usize>n << 3);
  for (let p = a; p < last; p += 8) {
    const v = get(p);
    if (v != 0 && take(1)) store<i64>(p, -v);
  }
  if (overrun) return -1;
  store<i64>(a, sum);
  if (scale > 1) for (let p = a; p < last; p += 8) store<i64>(p, get(p) * scale);
  inverse(a, nx, ny, smooth, scale, scratch);
  for (let p = a; p < last; p += 8, dst += 4) {
    store<i32>(dst, <i32>max<i64>(min<i64>(get(p), i32.MAX_VALUE), i32.MIN_VALUE));
  }
  return 0;
}
