/** Two-pass count, mean, sample variance and extremes. */
export const statistics = (values: readonly number[]) => {
  const good = values.filter((v) => !Number.isNaN(v));
  const count = good.length;
  const mean = good.reduce((a, b) => a + b, 0) / count;
  const variance = good.reduce((sum, v) => sum + (v - mean) ** 2, 0) / (count - 1);
  return { count, mean, variance, min: Math.min(...good), max: Math.max(...good) };
};
