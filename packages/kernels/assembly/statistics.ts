/** Five doubles to `out`: count, mean, Σ(x − mean)², minimum, maximum of the good pixels of one tile. */
export function statistics(plane: usize, dq: usize, mask: u32, out: usize, n: i32): void {
  const end = (<usize>n) << 2;
  let count: f64 = 0, sum: f64 = 0, low: f32 = Infinity, high: f32 = -Infinity;
  for (let i: usize = 0; i < end; i += 4) {
    const x = load<f32>(plane + i);
    if (x != x || (dq && load<u32>(dq + i) & mask)) continue;
    count += 1;
    sum += <f64>x;
    low = min<f32>(low, x);
    high = max<f32>(high, x);
  }
  const mean = count > 0 ? sum / count : 0;
  let squares: f64 = 0;
  for (let i: usize = 0; i < end; i += 4) {
    const x = load<f32>(plane + i);
    if (x != x || (dq && load<u32>(dq + i) & mask)) continue;
    const d = <f64>x - mean;
    squares += d * d;
  }
  store<f64>(out, count);
  store<f64>(out, mean, 8);
  store<f64>(out, squares, 16);
  store<f64>(out, <f64>low, 24);
  store<f64>(out, <f64>high, 32);
}
