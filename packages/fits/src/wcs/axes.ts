import { WcsError } from './errors.ts';
import type { WcsKeywords } from './keywords.ts';
import { isProjection } from './projections/index.ts';
import { isSpectralAlgorithm, spectralUnit } from './spectrum.ts';

/** What a world axis measures. */
export type AxisKind = 'longitude' | 'latitude' | 'spectral' | 'stokes' | 'time' | 'linear';

/** How a world coordinate comes from the intermediate one. */
export type AxisAlgorithm = 'linear' | 'log' | 'table' | 'celestial' | 'spectral';

export interface AxisType {
  /** CTYPE after translation of outdated codes, without a distortion suffix. */
  readonly ctype: string;
  /** The first half of CTYPE: RA, DEC, WAVE … */
  readonly name: string;
  /** The algorithm code: TAN, F2W … or '' */
  readonly code: string;
  readonly kind: AxisKind;
  readonly algorithm: AxisAlgorithm;
  /** The unit coordinates are given in, where the type fixes it. */
  readonly unit: string | undefined;
}

export interface AxisTypes {
  readonly axes: readonly AxisType[];
  /** The pair with a projection, as indices of world axes. */
  readonly celestial:
    | { readonly longitude: number; readonly latitude: number; readonly code: string }
    | undefined;
  /** The first spectral axis. */
  readonly spectral: number | undefined;
  /** The frame that an AIPS spectral type implies. */
  readonly specsys: string | undefined;
  /** Whether CTYPE of the celestial axes ends in -SIP. */
  readonly sip: boolean;
}

/** Codes that stand for a projection with something added, translated further on. */
const ALIASES = ['TPV', 'NCP', 'GLS'];
/** Known, but their coefficients hide in WATi_m or in pixels. */
const NOT_IMPLEMENTED: Readonly<Record<string, string>> = {
  TNX: 'an IRAF distortion',
  ZPX: 'an IRAF distortion',
  TPU: 'a distortion of pixel coordinates',
  DSS: 'a plate solution',
  XPH: 'the polar HEALPix layout',
};
const TIME = /^(TIME|UTC|TAI|IAT|TT|TDB|TDT|GPS|TCB|TCG|GMT|UT1|UT|ET|LOCAL)$/;

/**
 * Tell the axes apart by CTYPE (Papers I to IV).
 *
 * @throws WcsError CTYPE, UNSUPPORTED
 */
export function axisTypes(keywords: WcsKeywords): AxisTypes {
  const axes: AxisType[] = [];
  let specsys: string | undefined;
  let sip = false;
  for (let i = 0; i < keywords.axes; i++) {
    const raw = keywords.ctype[i] as string;
    const suffix = /^.{8}-(...)$/.exec(raw)?.[1];
    if (suffix !== undefined && suffix !== 'SIP') {
      throw new WcsError(
        'UNSUPPORTED',
        `distortion '${suffix}' of '${raw}' is not implemented`,
        keywords.of('CTYPE', i),
      );
    }
    sip ||= suffix === 'SIP';
    const aips = translateAips(suffix === undefined ? raw : raw.slice(0, 8).replace(/-+$/, ''), keywords);
    specsys ??= aips.specsys;
    axes.push(axisType(aips.ctype, keywords.of('CTYPE', i)));
  }

  const spectral = axes.findIndex((axis) => axis.kind === 'spectral');
  const nonLinear = axes.flatMap((axis, i) => (axis.algorithm === 'spectral' ? [i] : []));
  if (nonLinear.length > 0 && (nonLinear.length > 1 || spectral !== nonLinear[0])) {
    const last = nonLinear.at(-1) as number;
    throw new WcsError(
      'CTYPE',
      'a second spectral axis; at most one may be non-linear',
      keywords.of('CTYPE', last),
    );
  }
  return {
    axes,
    celestial: celestialPair(axes, keywords),
    spectral: spectral < 0 ? undefined : spectral,
    specsys,
    sip,
  };
}

