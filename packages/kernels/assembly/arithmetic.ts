/** Plane arithmetic, in place; the twin is src/twins/arithmetic.ts. */

/** a −= b. */
export function subtractPlane(a: usize, b: usize, sign: f32, n: i32): void {
  const end = (<usize>n) << 2, k = f32x4.splat(sign);
  for (let o: usize = 0; o < end; o += 16) {
    v128.store(a + o, f32x4.sub(v128.load(a + o), f32x4.mul(k, v128.load(b + o))));
  }
}

/** a −= value. */
export function subtractValue(a: usize, value: f32, n: i32): void {
  const end = (<usize>n) << 2, b = f32x4.splat(value);
  for (let o: usize = 0; o < end; o += 16) v128.store(a + o, f32x4.sub(v128.load(a + o), b));
}

/** a /= value. */
export function divideValue(a: usize, value: f32, n: i32): void {
  const end = (<usize>n) << 2, b = f32x4.splat(value);
  for (let o: usize = 0; o < end; o += 16) v128.store(a + o, f32x4.div(v128.load(a + o), b));
}

/** a |= b. */
export function addFlags(a: usize, b: usize, n: i32): void {
  const end = (<usize>n) << 2;
  for (let o: usize = 0; o < end; o += 16) v128.store(a + o, v128.or(v128.load(a + o), v128.load(b + o)));
}

/** a |= value. */
export function addFlagValue(a: usize, value: u32, n: i32): void {
  const end = (<usize>n) << 2, b = i32x4.splat(value);
  for (let o: usize = 0; o < end; o += 16) v128.store(a + o, v128.or(v128.load(a + o), b));
}

/** dq |= flags where a is not above `lowest`; NaN is not. */
export function flagNotAbove(a: usize, dq: usize, lowest: f32, flags: u32, n: i32): void {
  const end = (<usize>n) << 2, least = f32x4.splat(lowest), bits = i32x4.splat(flags);
  for (let o: usize = 0; o < end; o += 16) {
    const known = f32x4.gt(v128.load(a + o), least);
    // Few pixels are: flags that stay as they are need not be fetched.
    if (!v128.all_true<i32>(known)) v128.store(dq + o, v128.or(v128.load(dq + o), v128.andnot(bits, known)));
  }
}

/** out = a, NaN where dq has one of the mask's bits. What follows the last pixel of `out` is not of this frame. */
export function copyGood(a: usize, dq: usize, mask: u32, out: usize, n: i32): void {
  const end = (<usize>n) << 2, bits = i32x4.splat(mask), nan = f32x4.splat(NaN);
  let o: usize = 0;
  for (; o + 16 <= end; o += 16) {
    const good = i32x4.eq(v128.and(v128.load(dq + o), bits), i32x4.splat(0));
    v128.store(out + o, v128.bitselect(v128.load(a + o), nan, good));
  }
  for (; o < end; o += 4) store<f32>(out + o, load<u32>(dq + o) & mask ? <f32>NaN : load<f32>(a + o));
}

/** Adds the number of pixels that have none of the mask's bits to the u64 at `total`. */
export function countGood(dq: usize, mask: u32, n: i32, total: usize): void {
  const end = (<usize>n) << 2, bits = i32x4.splat(mask);
  let bad = i32x4.splat(0);
  let o: usize = 0;
  // A lane of −1 for each flagged pixel.
  for (; o + 16 <= end; o += 16)
    bad = i32x4.add(bad, i32x4.ne(v128.and(v128.load(dq + o), bits), i32x4.splat(0)));
  let good: i32 =
    n + i32x4.extract_lane(bad, 0) + i32x4.extract_lane(bad, 1) + i32x4.extract_lane(bad, 2) + i32x4.extract_lane(bad, 3);
  for (; o < end; o += 4) if (load<u32>(dq + o) & mask) good--;
  store<u64>(total, load<u64>(total) + good);
}

/** out = √(a + b + c); b and c may be absent. */
export function error(out: usize, a: usize, b: usize, c: usize, n: i32): void {
  const end = (<usize>n) << 2;
  for (let o: usize = 0; o < end; o += 16) {
    let s = v128.load(a + o);
    if (b) s = f32x4.add(s, v128.load(b + o));
    if (c) s = f32x4.add(s, v128.load(c + o));
    v128.store(out + o, f32x4.sqrt(s));
  }
}
