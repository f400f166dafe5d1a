/** The data contract: what the extensions of our files are called and what they hold. */
import { squareUnit } from './units.ts';

export type PixelType = 'uint8' | 'uint16' | 'uint32' | 'float32' | 'float64';

/** Unit of an extension's pixels, told from that of SCI. */
export type UnitRule = 'sci' | 'sci²' | 'none' | 'micron' | 's';

export interface HduRule {
  readonly name: string;
  /** Type we write; on reading every numeric type is accepted. */
  readonly dtype: PixelType | 'bintable' | 'none';
  readonly units: UnitRule;
  /** Names that other software uses for the same thing. */
  readonly aliases: readonly string[];
  readonly comment: string;
}

const rule = (
  name: string,
  dtype: HduRule['dtype'],
  units: UnitRule,
  comment: string,
  aliases: readonly string[] = [],
): HduRule => ({ name, dtype, units, aliases, comment });

/** One row for each extension, in the order in which products hold them. */
export const HDUS: readonly HduRule[] = [
  rule('PRIMARY', 'none', 'none', 'keywords only'),
  rule('SCI', 'float32', 'sci', 'science data', ['DATA']),
  rule('DQ', 'uint32', 'none', 'data quality flags'),
  rule('VAR_POISSON', 'float32', 'sci²', 'variance due to photon noise'),
  rule('VAR_RNOISE', 'float32', 'sci²', 'variance due to read noise'),
  rule('VAR_FLAT', 'float32', 'sci²', 'variance due to the flat'),
  rule('ERR', 'float32', 'sci', 'standard deviation'),
  rule('WMAP', 'float32', 'none', 'weights'),
  rule('COVAR1', 'float32', 'sci²', 'covariance with the next channel'),
  rule('WAVELENGTH', 'float32', 'micron', 'vacuum wavelength'),
  rule('SUBARR_MAP', 'uint16', 'none', 'concurrent subarrays, 0 = none'),
  rule('PIXELDQ', 'uint32', 'none', 'flags of a pixel in all reads'),
  rule('GROUPDQ', 'uint8', 'none', 'flags of a pixel in one read'),
  rule('TIMES', 'float64', 's', 'time of each read'),
  rule('DQ_DEF', 'bintable', 'none', 'names of the DQ bits'),
];

const byName = new Map(HDUS.flatMap((row) => [row.name, ...row.aliases].map((name) => [name, row] as const)));

/** The row of an extension, found by its name or an alias; undefined for extensions that are not ours. */
export const hduRule = (name: string): HduRule | undefined => byName.get(name.toUpperCase());

/** Name by which the contract knows an extension: `DATA` → `SCI`; unknown names come back as they are. */
export const canonicalName = (name: string): string => hduRule(name)?.name ?? name.toUpperCase();

/** All names under which an extension may appear, ours first. */
export function namesOf(name: string): readonly string[] {
  const row = hduRule(name);
  return row ? [row.name, ...row.aliases] : [name.toUpperCase()];
}

/** BUNIT of an extension of a product whose SCI has the given unit; undefined where there is none. */
export function unitOf(name: string, sciUnit: string): string | undefined {
  switch (hduRule(name)?.units) {
    case 'sci':
      return sciUnit;
    case 'sci²':
      return squareUnit(sciUnit);
    case 'micron':
      return 'um';
    case 's':
      return 's';
    default:
      return undefined;
  }
}
