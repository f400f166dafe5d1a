import { nextNormal, randomState } from './random.ts';
import type { Sampling } from './sequence.ts';

/** How the seeing changes from read to read. */
export interface SeeingSettings {
  /** Standard deviation of the logarithm of the FWHM. */
  readonly scatter: number;
  /** Correlation from one read to the next, 0.7. */
  readonly correlation?: number;
}

/**
 * FWHM of each interval over that of the scene, `[ramp][read]`: a log-normal law with exponentially falling
 * correlation, the same for all detectors.
 */
export function seeingSeries(
  { scatter, correlation = 0.7 }: SeeingSettings,
  { ramps, reads }: Pick<Sampling, 'ramps' | 'reads'>,
  ...path: readonly (number | string)[]
): number[][] {
  const random = randomState(...path, 'seeing');
  let z = nextNormal(random);
  return Array.from({ length: ramps }, () =>
    Array.from({ length: reads }, () => {
      const factor = Math.exp(scatter * z);
      z = correlation * z + Math.sqrt(1 - correlation ** 2) * nextNormal(random);
      return factor;
    }),
  );
}
