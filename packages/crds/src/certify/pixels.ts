import type { CertifyFinding, PixelCheck } from './rule.ts';

/** Values that the median is taken of, at most. */
const SAMPLE = 1 << 20;

interface Census {
  readonly pixels: number;
  readonly finite: number;
  readonly flagged: number;
  /** Of finite values without a flag. */
  readonly least: number;
  readonly most: number;
  readonly median: number;
}

type Values = ArrayLike<number | bigint>;

/**
 * Counts the pixels of a plane. The median is that of every n-th good value, n such that there are at most a million.
 * @param flags  DQ of the same pixels; a value other than 0 is a flag
 */
export const census = (values: Values, flags: Values | undefined): Census => {
  let [finite, flagged, good] = [0, 0, 0];
  let [least, most] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  const stride = Math.max(1, Math.ceil(values.length / SAMPLE));
  const sample = new Float64Array(Math.ceil(values.length / stride));
  let sampled = 0;
  for (let i = 0; i < values.length; i++) {
    const isFlagged = flags !== undefined && Number(flags[i]) !== 0;
    if (isFlagged) flagged++;
    const value = Number(values[i]);
    if (!Number.isFinite(value)) continue;
    finite++;
    if (isFlagged) continue;
    if (value < least) least = value;
    if (value > most) most = value;
    if (good++ % stride === 0 && sampled < sample.length) sample[sampled++] = value;
  }
  const sorted = sample.subarray(0, sampled).sort();
  const median = sampled === 0 ? Number.NaN : (sorted[(sampled - 1) >> 1]! + sorted[sampled >> 1]!) / 2;
  return { pixels: values.length, finite, flagged, least, most, median };
};

const percent = (part: number, whole: number): string =>
  `${((100 * part) / Math.max(1, whole)).toFixed(1)} %`;
const number = (value: number): string => String(Number(value.toPrecision(6)));

/** Faults of a plane by one check. */
export const checkPixels = (
  check: PixelCheck,
  { pixels, finite, flagged, least, most, median }: Census,
): Pick<CertifyFinding, 'severity' | 'message' | 'found' | 'expected'>[] => {
  const fault = (what: string, found: string, expected: string) => [
    {
      severity: check.severity ?? 'error',
      found,
      expected,
      message: `${what} ${found}; expected ${expected}`,
    },
  ];
  if (pixels === 0) return [];
  switch (check.check) {
    case 'finite': {
      if (finite >= check.share * pixels) return [];
      return fault(
        'finite are',
        percent(finite, pixels),
        `at least ${percent(check.share, 1)} of the pixels`,
      );
    }
    case 'flagged': {
      if (flagged <= check.share * pixels) return [];
      return fault(
        'flagged are',
        percent(flagged, pixels),
        `at most ${percent(check.share, 1)} of the pixels`,
      );
    }
    case 'median': {
      if (Number.isNaN(median) || (median >= check.from && median <= check.to)) return [];
      return fault('the median is', number(median), `${check.from} to ${check.to}`);
    }
    case 'varies':
      return least < most || least === Number.POSITIVE_INFINITY
        ? []
        : fault('every pixel is', number(least), 'values that differ');
    default: {
      if (least === Number.POSITIVE_INFINITY) return [];
      if (check.above !== undefined && !(least > check.above))
        return fault('the least pixel is', number(least), `above ${check.above}`);
      if (check.atLeast !== undefined && least < check.atLeast)
        return fault('the least pixel is', number(least), `at least ${check.atLeast}`);
      if (check.atMost !== undefined && most > check.atMost)
        return fault('the greatest pixel is', number(most), `at most ${check.atMost}`);
      return [];
    }
  }
};
