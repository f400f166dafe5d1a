/** Errors that are relative to the signal; the twin is src/twins/relative.ts. */

/** v = (v + w) / (a² + b²), 0 where both signals are 0. */
export function relativeVariance(v: usize, a: usize, w: usize, b: usize, n: i32): void {
  const end = (<usize>n) << 2, zero = f32x4.splat(0);
  for (let o: usize = 0; o < end; o += 16) {
    const x = v128.load(a + o), y = v128.load(b + o);
    const sum = f32x4.add(v128.load(v + o), v128.load(w + o));
    const power = f32x4.add(f32x4.mul(x, x), f32x4.mul(y, y));
    v128.store(v + o, v128.bitselect(zero, f32x4.div(sum, power), f32x4.eq(power, zero)));
  }
}

/** v *= a². */
export function multiplySquare(v: usize, a: usize, n: i32): void {
  const end = (<usize>n) << 2;
  for (let o: usize = 0; o < end; o += 16) {
    const x = v128.load(a + o);
    v128.store(v + o, f32x4.mul(v128.load(v + o), f32x4.mul(x, x)));
  }
}

/** a = (k·a)². */
export function square(a: usize, k: f32, n: i32): void {
  const end = (<usize>n) << 2, factor = f32x4.splat(k);
  for (let o: usize = 0; o < end; o += 16) {
    const x = f32x4.mul(factor, v128.load(a + o));
    v128.store(a + o, f32x4.mul(x, x));
  }
}