function axisType(ctype: string, keyword: string): AxisType {
  const tail = ctype.slice(4);
  if (tail === '-LOG' || tail === '-TAB') {
    const name = ctype.slice(0, 4).replace(/-+$/, '');
    const algorithm = tail === '-LOG' ? 'log' : 'table';
    return { ctype, name, code: tail.slice(1), algorithm, ...quantity(name, keyword) };
  }
  if (ctype.length !== 8 || ctype[4] !== '-') {
    return { ctype, name: ctype, code: '', algorithm: 'linear', ...quantity(ctype, keyword) };
  }
  const code = ctype.slice(5);
  const type = ctype.slice(0, 4);
  const unit = spectralUnit(type);
  if (unit !== undefined) {
    if (!isSpectralAlgorithm(type, code)) {
      throw new WcsError('CTYPE', `'${ctype}': ${code} is no algorithm for ${type}`, keyword);
    }
    return { ctype, name: type, code, kind: 'spectral', algorithm: 'spectral', unit };
  }
  const missing = Object.hasOwn(NOT_IMPLEMENTED, code) ? NOT_IMPLEMENTED[code] : undefined;
  if (missing !== undefined) {
    throw new WcsError('UNSUPPORTED', `'${ctype}' is ${missing}, which is not implemented`, keyword);
  }
  if (!isProjection(code) && !ALIASES.includes(code)) {
    throw new WcsError('CTYPE', `'${ctype}': ${code} is no known projection or algorithm`, keyword);
  }
  const name = type.replace(/-+$/, '');
  const { kind } = quantity(name, keyword);
  if (kind !== 'longitude' && kind !== 'latitude') {
    throw new WcsError(
      'CTYPE',
      `'${ctype}' has a projection, but ${name} is no longitude or latitude`,
      keyword,
    );
  }
  return { ctype, name, code, kind, algorithm: 'celestial', unit: 'deg' };
}

function quantity(name: string, keyword: string): { kind: AxisKind; unit: string | undefined } {
  if (name === 'STOKES') return { kind: 'stokes', unit: undefined };
  if (/^(RA|.LON|..LN)$/.test(name)) return { kind: 'longitude', unit: 'deg' };
  if (/^(DEC|.LAT|..LT)$/.test(name)) return { kind: 'latitude', unit: 'deg' };
  if (name === 'CUBEFACE')
    throw new WcsError('UNSUPPORTED', 'cube faces on an axis of their own are not implemented', keyword);
  const unit = spectralUnit(name);
  if (unit !== undefined) return { kind: 'spectral', unit };
  return { kind: TIME.test(name) ? 'time' : 'linear', unit: undefined };
}

function celestialPair(axes: readonly AxisType[], keywords: WcsKeywords): AxisTypes['celestial'] {
  const pair = axes.flatMap((axis, i) => (axis.algorithm === 'celestial' ? [i] : []));
  const [first, second] = pair;
  if (first === undefined) return undefined;
  const one = axes[first] as AxisType;
  if (second === undefined || pair.length > 2) {
    const text = `'${one.ctype}' needs one partner: a longitude and a latitude make a pair, found ${pair.length} axes with a projection`;
    throw new WcsError('CTYPE', text, keywords.of('CTYPE', first));
  }
  const two = axes[second] as AxisType;
  if (one.kind === two.kind || one.code !== two.code || system(one.name) !== system(two.name)) {
    throw new WcsError(
      'CTYPE',
      `'${two.ctype}' does not go with '${one.ctype}'`,
      keywords.of('CTYPE', second),
    );
  }
  const [longitude, latitude] = one.kind === 'longitude' ? [first, second] : [second, first];
  return { longitude, latitude, code: one.code };
}

/** What RA and DEC, GLON and GLAT, HPLN and HPLT have in common. */
function system(name: string): string {
  if (name === 'RA' || name === 'DEC') return 'RA';
  return name.replace(/L(ON|AT)$/, '').replace(/L[NT]$/, '');
}

const AIPS_FRAMES: Readonly<Record<string, string>> = {
  '-LSR': 'LSRK',
  '-HEL': 'BARYCENT',
  '-OBS': 'TOPOCENT',
};
const VELREF_FRAMES = ['', 'LSRK', 'BARYCENT', 'TOPOCENT', 'LSRD', 'GEOCENTR', 'SOURCE', 'GALACTOC'];

/** FREQ-LSR, VELO-HEL, FELO-OBS … with VELREF: the convention of AIPS for spectral axes. */
function translateAips(
  ctype: string,
  keywords: WcsKeywords,
): { readonly ctype: string; readonly specsys?: string } {
  const match = /^(FREQ|VELO|FELO)(.*)$/.exec(ctype);
  if (!match) return { ctype };
  const [, type = '', frame = ''] = match;
  if (frame !== '' && !Object.hasOwn(AIPS_FRAMES, frame)) return { ctype };
  const velref = Number(keywords.single.get('VELREF') ?? 0);
  const code = velref % 256;
  if (velref !== 0 && (!Number.isInteger(velref) || code < 1 || code > 7 || velref > 256 + 7)) {
    throw new WcsError('KEYWORD_VALUE', `found ${velref}, expected 1 to 7 or 257 to 263`, 'VELREF');
  }
  const specsys = VELREF_FRAMES[code] || AIPS_FRAMES[frame];
  const result = (translated: string) => ({ ctype: translated, ...(specsys !== undefined && { specsys }) });
  if (type === 'FELO') return result('VOPT-F2W');
  if (type === 'VELO' && specsys !== undefined) return result(velref >= 256 ? 'VRAD' : 'VOPT');
  if (frame === '' && specsys === undefined) return { ctype };
  return result(type);
}
