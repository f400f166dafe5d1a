/** Variance of a difference d of signals a and b with one relative error: d²·(v + w) / (a² + b²), 0 where both are 0. */
export const sharedVariance = (v: number, a: number, w: number, b: number, d: number): number =>
  a === 0 && b === 0 ? 0 : (d * d * (v + w)) / (a * a + b * b);
