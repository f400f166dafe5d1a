/** Rank (n−1)q of the sorted values, linear between ranks. @see numpy.quantile, method `linear` */
export const quantile = (values: readonly number[], q: number): number => {
  const sorted = values.filter((v) => !Number.isNaN(v)).sort((a, b) => a - b);
  if (sorted.length === 0) return Number.NaN;
  const rank = (sorted.length - 1) * q;
  const a = sorted[Math.floor(rank)]!;
  const b = sorted[Math.ceil(rank)]!;
  return a === b ? a : a + (b - a) * (rank - Math.floor(rank));
};
