import { WcsError } from './errors.ts';

/** What a unit measures: exponents of m, kg, s, deg and C, and how many of them make one of it. */
interface Unit {
  readonly scale: number;
  readonly dimension: readonly number[];
}

const NONE = [0, 0, 0, 0, 0];
const METRE = [1, 0, 0, 0, 0];
const KILOGRAM = [0, 1, 0, 0, 0];
const SECOND = [0, 0, 1, 0, 0];
const DEGREE = [0, 0, 0, 1, 0];
const HERTZ = [0, 0, -1, 0, 0];
const JOULE = [2, 1, -2, 0, 0];
const EV = 1.6021765e-19;
const YEAR = 31557600;

/** Units that coordinates come in (FITS Paper I), with the constants that wcslib uses. `prefix`: metric prefixes allowed. */
const UNITS: Readonly<Record<string, Unit & { readonly prefix?: boolean }>> = {
  m: { scale: 1, dimension: METRE, prefix: true },
  g: { scale: 1e-3, dimension: KILOGRAM, prefix: true },
  s: { scale: 1, dimension: SECOND, prefix: true },
  rad: { scale: 180 / Math.PI, dimension: DEGREE, prefix: true },
  Hz: { scale: 1, dimension: HERTZ, prefix: true },
  J: { scale: 1, dimension: JOULE, prefix: true },
  N: { scale: 1, dimension: [1, 1, -2, 0, 0], prefix: true },
  W: { scale: 1, dimension: [2, 1, -3, 0, 0], prefix: true },
  Pa: { scale: 1, dimension: [-1, 1, -2, 0, 0], prefix: true },
  eV: { scale: EV, dimension: JOULE, prefix: true },
  a: { scale: YEAR, dimension: SECOND, prefix: true },
  yr: { scale: YEAR, dimension: SECOND, prefix: true },
  pc: { scale: 3.0857e16, dimension: METRE, prefix: true },
  deg: { scale: 1, dimension: DEGREE },
  arcmin: { scale: 1 / 60, dimension: DEGREE },
  arcsec: { scale: 1 / 3600, dimension: DEGREE },
  mas: { scale: 1 / 3600e3, dimension: DEGREE },
  turn: { scale: 360, dimension: DEGREE },
  min: { scale: 60, dimension: SECOND },
  h: { scale: 3600, dimension: SECOND },
  d: { scale: 86400, dimension: SECOND },
  cy: { scale: 100 * YEAR, dimension: SECOND },
  erg: { scale: 1e-7, dimension: JOULE },
  Ry: { scale: 13.605692 * EV, dimension: JOULE },
  Angstrom: { scale: 1e-10, dimension: METRE },
  angstrom: { scale: 1e-10, dimension: METRE },
  AU: { scale: 1.49598e11, dimension: METRE },
  lyr: { scale: 2.99792458e8 * YEAR, dimension: METRE },
  solRad: { scale: 6.9599e8, dimension: METRE },
};

const PREFIXES: Readonly<Record<string, number>> = {
  d: 1e-1,
  c: 1e-2,
  m: 1e-3,
  u: 1e-6,
  n: 1e-9,
  p: 1e-12,
  f: 1e-15,
  a: 1e-18,
  z: 1e-21,
  y: 1e-24,
  da: 1e1,
  h: 1e2,
  k: 1e3,
  M: 1e6,
  G: 1e9,
  T: 1e12,
  P: 1e15,
  E: 1e18,
  Z: 1e21,
  Y: 1e24,
};

/** Spellings found in the wild that have one meaning only. */
const ALIASES: readonly (readonly [RegExp, string])[] = [
  [/^(angstroms?|Angstroms)$/, 'Angstrom'],
  [/^(arcmins|ARCMINS?)$/, 'arcmin'],
  [/^(arcsecs|ARCSECS?)$/, 'arcsec'],
  [/^(days?|DAYS?)$/, 'd'],
  [/^(degrees?|Deg|Degrees?|DEG|DEGREES?)$/, 'deg'],
  [/^(hr|HR)$/, 'h'],
  [/^(hz|HZ)$/, 'Hz'],
  [/^KHZ$/, 'kHz'],
  [/^MHZ$/, 'MHz'],
  [/^GHZ$/, 'GHz'],
  [/^KM$/, 'km'],
  [/^(metres?|meters?|M|METRES?|METERS?)$/, 'm'],
  [/^MIN$/, 'min'],
  [/^(radians?|RAD|RADIANS?)$/, 'rad'],
  [/^(sec|seconds?|SEC|SECONDS?)$/, 's'],
  [/^(years?|YR|YEARS?)$/, 'yr'],
];

