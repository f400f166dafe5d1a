import {
  BREAK,
  DO_NOT_USE,
  differencesOf,
  JUMP_DET,
  median,
  type PixelFit,
  type PixelRamp,
  type RampPixel,
  SATURATED,
} from './ramp.ts';

const LIMITS = [5, 10, 20, 50, 100];
const POWERS = [0, 0.4, 1, 3, 6, 10];

/**
 * Runs of good reads, as [first, end); a read whose only flag is a jump starts the run that follows it. PERSISTENCE does
 * not matter.
 */
const segmentsOf = ({ flags }: PixelRamp): [number, number][] => {
  const runs: [number, number][] = [];
  for (let r = 0; r < flags.length; r++) {
    if ((flags[r]! & BREAK) !== 0) continue;
    const last = runs.at(-1);
    if (last?.[1] === r) last[1] = r + 1;
    else runs.push([r > 0 && (flags[r - 1]! & BREAK) === JUMP_DET ? r - 1 : r, r + 1]);
  }
  return runs;
};

const medianRate = (ramp: PixelRamp): number => {
  const rates = differencesOf([ramp])
    .filter(({ before, after }) => !(before & 3 || after & 7))
    .map(({ rise, dt }) => rise / dt);
  if (rates.length > 0) return median(rates);
  if ((ramp.flags[0]! & (SATURATED | DO_NOT_USE)) !== 0) return 0;
  return ramp.signal[0]! / (ramp.times[1]! - ramp.times[0]!);
};

/**
 * Segmented least squares with Fixsen's weights. For a segment of n reads at times tᵢ that rises by Δ:
 *
 *   S = Δg/√(r²g² + Δg),  P = 0, 0.4, 1, 3, 6, 10 for S below 5, 10, 20, 50, 100 and above
 *   wᵢ = |2(tᵢ − t₀)/(tₙ₋₁ − t₀) − 1|ᴾ,  cᵢ = wᵢ(Σw tᵢ − Σwt) / (Σw Σwt² − (Σwt)²),  slopeₛ = Σ cᵢyᵢ
 *
 * Segments of all ramps are averaged with weights aₛ ∝ Σ(t − t̄)², the inverse read-noise variance of an unweighted fit. The
 * variance of just this estimator, with Wₖ = Σ_{i≥k} cᵢ:
 *
 *   VAR_POISSON = max(slope, 0)/g Σₛ aₛ² Σₖ Wₖ² (tₖ − tₖ₋₁),   VAR_RNOISE = r² Σₛ aₛ² Σᵢ cᵢ²
 *
 * JWST's formulae, with m the mean over ramps of their median rates:
 *
 *   VAR_POISSON = max(m, 0)/(g Σₛ (tₙ₋₁ − t₀)),   VAR_RNOISE = r²/Σₛ Σ(t − t̄)²
 *
 * They neglect that an unweighted fit has more photon noise than its ends, and weights more read noise than none. With them
 * a ramp of a single good read has a slope too: signal over the time between reads, with the noise of two reads.
 *
 * @see Fixsen et al. 2000, PASP 112, 1350; stcal, slope_fitter.c
 */
export const ols = (pixel: RampPixel, variance: 'exact' | 'jwst' = 'exact'): PixelFit => {
  const { ramps, gain, readNoise } = pixel;
  let margin = Number.POSITIVE_INFINITY;
  const parts = ramps.flatMap((ramp) => {
    const runs = segmentsOf(ramp);
    const long = runs.filter(([a, b]) => b - a > 1);
    if (long.length === 0 && runs.length > 0 && variance === 'jwst') {
      const dt = ramp.times[1]! - ramp.times[0]!;
      return [
        { slope: ramp.signal[runs[0]![0]]! / dt, spread: dt ** 2 / 2, span: dt, photons: 0, reads: 0, n: 1 },
      ];
    }
    return long.map(([a, b]) => {
      const t = ramp.times.slice(a, b);
      const y = ramp.signal.slice(a, b);
      const span = t.at(-1)! - t[0]!;
      const rise = Math.max(0, (y.at(-1)! - y[0]!) * gain);
      const s = rise / Math.sqrt((readNoise * gain) ** 2 + rise);
      for (const limit of b - a > 2 ? LIMITS : []) margin = Math.min(margin, Math.abs(s / limit - 1));
      const power = POWERS[LIMITS.filter((limit) => s >= limit).length]!;
      const w = t.map((v) => Math.abs((2 * (v - t[0]!)) / span - 1) ** power);
      const total = (f: (i: number) => number): number => t.reduce((sum, _, i) => sum + f(i), 0);
      const sw = total((i) => w[i]!);
      const st = total((i) => w[i]! * t[i]!);
      const d = sw * total((i) => w[i]! * t[i]! ** 2) - st ** 2;
      const c = t.map((v, i) => (w[i]! * (sw * v - st)) / d);
      const mean = total((i) => t[i]!) / t.length;
      const later = c.map((_, k) => c.slice(k).reduce((sum, v) => sum + v, 0));
      return {
        slope: total((i) => c[i]! * (y[i]! - y[0]!)),
        spread: total((i) => (t[i]! - mean) ** 2),
        span,
        photons: total((k) => (k === 0 ? 0 : later[k]! ** 2 * (t[k]! - t[k - 1]!))),
        reads: total((i) => c[i]! ** 2),
        n: b - a,
      };
    });
  });
  const spread = parts.reduce((sum, p) => sum + p.spread, 0);
  const average = (of: (p: (typeof parts)[number]) => number, power: number): number =>
    parts.reduce((sum, p) => sum + (p.spread / spread) ** power * of(p), 0);
  if (parts.length === 0) {
    return { slope: Number.NaN, varPoisson: Number.NaN, varRnoise: Number.NaN, readsUsed: 0, margin };
  }
  const slope = average((p) => p.slope, 1);
  const readsUsed = parts.reduce((sum, p) => sum + p.n, 0);
  if (variance === 'jwst') {
    const rate = ramps.reduce((sum, ramp) => sum + medianRate(ramp), 0) / ramps.length;
    const span = parts.reduce((sum, p) => sum + p.span, 0);
    const varPoisson = Math.max(rate, 0) / (gain * span);
    return { slope, varPoisson, varRnoise: readNoise ** 2 / spread, readsUsed, margin };
  }
  const varPoisson = (Math.max(slope, 0) / gain) * average((p) => p.photons, 2);
  return { slope, varPoisson, varRnoise: readNoise ** 2 * average((p) => p.reads, 2), readsUsed, margin };
};
