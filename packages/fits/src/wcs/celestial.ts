import type { AxisTypes } from './axes.ts';
import { WcsError } from './errors.ts';
import type { WcsKeywords } from './keywords.ts';
import { makeProjection, type Parameters, type Projection } from './projections/index.ts';
import { findRotation, type Rotation, sphere } from './sphere.ts';
import { distortTpv, makeTpv, type Tpv, undistortTpv } from './tpv.ts';
import { cosd, sind } from './trig.ts';

/** The two celestial axes: intermediate world coordinates, degrees, to longitude and latitude. */
export interface Celestial {
  readonly longitude: number;
  readonly latitude: number;
  readonly rotation: Rotation;
  /** A gnomonic projection about the reference point without distortion in the plane. */
  readonly plainTan: boolean;
  /** Arrays are indexed by world axis. */
  toWorld(intermediate: Float64Array, world: Float64Array): void;
  toIntermediate(world: Float64Array, intermediate: Float64Array): void;
}

/** Parameters of the longitude axis beyond these belong to no convention that can be told from the keywords. */
const LONGITUDE_PARAMETERS = 4;
/** Terms of TPV that are powers of r: a header with these is no SCAMP header that also has SIP. */
const RADIAL = [3, 11, 23, 39];

/**
 * @param crval  CRVAL in degrees
 * @param sip    whether a SIP distortion is applied
 * @throws WcsError UNSUPPORTED, PARAMETERS, KEYWORD_VALUE, KEYWORD_MISSING
 */
export function makeCelestial(
  keywords: WcsKeywords,
  { longitude, latitude, code }: NonNullable<AxisTypes['celestial']>,
  crval: readonly number[],
  sip: boolean,
  warnings: string[],
): Celestial {
  const alpha0 = crval[longitude] as number;
  const delta0 = crval[latitude] as number;
  let pvLongitude = keywords.pv.get(longitude) ?? new Map<number, number>();
  let pvLatitude = keywords.pv.get(latitude) ?? keywords.pv.get(-1) ?? new Map<number, number>();
  if (sip && isRedundant(pvLongitude, pvLatitude)) {
    warnings.push('the PV distortion is left out, since it repeats the SIP distortion');
    pvLongitude = new Map();
    pvLatitude = new Map();
  }

  let tpv: Tpv | undefined;
  if (code === 'TPV') {
    tpv = makeTpv(pvLongitude, pvLatitude, (axis, m) =>
      keywords.of('PV', axis === 'longitude' ? longitude : latitude, m),
    );
    pvLongitude = new Map();
    pvLatitude = new Map();
  }
  checkLongitudeParameters(pvLongitude, code, keywords, longitude);

  // CRVAL of the old GLS moves the map, not the sphere; NCP is a SIN whose plane is that of an east-west array.
  let projectionCode = code;
  let fixed = { offset: pvLongitude.get(0) ?? 0, phi0: pvLongitude.get(1), theta0: pvLongitude.get(2) };
  if (code === 'TPV') projectionCode = 'TAN';
  if (code === 'GLS') {
    projectionCode = 'SFL';
    fixed = { offset: 1, phi0: 0, theta0: delta0 };
  }
  if (code === 'NCP') {
    if (delta0 === 0) {
      throw new WcsError(
        'KEYWORD_VALUE',
        'an NCP projection has no reference point on the equator',
        keywords.of('CRVAL', latitude),
      );
    }
    projectionCode = 'SIN';
    pvLatitude = new Map([
      [1, 0],
      [2, cosd(delta0) / sind(delta0)],
    ]);
  }
  const parameters = parametersOf(pvLatitude, (m) => keywords.of('PV', latitude, m), projectionCode);
  const projection = makeProjection(projectionCode, parameters);

  const theta0 = checkTheta0(fixed.theta0 ?? projection.theta0, keywords.of('PV', longitude, 2));
  const phi0 = fixed.phi0 ?? 0;
  const origin = new Float64Array(2);
  // The offset needs both angles to be given; else the projection's own origin stays.
  if (fixed.offset !== 0 && fixed.phi0 !== undefined && fixed.theta0 !== undefined) {
    projection.toPlane(phi0, theta0, origin);
    if (!origin.every(Number.isFinite)) {
      throw new WcsError(
        'PARAMETERS',
        `the projection has no point at (${phi0}, ${theta0})`,
        keywords.of('PV', longitude, 1),
      );
    }
  }
  const lonpole = pvLongitude.get(3) ?? (keywords.single.get('LONPOLE') as number | undefined);
  const rotation = findRotation({
    alpha0,
    delta0,
    phi0,
    theta0,
    lonpole: lonpole === 999 ? undefined : lonpole,
    latpole: pvLongitude.get(4) ?? Number(keywords.single.get('LATPOLE') ?? 90),
    keyword: keywords.of('CRVAL', latitude),
  });
  const plainTan = projectionCode === 'TAN' && !tpv && origin[0] === 0 && origin[1] === 0;
  return {
    longitude,
    latitude,
    rotation,
    plainTan,
    ...steps(longitude, latitude, projection, rotation, origin, tpv),
  };
}

