import { WcsError } from './errors.ts';
import { asind, atand, cosd, sind, tand } from './trig.ts';

/** m/s */
const C = 299792458;
/** J s, the value wcslib uses, so that energies agree. */
const H = 6.6260755e-34;

/** The basic spectral variables: frequency (Hz), vacuum wavelength (m), air wavelength (m), apparent radial velocity (m/s). */
type Basic = 'F' | 'W' | 'A' | 'V';

/** A spectral type (Paper III table 1): its unit and the basic variable P it is linear in, S = P(S)⁻¹. */
interface SpectralType {
  readonly unit: string;
  readonly basic: Basic;
  /** Whether the rest frequency or wavelength enters between S and P. */
  readonly rest: boolean;
  toBasic(s: number, rest: Rest): number;
  fromBasic(p: number, rest: Rest): number;
  /** dP/dS, a constant */
  slope(rest: Rest): number;
}

interface Rest {
  readonly frequency: number;
  readonly wavelength: number;
}

function proportional(basic: Basic, unit: string, factor: number): SpectralType {
  return {
    unit,
    basic,
    rest: false,
    toBasic: (s) => s * factor,
    fromBasic: (p) => p / factor,
    slope: () => factor,
  };
}

const TYPES: Readonly<Record<string, SpectralType>> = {
  FREQ: proportional('F', 'Hz', 1),
  AFRQ: proportional('F', 'rad/s', 1 / (2 * Math.PI)),
  ENER: proportional('F', 'J', 1 / H),
  WAVN: proportional('F', '/m', C),
  WAVE: proportional('W', 'm', 1),
  AWAV: proportional('A', 'm', 1),
  VELO: proportional('V', 'm/s', 1),
  BETA: proportional('V', '', C),
  VRAD: {
    unit: 'm/s',
    basic: 'F',
    rest: true,
    toBasic: (s, rest) => rest.frequency * (1 - s / C),
    fromBasic: (p, rest) => C * (1 - p / rest.frequency),
    slope: (rest) => -rest.frequency / C,
  },
  VOPT: {
    unit: 'm/s',
    basic: 'W',
    rest: true,
    toBasic: (s, rest) => rest.wavelength * (1 + s / C),
    fromBasic: (p, rest) => C * (p / rest.wavelength - 1),
    slope: (rest) => rest.wavelength / C,
  },
  ZOPT: {
    unit: '',
    basic: 'W',
    rest: true,
    toBasic: (s, rest) => rest.wavelength * (1 + s),
    fromBasic: (p, rest) => p / rest.wavelength - 1,
    slope: (rest) => rest.wavelength,
  },
};

/** The unit in which a spectral type is given, undefined if it is none: `spectralUnit('WAVE')` is m. */
export function spectralUnit(type: string): string | undefined {
  return Object.hasOwn(TYPES, type) ? TYPES[type]?.unit : undefined;
}

/** Whether `code` is a non-linear algorithm for this type: X2P (F2W, A2F, …), GRI, GRA. */
export function isSpectralAlgorithm(type: string, code: string): boolean {
  const basic = Object.hasOwn(TYPES, type) ? TYPES[type]?.basic : undefined;
  if (basic === undefined) return false;
  return code === 'GRI' || code === 'GRA' || (/^[FWAV]2[FWAV]$/.test(code) && code[2] === basic);
}

/** Index of refraction of air at a wavelength in air, and d(vacuum)/d(air) of the wavelengths (Paper III §4.2, IUGG 1999). */
function air(wavelengthInAir: number): { n: number; slope: number } {
  const s = 1 / (wavelengthInAir * wavelengthInAir);
  const t = 0.41e14 - s;
  const u = 1.46e14 - s;
  const n = 1.000064328 + (2.554e8 / t + 294.981e8 / u);
  return { n, slope: n - 2 * s * (2.554e8 / (t * t) + 294.981e8 / (u * u)) };
}

function toAir(vacuum: number): number {
  let n = 1;
  for (let k = 0; k < 4; k++) n = air(vacuum / n).n;
  return vacuum / n;
}

/** A basic variable as vacuum wavelength. */
function toWave(kind: Basic, value: number, rest: Rest): number {
  if (kind === 'W') return value;
  if (kind === 'F') return C / value;
  if (kind === 'A') return value * air(value).n;
  return rest.wavelength * ((C + value) / Math.sqrt(C * C - value * value));
}

function fromWave(kind: Basic, wave: number, rest: Rest): number {
  if (kind === 'W') return wave;
  if (kind === 'F') return C / wave;
  if (kind === 'A') return toAir(wave);
  const w2 = wave * wave;
  const r2 = rest.wavelength * rest.wavelength;
  return (C * (w2 - r2)) / (w2 + r2);
}

/** From one basic variable to another; between frequency and velocity without the detour, as wcslib does. */
function convert(from: Basic, to: Basic, value: number, rest: Rest): number {
  if (from === to) return value;
  if (from === 'F' && to === 'V') {
    const r2 = rest.frequency * rest.frequency;
    const f2 = value * value;
    return (C * (r2 - f2)) / (r2 + f2);
  }
  if (from === 'V' && to === 'F') return rest.frequency * Math.sqrt((C - value) / (C + value));
  return fromWave(to, toWave(from, value, rest), rest);
}

