import type { Header } from '../header.ts';
import type { FitsValue } from '../value.ts';
import { WcsError } from './errors.ts';

/** The keywords of one coordinate description as they stand; arrays are indexed by axis, 0-based, matrices by `row * axes + column`. */
export interface WcsKeywords {
  /** '' or 'A'..'Z' */
  readonly alternate: string;
  readonly axes: number;
  readonly ctype: readonly string[];
  readonly cunit: readonly string[];
  readonly cname: readonly string[];
  readonly crpix: readonly number[];
  readonly crval: readonly number[];
  readonly cdelt: readonly number[];
  readonly crota: readonly number[] | undefined;
  readonly pc: readonly number[] | undefined;
  readonly cd: readonly number[] | undefined;
  /** PVi_m, keyed by axis (0-based), then m. */
  readonly pv: ReadonlyMap<number, ReadonlyMap<number, number>>;
  readonly ps: ReadonlyMap<number, ReadonlyMap<number, string>>;
  /** The keywords without indices, by their standard name without the alternate: LONPOLE, RESTFRQ, RADESYS … */
  readonly single: ReadonlyMap<string, number | string>;
  /** The name of an indexed keyword with its alternate, for errors: `of('CTYPE', 0)` is CTYPE1A. */
  of(root: string, axis: number, other?: number): string;
}

const MAX_AXES = 32;

const NUMBERS = ['CRPIX', 'CRVAL', 'CDELT', 'CROTA'] as const;
const STRINGS = ['CTYPE', 'CUNIT', 'CNAME'] as const;
/** Errors and periods of axes: they change no coordinate but count as description. */
const UNUSED = ['CRDER', 'CSYER', 'CZPHS', 'CPERI'] as const;
const INDEXED = new RegExp(`^(${[...NUMBERS, ...STRINGS, ...UNUSED].join('|')})([1-9]\\d?)([A-Z]?)$`);
const MATRIX = /^(PC|CD)0*([1-9]\d?)_0*([1-9]\d?)([A-Z]?)$/;
/** PC001002, CD001002: before the standard was settled. */
const OLD_MATRIX = /^(PC|CD)0(\d\d)0(\d\d)$/;
const PARAMETER = /^(PV|PS)0*([1-9]\d?)_0*(\d{1,2})([A-Z]?)$/;
const OLD_PARAMETER = /^PROJP(\d)$/;

const SINGLE_NUMBERS = [
  'WCSAXES',
  'LONPOLE',
  'LATPOLE',
  'RESTFRQ',
  'RESTWAV',
  'EQUINOX',
  'VELREF',
  'VELOSYS',
  'ZSOURCE',
] as const;
const SINGLE_STRINGS = ['WCSNAME', 'RADESYS', 'SPECSYS', 'SSYSOBS', 'SSYSSRC'] as const;
const SINGLE = new RegExp(`^(${[...SINGLE_NUMBERS, ...SINGLE_STRINGS].join('|')})([A-Z]?)$`);
/** Spellings that have gone out of use, and what they are called now. */
const RENAMED: Readonly<Record<string, string>> = {
  RESTFREQ: 'RESTFRQ',
  RADECSYS: 'RADESYS',
  EPOCH: 'EQUINOX',
};

/**
 * Distortions and plate solutions that would change the coordinates if they were applied.
 * Refusing them is the only right answer for a reader that does not apply them.
 */
const REFUSED: readonly {
  readonly keyword: RegExp;
  readonly value?: RegExp;
  /** Whether it replaces the primary description only. */
  readonly primary?: boolean;
  readonly what: string;
}[] = [
  { keyword: /^C[PQ]DIS\d+([A-Z]?)$/, what: 'a distortion of the distortion paper' },
  { keyword: /^(?:D2IMDIS\d+|AXISCORR)()$/, what: 'the detector to image correction by lookup table' },
  { keyword: /^(?:PLTRAH|AMDX1)()$/, primary: true, what: 'a plate solution of the Digitized Sky Survey' },
  // `wtype=tan` only repeats what CTYPE says.
  {
    keyword: /^WAT[12]_\d{3}()$/,
    value: /wtype=(tnx|zpx)/i,
    primary: true,
    what: 'a plate solution of IRAF',
  },
];