/**
 * How many `wanted` one `unit` is: `unitScale('nm', 'm')` is 1e-9.
 *
 * @param unit     a FITS unit: `km/s`, `m.s-1`, `m s**-1`, `10**3 Hz`, `1/m` …
 * @param keyword  where it stands, for the error
 * @throws WcsError UNIT if it is no unit of coordinates, or one of another quantity
 */
export function unitScale(unit: string, wanted: string, keyword: string): number {
  const have = parseUnit(unit);
  const want = parseUnit(wanted);
  if (!have || !want) {
    throw new WcsError(
      'UNIT',
      `found '${unit}', which is no unit of coordinates; expected ${name(wanted)}`,
      keyword,
    );
  }
  if (have.dimension.some((power, i) => power !== want.dimension[i])) {
    throw new WcsError(
      'UNIT',
      `found '${unit}', expected ${name(wanted)} or a unit of the same quantity`,
      keyword,
    );
  }
  return have.scale / want.scale;
}

function name(unit: string): string {
  return unit === '' ? 'no unit' : `'${unit}'`;
}

/** unit := [10^n] term { (' ' | '.' | '*' | '/') term }, term := name [['**' | '^'] exponent] */
function parseUnit(text: string): Unit | undefined {
  let rest = text
    .trim()
    .replace(/^\[(.*)\]$/, '$1')
    .trim();
  let scale = 1;
  const dimension = [...NONE];
  const power10 = /^10(?:\*\*|\^)?\(?([+-]?\d{1,2})\)?\s*[.*]?\s*/.exec(rest);
  if (power10) {
    scale = 10 ** Number(power10[1]);
    rest = rest.slice(power10[0].length);
  }
  rest = rest.replace(/^1\s*\//, '/');
  for (let first = true; rest !== ''; first = false) {
    const joint = /^\s*([./*]|\s)\s*/.exec(rest);
    if (first ? joint && joint[1] !== '/' : !joint) return undefined;
    const sign = joint?.[1] === '/' ? -1 : 1;
    rest = rest.slice(joint?.[0].length ?? 0);
    const term = /^([A-Za-z]+)(?:\s*(?:\*\*|\^)\s*)?(\(\s*[+-]?[\d./]+\s*\)|[+-]?\d+)?/.exec(rest);
    const unit = term && lookUp(term[1] as string);
    const power = sign * exponent(term?.[2] ?? '1');
    if (!term || !unit || !Number.isFinite(power)) return undefined;
    scale *= unit.scale ** power;
    unit.dimension.forEach((d, i) => {
      dimension[i] = (dimension[i] as number) + d * power;
    });
    rest = rest.slice(term[0].length);
  }
  return { scale, dimension };
}

function exponent(text: string): number {
  const [numerator, denominator = '1', more] = text.replace(/[()\s]/g, '').split('/');
  return more === undefined ? Number(numerator) / Number(denominator) : Number.NaN;
}

function lookUp(spelling: string): Unit | undefined {
  const symbol = ALIASES.find(([alias]) => alias.test(spelling))?.[1] ?? spelling;
  if (Object.hasOwn(UNITS, symbol)) return UNITS[symbol];
  for (const length of [2, 1]) {
    const prefix = symbol.slice(0, length);
    const base = symbol.slice(length);
    if (!Object.hasOwn(PREFIXES, prefix) || !Object.hasOwn(UNITS, base)) continue;
    const unit = UNITS[base] as Unit & { readonly prefix?: boolean };
    if (unit.prefix) return { ...unit, scale: (PREFIXES[prefix] as number) * unit.scale };
  }
  return undefined;
}