/** d(vacuum wavelength)/d(basic variable) where that has this value. */
function waveSlope(kind: Basic, value: number, rest: Rest): number {
  if (kind === 'W') return 1;
  if (kind === 'F') return -C / (value * value);
  if (kind === 'A') return air(value).slope;
  const beta = value / C;
  return rest.wavelength / (Math.sqrt(1 - beta * beta) * (C - value));
}

export interface SpectralKeywords {
  readonly type: string;
  readonly code: string;
  readonly crval: number;
  readonly restfrq: number;
  readonly restwav: number;
  /** PVi_m of the axis: grism parameters */
  readonly pv: ReadonlyMap<number, number>;
  /** The names of keywords, for errors. */
  readonly ctypeKeyword: string;
  readonly crvalKeyword: string;
}

/** Intermediate world coordinate to spectral coordinate and back, NaN where there is none. */
export interface Spectrum {
  toWorld(x: number): number;
  toIntermediate(world: number): number;
}

/**
 * A spectral axis that is linear in another variable than its own (Paper III §3, §5): S ← P ← X ← x, where
 * X = X(CRVAL) + x · dX/dS, or a grism.
 *
 * @throws WcsError KEYWORD_MISSING (rest frequency or wavelength), KEYWORD_VALUE
 */
export function makeSpectrum(keywords: SpectralKeywords): Spectrum {
  const { type: name, code, crval, ctypeKeyword, crvalKeyword } = keywords;
  const type = TYPES[name] as SpectralType;
  const grism = code.startsWith('GR');
  const p = type.basic;
  const x = (grism ? (code === 'GRI' ? 'W' : 'A') : code[0]) as Basic;
  const rest = findRest(keywords, type.rest, (p === 'V') !== (x === 'V'));

  const start = type.toBasic(crval, rest);
  const xr = convert(p, x, start, rest);
  const dxdp = waveSlope(p, start, rest) / waveSlope(x, xr, rest);
  const dxds = dxdp * type.slope(rest);
  if (!Number.isFinite(xr) || !Number.isFinite(dxds) || dxds === 0) {
    throw new WcsError(
      'KEYWORD_VALUE',
      `${crval} is no reference value for ${name}-${code} (${ctypeKeyword})`,
      crvalKeyword,
    );
  }
  const spectrum: Spectrum = {
    toWorld: (w) => type.fromBasic(convert(x, p, w, rest), rest),
    toIntermediate: (world) => convert(p, x, type.toBasic(world, rest), rest),
  };
  if (grism) return grismSpectrum(spectrum, xr, dxds, keywords.pv);
  return {
    toWorld: (w) => finite(spectrum.toWorld(xr + w * dxds)),
    toIntermediate: (world) => finite((spectrum.toIntermediate(world) - xr) / dxds),
  };
}

function finite(value: number): number {
  return Number.isFinite(value) ? value : Number.NaN;
}

function findRest(
  { restfrq, restwav, type, ctypeKeyword }: SpectralKeywords,
  between: boolean,
  across: boolean,
): Rest {
  if (restfrq !== 0) return { frequency: restfrq, wavelength: C / restfrq };
  if (restwav !== 0) return { frequency: C / restwav, wavelength: restwav };
  if (!between && !across) return { frequency: C, wavelength: 1 };
  throw new WcsError(
    'KEYWORD_MISSING',
    `the axis ${ctypeKeyword} of type ${type} needs the rest frequency or the rest wavelength (RESTWAV)`,
    'RESTFRQ',
  );
}

/**
 * Grisms, prisms and gratings (Paper III §5): PV_0 grooves per metre G, PV_1 order m, PV_2 angle of incidence α,
 * PV_3 index of refraction n_r, PV_4 its derivative, PV_5 ε, PV_6 θ; degrees.
 */
function grismSpectrum(
  spectrum: Spectrum,
  wave: number,
  slope: number,
  pv: ReadonlyMap<number, number>,
): Spectrum {
  const get = (m: number, missing = 0) => pv.get(m) ?? missing;
  const sinAlpha = sind(get(2));
  const theta = get(6);
  const gm = (get(0) * get(1)) / cosd(get(5));
  const beta = asind(gm * wave - get(3, 1) * sinAlpha);
  const t = gm - get(4) * sinAlpha;
  const cosTheta = cosd(theta);
  const rate = (slope * t) / (cosd(beta) * cosTheta * cosTheta);
  const offset = -tand(theta);
  const angle = beta + theta;
  const incidence = (get(3, 1) - get(4) * wave) * sinAlpha;
  return {
    toWorld(w) {
      const diffraction = atand(offset + w * rate) + angle;
      return finite(spectrum.toWorld((sind(diffraction) + incidence) / t));
    },
    toIntermediate(world) {
      const s = spectrum.toIntermediate(world) * t - incidence;
      if (!(Math.abs(s) <= 1)) return Number.NaN;
      return finite((tand(asind(s) - angle) - offset) / rate);
    },
  };
}
