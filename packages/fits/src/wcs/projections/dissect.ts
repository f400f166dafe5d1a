/**
 * The argument between `a` and `b` at which a monotonic function comes within `tolerance` of `value`: the interval is
 * divided in proportion to the residuals at its ends, though not closer to either than a tenth. NaN if it takes too long.
 *
 * This is how wcslib solves ZPN, AIR and PCO. A finer solution would be as good as any, but it would not agree to more digits
 * than the tolerance leaves, and agreement with everybody else is worth more than 1e-8 arcsec.
 *
 * @param f     with f(a) ≤ value ≤ f(b)
 * @param fa    f(a)
 * @param fb    f(b)
 * @param least  shortest interval worth dividing
 */
export function dissect(
  f: (x: number) => number,
  a: number,
  fa: number,
  b: number,
  fb: number,
  value: number,
  tolerance: number,
  least = 0,
): number {
  let low = a;
  let high = b;
  let fLow = fa;
  let fHigh = fb;
  for (let i = 0; i < 100; i++) {
    const weight = Math.max(0.1, Math.min(0.9, (fHigh - value) / (fHigh - fLow)));
    const x = high - weight * (high - low);
    const fx = f(x);
    if (Math.abs(fx - value) < tolerance) return x;
    if (fx < value) {
      low = x;
      fLow = fx;
    } else {
      high = x;
      fHigh = fx;
    }
    if (Math.abs(high - low) < least) return x;
  }
  return Number.NaN;
}
