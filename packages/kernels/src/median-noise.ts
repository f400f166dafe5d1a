/** Variance of a difference in units of (|m|/gain, 2 readNoise²), 1/s and 1/s², its distance from the median taken in. */
export interface DifferenceNoise {
  readonly photons: number;
  readonly reads: number;
}

/**
 * How well a difference of two reads agrees with the median m of all differences per second, reads being unevenly spaced.
 *
 *   σᵢ² = (Δtᵢ |m|/gain + 2 readNoise²)/Δtᵢ² + max(0, vᵢ − vᵢ(even)),   vᵢ = π/2 (n − 1)/(Σ_{j≠i} 1/σⱼ)²
 *
 * vᵢ is the asymptotic variance of a median of the others, worked out for photons and for reads apart; of what it would be if
 * all were spaced like this one the usual limits know already, so evenly spaced reads have the first term alone. Without it
 * a long difference, read to its own small noise, would disagree with any median of short ones: reads in groups at both
 * ends of a ramp. The √n longest count as the next one there: others outvote so few by chance.
 *
 * @param intervals  s, of all differences
 */
export const differenceNoise = (intervals: readonly number[]): DifferenceNoise[] => {
  const others = intervals.length - 1;
  const factor = others > 1 ? Math.PI / 2 : 1;
  const longest = intervals.toSorted((a, b) => b - a)[Math.min(others, Math.floor(Math.sqrt(others + 1)))]!;
  const counted = intervals.map((dt) => Math.min(dt, longest));
  const total = (of: (dt: number) => number): number => counted.reduce((sum, dt) => sum + of(dt), 0);
  const [roots, times] = [total(Math.sqrt), total((dt) => dt)];
  // Rounded times are not uneven.
  const excess = (sum: number, own: number): number => {
    const ratio = (others * own) / sum;
    return ratio > 1.001 ? (factor * (ratio ** 2 - 1)) / others / own ** 2 : 0;
  };
  return intervals.map((dt, i) => ({
    photons: 1 / dt + excess(roots - Math.sqrt(counted[i]!), Math.sqrt(dt)),
    reads: 1 / dt ** 2 + excess(times - counted[i]!, dt),
  }));
};
