/** (v + w) / (a² + b²), 0 where both signals are 0. */
export const relativeVariance = (v: number, a: number, w = 0, b = 0): number =>
  a * a + b * b === 0 ? 0 : (v + w) / (a * a + b * b);

/** v·a². */
export const multiplySquare = (v: number, a: number): number => v * a * a;
