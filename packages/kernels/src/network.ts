/** Batcher's merge exchange: exchanges (a < b) that sort `n` numbers. @see Knuth, TAOCP 3, 5.2.2, algorithm M */
const mergeExchange = (n: number): [a: number, b: number][] => {
  const exchanges: [number, number][] = [];
  if (n < 2) return exchanges;
  let top = 1;
  while (top * 2 < n) top *= 2;
  for (let p = top; p > 0; p >>= 1) {
    for (let q = top, r = 0, d = p; ; d = q - p, q >>= 1, r = p) {
      for (let i = 0; i < n - d; i++) if ((i & p) === r) exchanges.push([i, i + d]);
      if (q === p) break;
    }
  }
  return exchanges;
};

/**
 * Words of a selection network, see assembly/medians.ts: the exchanges of a sort that the numbers at ranks `lo` and
 * `hi` depend on.
 */
const select = (n: number, lo: number, hi: number): Uint32Array => {
  const wanted = new Set([lo, hi]);
  const kept: number[] = [];
  for (const [a, b] of mergeExchange(n).reverse()) {
    if (!(wanted.has(a) || wanted.has(b))) continue;
    wanted.add(a).add(b);
    kept.push(((b << 16) | a) >>> 0);
  }
  return Uint32Array.from([kept.length, lo, hi, ...kept.reverse()]);
};

/** Median of `n` numbers. */
export const medianNetwork = (n: number): Uint32Array => select(n, (n - 1) >> 1, n >> 1);

/** Median of `n` numbers without the largest; of three with it, of two the smaller. */
export const clippedMedianNetwork = (n: number): Uint32Array => {
  if (n === 2) return select(2, 0, 0);
  return n === 3 ? medianNetwork(3) : select(n, (n - 2) >> 1, (n - 1) >> 1);
};
