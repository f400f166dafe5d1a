/**
 * Medians of tile columns. A network is a word with the number of exchanges, two words with the ranks whose mean is
 * wanted, then the exchanges: places a < b as (b << 16 | a), in units of 16 bytes. It is written by src/network.ts.
 */

/** Four medians of the vectors at `work`, which are moved about. */
export function median4(work: usize, network: usize): v128 {
  const count = load<i32>(network);
  const lo = <usize>load<u32>(network, 4), hi = <usize>load<u32>(network, 8);
  let step = network + 12;
  const end = step + ((<usize>count) << 2);
  for (; step < end; step += 4) {
    const pair = load<u32>(step);
    const a = work + ((<usize>(pair & 0xffff)) << 4), b = work + ((<usize>(pair >>> 16)) << 4);
    const x = v128.load(a), y = v128.load(b);
    v128.store(a, f32x4.pmin(x, y));
    v128.store(b, f32x4.pmax(x, y));
  }
  const half = f32x4.splat(0.5);
  return f32x4.add(f32x4.mul(half, v128.load(work + (lo << 4))), f32x4.mul(half, v128.load(work + (hi << 4))));
}

/** Sorts `n` floats (Shell, gaps of Ciura). */
export function sortFloats(at: usize, n: i32): void {
  for (let k = 0; k < 8; k++) {
    const gap = k == 0 ? 701 : k == 1 ? 301 : k == 2 ? 132 : k == 3 ? 57 : k == 4 ? 23 : k == 5 ? 10 : k == 6 ? 4 : 1;
    for (let i = gap; i < n; i++) {
      const v = load<f32>(at + ((<usize>i) << 2));
      let j = i;
      while (j >= gap) {
        const u = load<f32>(at + ((<usize>(j - gap)) << 2));
        if (u <= v) break;
        store<f32>(at + ((<usize>j) << 2), u);
        j -= gap;
      }
      store<f32>(at + ((<usize>j) << 2), v);
    }
  }
}

/** Median of `n` sorted floats; NaN of none. */
export function sortedMedian(at: usize, n: i32): f32 {
  if (n <= 0) return NaN;
  const hi = load<f32>(at + ((<usize>(n >> 1)) << 2));
  return n & 1 ? hi : 0.5 * hi + 0.5 * load<f32>(at + ((<usize>((n >> 1) - 1)) << 2));
}
