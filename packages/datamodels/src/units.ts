/** Units of frames: what BUNIT may say, and which frames have to be divided by their exposure time. */
import type { Header } from '@iris-drs/fits';
import { DataModelError } from './errors.ts';
import { number } from './headers.ts';

export const DN = 'DN';
export const DN_PER_SECOND = 'DN/s';

const SPELLINGS: readonly (readonly [RegExp, string])[] = [
  [/^(dn|adu|counts?|ct)$/, DN],
  [/^(dn|adu|counts?|ct)(\/s(ec(ond)?)?|[ .*]s(\*\*|\^)?-1)$/, DN_PER_SECOND],
  [/^(e-?|electrons?)$/, 'electron'],
  [/^(e-?|electrons?)(\/s(ec(ond)?)?|[ .*]s(\*\*|\^)?-1)$/, 'electron/s'],
  [/^(e-?|electrons?)\/(dn|adu|counts?)$/, 'electron/DN'],
];

/** The unit as we spell it; spellings that are not in the table come back trimmed. */
export function normalizeUnit(text: string): string {
  const key = text
    .trim()
    .toLowerCase()
    .replace(/\s*\/\s*/g, '/');
  return SPELLINGS.find(([pattern]) => pattern.test(key))?.[1] ?? text.trim();
}

/** Unit of a variance, in the form that FITS and astropy both read: `DN/s` → `DN2/s2`. */
export const squareUnit = (unit: string): string =>
  unit.replace(
    /([A-Za-z]+)(-?\d+)?/g,
    (_, base: string, power?: string) => `${base}${2 * Number(power ?? 1)}`,
  );

/** Exposure time in seconds: EXPTIME, else EFFEXPTM, else XPOSURE; undefined when none is a positive number. */
export function exposureTimeSeconds(headers: readonly Header[]): number | undefined {
  for (const keyword of ['EXPTIME', 'EFFEXPTM', 'XPOSURE']) {
    const value = number(headers, keyword);
    if (value !== undefined && value > 0 && Number.isFinite(value)) return value;
  }
  return undefined;
}

/** How the pixels of a 2-D frame become DN/s: multiply by `scale`. */
export interface RateScale {
  readonly scale: number;
  /** Unit that the file declares, or that was assumed. */
  readonly declared: string;
  readonly warning?: string;
}

/**
 * Factor that brings a 2-D frame to DN/s.
 *
 * BUNIT DN/s: 1. BUNIT DN: 1/EXPTIME. No BUNIT: a raw frame (no step state S_… in its header) with an
 * exposure time is taken as DN; anything else as DN/s, with a warning.
 *
 * @throws DataModelError UNITS_MISMATCH for any other unit, KEYWORD_MISSING for DN without an exposure time
 */
export function rateScale(headers: readonly Header[], where: { file: string; hdu: string }): RateScale {
  const text = headers.map((header) => header.string('BUNIT')).find((unit) => unit?.trim());
  const seconds = exposureTimeSeconds(headers);
  if (text === undefined) {
    if (seconds !== undefined && isRaw(headers)) return { scale: 1 / seconds, declared: DN };
    return { scale: 1, declared: DN_PER_SECOND, warning: 'BUNIT is missing: pixels are taken as DN/s' };
  }
  const declared = normalizeUnit(text);
  if (declared === DN_PER_SECOND) return { scale: 1, declared };
  if (declared !== DN) {
    throw new DataModelError('UNITS_MISMATCH', {
      ...where,
      keyword: 'BUNIT',
      found: `'${text.trim()}'`,
      expected: 'DN or DN/s',
    });
  }
  if (seconds === undefined) {
    throw new DataModelError('KEYWORD_MISSING', {
      ...where,
      keyword: 'EXPTIME',
      found: 'none',
      expected: 'the exposure time in seconds, as BUNIT is DN',
    });
  }
  return { scale: 1 / seconds, declared };
}

const isRaw = (headers: readonly Header[]): boolean =>
  !headers.some((header) =>
    header.keywords().some((keyword) => keyword.startsWith('S_') && keyword !== 'S_REGION'),
  );

/**
 * Refuses pixels in another unit; a missing BUNIT passes.
 *
 * @throws DataModelError UNITS_MISMATCH
 */
export function requireUnit(
  headers: readonly Header[],
  expected: readonly string[],
  where: { file: string; hdu: string },
): string | undefined {
  const text = headers.map((header) => header.string('BUNIT')).find((unit) => unit?.trim());
  if (text === undefined) return undefined;
  const unit = normalizeUnit(text);
  if (expected.includes(unit)) return unit;
  throw new DataModelError('UNITS_MISMATCH', {
    ...where,
    keyword: 'BUNIT',
    found: `'${text.trim()}'`,
    expected: expected.join(' or '),
  });
}
