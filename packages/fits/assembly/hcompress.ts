/**
 * HCOMPRESS_1 (FITS Standard 4.0, section 10.4.4; White 1992, in: Proc. NASA Space and Earth Science Data
 * Compression Workshop): bit planes of an H-transform, each a quadtree of Huffman codes. In the names of the
 * method x is the slow axis: an image of `nx` rows of `ny` pixels.
 */

import { inverse, log2Above } from "./htransform";

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
    const v = load<i64>(p);
    if (v != 0 && take(1)) store<i64>(p, -v);
  }
  if (overrun) return -1;
  store<i64>(a, sum);
  if (scale > 1) for (let p = a; p < last; p += 8) store<i64>(p, load<i64>(p) * scale);
  inverse(a, nx, ny, smooth, scale, scratch);
  for (let p = a; p < last; p += 8, dst += 4) {
    store<i32>(dst, <i32>max<i64>(min<i64>(load<i64>(p), i32.MAX_VALUE), i32.MIN_VALUE));
  }
  return 0;
}
