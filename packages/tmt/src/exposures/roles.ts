import type { TelemetrySnapshot } from '../telemetry/snapshot.ts';
import { telemetryValue } from '../telemetry/snapshot.ts';
import { type ExposureType, parseExposureId } from './exposureid.ts';

export const ROLES = [
  'science',
  'sky',
  'dark',
  'bias',
  'flat',
  'arc',
  'pinhole',
  'lenslet-scan',
  'fibre',
  'dispersion',
  'telluric',
  'flux-standard',
  'psf-star',
  'calibration',
  'engineering',
] as const;
export type Role = (typeof ROLES)[number];

/**
 * Last part of OBSNAME (`IMG1-NFF`, `SLI-IDP`, `*-SKY`). The first group is that of iris_pipeline's design;
 * the second names what it leaves open.
 */
const BY_OBSNAME: Readonly<Record<string, Role>> = {
  SCI: 'science',
  SKY: 'sky',
  DRK: 'dark',
  NFF: 'flat',
  TEL: 'telluric',
  IDP: 'dispersion',
  SPX: 'lenslet-scan',

  MDK: 'dark',
  BIA: 'bias',
  FFD: 'flat',
  ARC: 'arc',
  PIN: 'pinhole',
  FLX: 'flux-standard',
  PSF: 'psf-star',
  LSC: 'lenslet-scan',
  FIB: 'fibre',
};

const BY_TYPE: Readonly<Record<ExposureType, Role>> = {
  SCI: 'science',
  SKY: 'sky',
  CAL: 'calibration',
  ARC: 'arc',
  IDP: 'dispersion',
  DRK: 'dark',
  MDK: 'dark',
  FFD: 'flat',
  NFF: 'flat',
  BIA: 'bias',
  TEL: 'telluric',
  FLX: 'flux-standard',
};

const BY_OBSTYPE: Readonly<Record<string, Role>> = {
  SCI: 'science',
  CAL: 'calibration',
  ENG: 'engineering',
};

/** Event and parameter that tell object from sky while a sequence dithers between them. */
const DITHER_POSITION = 'ESW.TopLevelSequencer.DitherPosition';

export interface RoleEvidence {
  /** Header keyword OBSTYPE: SCI, CAL or ENG. */
  readonly obsType?: string | undefined;
  /** Header keyword OBSNAME, such as IMG1-NFF. */
  readonly obsName?: string | undefined;
  readonly exposureId?: string | undefined;
  /** The id was composed by us: its type says nothing. */
  readonly composedId?: boolean | undefined;
  /** Telemetry at the start of the exposure. */
  readonly telemetry?: TelemetrySnapshot | undefined;
}

/**
 * The part an exposure plays. OBSNAME decides; OBSTYPE alone only between science, calibration and
 * engineering, where a type of the exposure id that says more within the same class is preferred; then the
 * type of the exposure id; then telemetry, which tells sky from object; then it is science.
 *
 * @throws TmtError when the exposure id is malformed
 */
export function roleOf(evidence: RoleEvidence): Role {
  const byName = lookUp(BY_OBSNAME, evidence.obsName?.trim().split('-').at(-1));
  if (byName) return byName;
  const byType =
    evidence.exposureId === undefined || evidence.composedId
      ? undefined
      : BY_TYPE[parseExposureId(evidence.exposureId).type];
  const byObsType = lookUp(BY_OBSTYPE, evidence.obsType);
  if (byObsType === 'science') {
    return byType === 'sky' || (byType === undefined && isSky(evidence.telemetry)) ? 'sky' : 'science';
  }
  if (byObsType === 'calibration') {
    return byType === undefined || byType === 'science' || byType === 'sky' ? 'calibration' : byType;
  }
  if (byObsType) return byObsType;
  return byType ?? (isSky(evidence.telemetry) ? 'sky' : 'science');
}

/** Last part of an OBSNAME that says the role; undefined for roles that have none of their own. */
export const obsNamePart = (role: string): string | undefined =>
  Object.keys(BY_OBSNAME).find((part) => BY_OBSNAME[part] === role);

const isSky = (telemetry: TelemetrySnapshot | undefined): boolean =>
  telemetry !== undefined && telemetryValue(telemetry, DITHER_POSITION, 'currentPositionIsSky') === true;

const lookUp = (table: Readonly<Record<string, Role>>, name: string | undefined): Role | undefined => {
  const key = name?.trim().toUpperCase() ?? '';
  return Object.hasOwn(table, key) ? table[key] : undefined;
};
