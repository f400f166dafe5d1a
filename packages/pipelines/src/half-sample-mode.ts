/**
 * Mode of sorted values by repeated halving: of all intervals that hold half of the values the shortest is kept,
 * until three or fewer values remain. Of intervals of equal length the middle one is taken, so that ties of rounded
 * values do not pull to one side.
 *
 * @param sorted  ascending, finite
 * @returns       NaN for no values
 * @see Bickel & Frühwirth 2006, Comput. Stat. Data Anal. 50, 3500
 */
export const halfSampleMode = (sorted: Float32Array | Float64Array): number => {
  let from = 0;
  let count = sorted.length;
  while (count > 3) {
    const half = Math.ceil(count / 2);
    let shortest = Number.POSITIVE_INFINITY;
    let first = from;
    let last = from;
    for (let i = from; i + half <= from + count; i++) {
      const width = sorted[i + half - 1]! - sorted[i]!;
      if (width < shortest) {
        shortest = width;
        first = i;
        last = i;
      } else if (width === shortest) last = i;
    }
    from = first + ((last - first) >> 1);
    count = half;
  }
  if (count === 0) return Number.NaN;
  if (count === 1) return sorted[from]!;
  const [a, b, c] = [sorted[from]!, sorted[from + 1]!, sorted[from + 2]!];
  if (count === 2) return (a + b) / 2;
  if (b - a === c - b) return b;
  return b - a < c - b ? (a + b) / 2 : (b + c) / 2;
};
