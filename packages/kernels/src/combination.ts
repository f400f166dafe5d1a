/** Two numbers, for the two sums that are kept of a ramp. */
export type Pair = readonly [number, number];

/** Of the largest weight; the sums themselves are float32. */
const TOLERANCE = 1e-9;

/**
 * c₀ and c₁ with c₀ w₀ᵣ + c₁ w₁ᵣ = wᵣ for all reads, so that sums made with weights w₀ and w₁ give the one that
 * weights w would have given; undefined where there are none. For up-the-ramp w₀ = 1, w₁ = t − t₀.
 *
 * @param summed  w₀ and w₁ of each read
 * @param wanted  w of each read
 */
export const combinationFor = (summed: readonly Pair[], wanted: readonly number[]): Pair | undefined => {
  if (summed.length !== wanted.length) return undefined;
  if (wanted.every((w) => w === 0)) return [0, 0];
  const product = (f: (i: number) => number): number => summed.reduce((sum, _, i) => sum + f(i), 0);
  const w0 = (i: number) => summed[i]![0];
  const w1 = (i: number) => summed[i]![1];
  const [a, b, d] = [product((i) => w0(i) ** 2), product((i) => w0(i) * w1(i)), product((i) => w1(i) ** 2)];
  const [u, v] = [product((i) => w0(i) * wanted[i]!), product((i) => w1(i) * wanted[i]!)];
  const determinant = a * d - b * b;
  if (!(Math.abs(determinant) > 1e-12 * a * d)) return undefined;
  const found: Pair = [(d * u - b * v) / determinant, (a * v - b * u) / determinant];
  return isCombination(found, summed, wanted) ? found : undefined;
};

/** Whether sums combined so are those of the wanted weights. */
export const isCombination = (
  [c0, c1]: Pair,
  summed: readonly Pair[],
  wanted: readonly number[],
): boolean => {
  const largest = wanted.reduce((most, w) => Math.max(most, Math.abs(w)), 0);
  return (
    summed.length === wanted.length &&
    summed.every(([w0, w1], i) => Math.abs(c0 * w0 + c1 * w1 - wanted[i]!) <= TOLERANCE * largest)
  );
};