/**
 * Gather the keywords of one coordinate description. Of duplicates the last one counts, as in wcslib.
 *
 * @throws WcsError NO_WCS, KEYWORD_VALUE, UNSUPPORTED
 */
export function readKeywords(header: Header, alternate: string): WcsKeywords {
  if (!/^[A-Z]?$/.test(alternate)) {
    throw new WcsError('ARGUMENT', `alternate '${alternate}' is neither '' nor a letter from A to Z`);
  }
  const indexed = new Map<string, number | string>();
  const matrices = { PC: new Map<string, number>(), CD: new Map<string, number>() };
  const pv = new Map<number, Map<number, number>>();
  const ps = new Map<number, Map<number, string>>();
  const single = new Map<string, number | string>();
  let axes = 0;
  let found = false;
  const meet = (...numbers: number[]) => {
    found = true;
    axes = Math.max(axes, ...numbers);
  };

  for (const { keyword, value, problem } of header.cards) {
    // Keywords of other purpose must cost nothing: headers have thousands.
    const card: Entry = { keyword, value, problem };
    const primary = alternate === '';
    if (keyword === 'NAXIS') {
      axes = Math.max(axes, naxisOf(card));
      continue;
    }
    let match = INDEXED.exec(keyword);
    if (match) {
      const [, root = '', axis, code] = match;
      if (code !== alternate || (root === 'CROTA' && !primary)) continue;
      meet(Number(axis));
      if (!isOneOf(UNUSED, root))
        indexed.set(root + axis, isOneOf(NUMBERS, root) ? number(card) : string(card));
      continue;
    }
    match = MATRIX.exec(keyword) ?? (primary ? OLD_MATRIX.exec(keyword) : null);
    if (match) {
      const [, root = '', row, column, code = ''] = match;
      if (code !== alternate || Number(row) === 0 || Number(column) === 0) continue;
      meet(Number(row), Number(column));
      matrices[root as 'PC' | 'CD'].set(`${Number(row) - 1} ${Number(column) - 1}`, number(card));
      continue;
    }
    match = PARAMETER.exec(keyword);
    if (match) {
      const [, root, axis, m, code] = match;
      if (code !== alternate) continue;
      meet(Number(axis));
      if (root === 'PV') put(pv, Number(axis) - 1, Number(m), number(card));
      else put(ps, Number(axis) - 1, Number(m), string(card));
      continue;
    }
    match = primary ? OLD_PARAMETER.exec(keyword) : null;
    if (match) {
      // They belong to the latitude axis, which is not known yet.
      put(pv, -1, Number(match[1]), number(card));
      continue;
    }
    match = SINGLE.exec((primary && RENAMED[keyword]) || keyword);
    if (match) {
      const [, root = '', code] = match;
      if (code !== alternate) continue;
      if (root === 'WCSAXES') meet(integer(card, 0, MAX_AXES));
      // The old spelling does not override the new one.
      if (match[0] !== keyword && single.has(root)) continue;
      single.set(root, isOneOf(SINGLE_STRINGS, root) ? string(card) : number(card));
    }
  }

  refuseDistortions(header, alternate);
  if (axes > MAX_AXES) {
    throw new WcsError('KEYWORD_VALUE', `found ${axes} axes, expected at most ${MAX_AXES}`, 'NAXIS');
  }
  if (axes === 0 || (alternate !== '' && !found)) {
    const which = alternate === '' ? '' : ` under the alternate ${alternate}`;
    throw new WcsError('NO_WCS', `the header describes no coordinates of an image${which}`);
  }
  if (!found && header.cards.some(({ keyword }) => /^TC(TYP|RVL|RPX|DLT|UNI)\d+[A-Z]?$/.test(keyword))) {
    throw new WcsError(
      'UNSUPPORTED',
      'coordinates of table columns (pixel lists) are not supported',
      'TCTYPn',
    );
  }

  const perAxis = <T extends number | string>(root: string, missing: T) =>
    Array.from({ length: axes }, (_, i) => (indexed.get(`${root}${i + 1}`) as T | undefined) ?? missing);
  const matrix = (root: 'PC' | 'CD') => {
    if (matrices[root].size === 0) return undefined;
    const unit = root === 'PC' ? 1 : 0;
    const cells = Array.from({ length: axes * axes }, (_, k): number => (k % (axes + 1) === 0 ? unit : 0));
    for (const [key, value] of matrices[root]) {
      const [row = 0, column = 0] = key.split(' ').map(Number);
      cells[row * axes + column] = value;
    }
    return cells;
  };
  const rotated = [...indexed.keys()].some((key) => key.startsWith('CROTA'));
  return {
    alternate,
    axes,
    ctype: perAxis('CTYPE', ''),
    cunit: perAxis('CUNIT', ''),
    cname: perAxis('CNAME', ''),
    crpix: perAxis('CRPIX', 0),
    crval: perAxis('CRVAL', 0),
    cdelt: perAxis('CDELT', 1),
    crota: rotated ? perAxis('CROTA', 0) : undefined,
    pc: matrix('PC'),
    cd: matrix('CD'),
    pv,
    ps,
    single,
    of: (root, axis, other) => `${root}${axis + 1}${other === undefined ? '' : `_${other}`}${alternate}`,
  };
}