function steps(
  longitude: number,
  latitude: number,
  projection: Projection,
  rotation: Rotation,
  origin: Float64Array,
  tpv: Tpv | undefined,
): Pick<Celestial, 'toWorld' | 'toIntermediate'> {
  const { toCelestial, toNative } = sphere(rotation);
  const x0 = origin[0] as number;
  const y0 = origin[1] as number;
  const pair = new Float64Array(2);
  return {
    toWorld(intermediate, world) {
      let x = intermediate[longitude] as number;
      let y = intermediate[latitude] as number;
      if (tpv) [x, y] = distortTpv(tpv, x, y);
      projection.toNative(x + x0, y + y0, pair);
      toCelestial(pair[0] as number, pair[1] as number, pair);
      world[longitude] = pair[0] as number;
      world[latitude] = pair[1] as number;
    },
    toIntermediate(world, intermediate) {
      toNative(world[longitude] as number, world[latitude] as number, pair);
      projection.toPlane(pair[0] as number, pair[1] as number, pair);
      let x = (pair[0] as number) - x0;
      let y = (pair[1] as number) - y0;
      if (tpv) [x, y] = undistortTpv(tpv, x, y);
      intermediate[longitude] = x;
      intermediate[latitude] = y;
    },
  };
}

/** PTF and others write SCAMP's PV beside the SIP made from it; no radial term survives that. */
function isRedundant(...axes: readonly ReadonlyMap<number, number>[]): boolean {
  return (
    axes.every((pv) => !RADIAL.some((m) => pv.has(m) && [...pv.keys()].some((other) => other > m))) &&
    axes.some((pv) => pv.size > 0)
  );
}

function checkLongitudeParameters(
  pv: ReadonlyMap<number, number>,
  code: string,
  { of }: WcsKeywords,
  longitude: number,
): void {
  for (const m of pv.keys()) {
    if (m <= LONGITUDE_PARAMETERS) continue;
    const text =
      code === 'TAN'
        ? 'distortion parameters need CTYPE TPV; with TAN, as SCAMP used to write, they have no defined meaning'
        : `the longitude axis has parameters 0 to ${LONGITUDE_PARAMETERS}`;
    throw new WcsError('UNSUPPORTED', text, of('PV', longitude, m));
  }
}

function checkTheta0(theta0: number, keyword: string): number {
  if (Math.abs(theta0) <= 90 + 1e-10) return Math.max(-90, Math.min(90, theta0));
  throw new WcsError('KEYWORD_VALUE', `found ${theta0}, expected a latitude`, keyword);
}

function parametersOf(
  pv: ReadonlyMap<number, number>,
  keyword: (m: number) => string,
  code: string,
): Parameters {
  return {
    get: (m, missing) => pv.get(m) ?? missing,
    need(m) {
      const value = pv.get(m);
      if (value === undefined)
        throw new WcsError('KEYWORD_MISSING', `${code} means nothing without it`, keyword(m));
      return value;
    },
    highest: Math.max(-1, ...[...pv].filter(([m, value]) => m < 30 && value !== 0).map(([m]) => m)),
    refuse(m, expected): never {
      throw new WcsError(
        'PARAMETERS',
        `found ${pv.get(m) ?? 'nothing'}, expected ${expected} for ${code}`,
        keyword(m),
      );
    },
  };
}
