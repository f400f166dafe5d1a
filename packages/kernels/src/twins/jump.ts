import { differenceNoise } from '../median-noise.ts';
import { DO_NOT_USE, differencesOf, JUMP_DET, median, type RampPixel, SATURATED } from './ramp.ts';

export interface JumpLimits {
  /** σ. */
  readonly rejection: number;
  readonly fourReads: number;
  readonly threeReads: number;
  /** σ between which neighbours are flagged too. */
  readonly min: number;
  readonly max: number;
}

/**
 * Two-point-difference jump detection. With dᵢ = Δxᵢ/Δtᵢ of neighbouring usable reads, of all ramps, and their median m:
 *
 *   σᵢ² = (|m| Δtᵢ/gain + 2 readNoise²) / Δtᵢ²,   rᵢ = |dᵢ − m|/σᵢ
 *
 * and σᵢ² larger where reads are unevenly spaced, by what the median of shorter differences is uncertain (median-noise.ts).
 * Ramps of eleven reads or more: every rᵢ above `rejection` is a jump. Shorter ones: with |d| for d and the largest left out
 * of the median (of three none is, of two the smaller stands for it), the largest rᵢ above the limit for the number of
 * differences left is a jump; it is taken out, and again. The flag goes to the later read.
 *
 * @returns the differences that neighbours share, as [ramp, read], and the smallest distance of a decision from its limit
 * @see stcal, twopoint_difference.py; Anderson & Gordon 2011, PASP 123, 1237
 */
export const jump = ({ ramps, gain, readNoise }: RampPixel, limits: JumpLimits) => {
  const unusable = SATURATED | DO_NOT_USE;
  const pairs = differencesOf(ramps);
  const noise = differenceNoise(pairs.map(({ dt }) => dt));
  const all = pairs.map((d, i) => ({ ...d, rate: d.rise / d.dt, noise: noise[i]! }));
  let margin = Number.POSITIVE_INFINITY;
  const exceeds = (value: number, limit: number): boolean => {
    margin = Math.min(margin, Math.abs(value / limit - 1));
    return value > limit;
  };
  const usable = all.filter(({ before, after }) => ((before | after) & unusable) === 0);
  const ratio = (d: (typeof all)[number], rate: number, m: number): number => {
    const sigma = Math.sqrt((Math.abs(m) / gain) * d.noise.photons + 2 * readNoise ** 2 * d.noise.reads);
    return sigma > 0 ? Math.abs(rate - m) / sigma : Number.NaN;
  };
  const m = median(usable.map(({ rate }) => rate));
  const flag = ({ ramp, read }: { readonly ramp: number; readonly read: number }): void => {
    ramps[ramp]!.flags[read]! |= JUMP_DET;
  };
  if (usable.length < 2) return { shared: [], margin };
  if (ramps.every(({ times }) => times.length > 10)) {
    for (const d of usable) if (exceeds(ratio(d, d.rate, m), limits.rejection)) flag(d);
  } else {
    let left = usable;
    while (left.length > 1) {
      const sizes = left.map(({ rate }) => Math.abs(rate)).sort((a, b) => a - b);
      const n = sizes.length;
      const centre = n === 2 ? sizes[0]! : median(n > 3 ? sizes.slice(0, -1) : sizes);
      const limit = n === 2 ? limits.threeReads : n === 3 ? limits.fourReads : limits.rejection;
      const ratios = left.map((d) => ratio(d, Math.abs(d.rate), centre));
      const worst = ratios.reduce((best, r, i) => (r > (ratios[best] ?? -1) ? i : best), 0);
      if (!exceeds(ratios[worst]!, limit)) break;
      flag(left[worst]!);
      left = left.filter((_, i) => i !== worst);
    }
  }
  const shared = usable.filter((d) => {
    const r = ratio(d, d.rate, m);
    const jumped = (ramps[d.ramp]!.flags[d.read]! & JUMP_DET) !== 0;
    return jumped && exceeds(r, limits.min) && !exceeds(r, limits.max);
  });
  return { shared: shared.map(({ ramp, read }) => [ramp, read] as const), margin };
};

/** Reads within `seconds` after a jump of `threshold` DN or more are flagged as jumps. */
export const flagAfterJumps = ({ ramps }: RampPixel, threshold: number, seconds: number): void => {
  const unusable = SATURATED | DO_NOT_USE;
  const usable = differencesOf(ramps).filter(({ before, after }) => ((before | after) & unusable) === 0);
  const m = median(usable.map(({ rise, dt }) => rise / dt));
  const large = usable.filter(
    ({ after, rise, dt }) => (after & JUMP_DET) !== 0 && rise - m * dt >= threshold,
  );
  for (const { ramp, read } of large) {
    const { times, flags } = ramps[ramp]!;
    const end = times[read]! + seconds + 1e-6;
    for (const [r, t] of times.entries())
      if (r > read && t <= end && (flags[r]! & unusable) === 0) flags[r]! |= JUMP_DET;
  }
};