/** The codes of all descriptions in a header, '' first: those that have a CTYPE, CRVAL, CRPIX, CDELT, CD or PC. */
export function wcsAlternates(header: Header): string[] {
  const codes = new Set<string>();
  for (const { keyword } of header.cards) {
    const match = /^(?:CTYPE|CRVAL|CRPIX|CDELT)[1-9]\d?([A-Z]?)$/.exec(keyword) ?? MATRIX.exec(keyword);
    if (match) codes.add(match.at(-1) as string);
  }
  return [...codes].sort();
}

interface Entry {
  readonly keyword: string;
  readonly value: FitsValue | undefined;
  readonly problem: string | undefined;
}

function number(card: Entry): number {
  const value = typeof card.value === 'bigint' ? Number(card.value) : card.value;
  if (typeof value === 'number') return value;
  return refuse(card, 'a number');
}

function string(card: Entry): string {
  return typeof card.value === 'string' ? card.value.trim() : refuse(card, 'a string');
}

function integer(card: Entry, low: number, high: number): number {
  const value = number(card);
  if (Number.isInteger(value) && value >= low && value <= high) return value;
  return refuse(card, `an integer from ${low} to ${high}`);
}

function naxisOf(card: Entry): number {
  return integer(card, 0, 999);
}

function refuse(card: Entry, expected: string): never {
  const { value, problem, keyword } = card;
  const shown = typeof value === 'string' ? JSON.stringify(value) : String(value ?? 'no value');
  const found = problem ?? `found ${shown}`;
  throw new WcsError('KEYWORD_VALUE', `${found}, expected ${expected}`, keyword);
}

function refuseDistortions(header: Header, alternate: string): void {
  for (const { keyword, value } of header.cards) {
    for (const refused of REFUSED) {
      // What corrects pixel coordinates concerns alternates too; they have a letter of their own at most.
      const letter = refused.keyword.exec(keyword)?.[1];
      if (letter === undefined || (letter !== '' && letter !== alternate)) continue;
      if (refused.primary && alternate !== '') continue;
      if (refused.value && !refused.value.test(String(value))) continue;
      throw new WcsError(
        'UNSUPPORTED',
        `the coordinates need ${refused.what}, which is not implemented`,
        keyword,
      );
    }
  }
}

function put<T>(map: Map<number, Map<number, T>>, axis: number, m: number, value: T): void {
  const inner = map.get(axis) ?? new Map<number, T>();
  inner.set(m, value);
  map.set(axis, inner);
}

function isOneOf(list: readonly string[], text: string): boolean {
  return list.includes(text);
}
