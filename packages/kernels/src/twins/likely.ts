import {
  BREAK,
  type Difference,
  differencesOf,
  JUMP_DET,
  median,
  type PixelFit,
  type RampPixel,
} from './ramp.ts';

/** Inverse of a positive definite matrix (Gauss–Jordan). */
const inverse = (matrix: readonly (readonly number[])[]): number[][] => {
  const n = matrix.length;
  const rows = matrix.map((row, i) => [...row, ...row.map((_, j) => (i === j ? 1 : 0))]);
  for (let i = 0; i < n; i++) {
    const pivot = rows[i]![i]!;
    rows[i] = rows[i]!.map((v) => v / pivot);
    for (let k = 0; k < n; k++) {
      const factor = rows[k]![i]!;
      if (k !== i) rows[k] = rows[k]!.map((v, j) => v - factor * rows[i]![j]!);
    }
  }
  return rows.map((row) => row.slice(n));
};

/**
 * Cov(Δxᵢ, Δxᵢ) = aΔtᵢ/g + 2r²;  Cov(Δxᵢ, Δxᵢ₊₁) = −r² where they share a read.
 */
const covariance = (used: readonly Difference[], rate: number, { gain, readNoise }: RampPixel): number[][] =>
  used.map((d, i) =>
    used.map((e, j) => {
      if (i === j) return (rate * d.dt) / gain + 2 * readNoise ** 2;
      return d.ramp === e.ramp && Math.abs(d.read - e.read) === 1 ? -(readNoise ** 2) : 0;
    }),
  );

const fit = (used: readonly Difference[], rate: number, pixel: RampPixel) => {
  const c = inverse(covariance(used, rate, pixel));
  const product = (f: (d: Difference) => number, g: (d: Difference) => number): number =>
    used.reduce((sum, d, i) => sum + f(d) * used.reduce((row, e, j) => row + c[i]![j]! * g(e), 0), 0);
  const b = product(
    (d) => d.dt,
    (d) => d.rise,
  );
  const norm = product(
    (d) => d.dt,
    (d) => d.dt,
  );
  const a = b / norm;
  const chi2 = product(
    (d) => d.rise - a * d.dt,
    (d) => d.rise - a * d.dt,
  );
  return { a, chi2, weights: used.map((_, i) => used.reduce((w, e, j) => w + c[i]![j]! * e.dt, 0) / norm) };
};

/**
 * Maximum likelihood of the read differences of all ramps, Δx = a Δt + noise of covariance C(a):
 *
 *   a = ΔtᵀC⁻¹Δx / ΔtᵀC⁻¹Δt,   var(a) = 1/ΔtᵀC⁻¹Δt
 *
 * C takes the median rate while jumps are looked for, the rate found then in the end (negative rates count as 0); its parts
 * by photons and by reads, with the weights of the fit, are the two variances. A difference whose omission lowers χ² by
 * more than `chi2` holds a jump; the best goes, again and again while more than three are left. Of two differences that
 * disagree the larger goes. Reads are single: averaged ones would need pairs of differences to be left out.
 *
 * @see Brandt 2024, PASP 136, 045004 and 045005; stcal, likely_fit.py
 */
export const likely = (pixel: RampPixel, chi2 = 0): PixelFit => {
  let margin = Number.POSITIVE_INFINITY;
  let used = differencesOf(pixel.ramps).filter(
    ({ before, after }) => (before & BREAK & ~JUMP_DET) === 0 && (after & BREAK) === 0,
  );
  const none = { slope: Number.NaN, varPoisson: Number.NaN, varRnoise: Number.NaN, readsUsed: 0, margin };
  if (used.length === 0) return none;
  const guess = Math.max(0, median(used.map(({ rise, dt }) => rise / dt)));
  let found = fit(used, guess, pixel);
  let rate = found.a;
  for (let least = 2; chi2 > 0 && used.length >= least; least = 4) {
    const omitted = used.map((d, i) => {
      const left = used.filter((_, j) => j !== i);
      // Without its neighbour's noise a difference still tells: the rest keep their covariance.
      const without = fit(left, guess, pixel);
      const gain = used.length === 2 && d.rise / d.dt <= found.a ? 0 : found.chi2 - without.chi2;
      return { i, gain, without };
    });
    const best = omitted.reduce((a, b) => (b.gain > a.gain ? b : a));
    margin = Math.min(margin, Math.abs(best.gain / chi2 - 1));
    if (best.gain <= chi2) break;
    const { ramp, read } = used[best.i]!;
    pixel.ramps[ramp]!.flags[read]! |= JUMP_DET;
    used = used.filter((_, i) => i !== best.i);
    found = best.without;
    rate = found.a;
  }
  const final = Math.max(0, rate);
  const { a, weights } = fit(used, final, pixel);
  const noise = covariance(used, 0, pixel);
  const readsUsed = new Set(used.flatMap(({ ramp, read }) => [`${ramp} ${read}`, `${ramp} ${read - 1}`]))
    .size;
  return {
    slope: a,
    varPoisson: used.reduce((sum, d, i) => sum + (weights[i]! ** 2 * final * d.dt) / pixel.gain, 0),
    varRnoise: weights.reduce(
      (sum, w, i) => sum + w * weights.reduce((row, v, j) => row + v * noise[i]![j]!, 0),
      0,
    ),
    readsUsed,
    margin,
  };
};
