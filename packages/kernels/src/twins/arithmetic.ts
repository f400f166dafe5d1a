/** √(Σ components). */
export const error = (components: readonly number[]): number =>
  Math.sqrt(components.reduce((a, b) => a + b, 0));
