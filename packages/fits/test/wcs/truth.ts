import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Header, type HeaderEntry, parseWcs, type Wcs } from '../../src/index.ts';
import { astropy } from '../oracle.ts';

type Point = readonly (number | null)[];

/** What astropy.wcs makes of one coordinate description; see truth.py. */
export interface Truth {
  readonly name: string;
  readonly key: string;
  /** Header cards of 80 columns. */
  readonly header: string;
  readonly error?: string;
  readonly axes: number;
  readonly sip: boolean;
  /** World axes of longitude and latitude, or -1. */
  readonly lng: number;
  readonly lat: number;
  readonly units: readonly string[];
  readonly radesys: string;
  readonly equinox: number | null;
  readonly specsys: string;
  readonly pixel: readonly (readonly number[])[];
  readonly world: readonly Point[];
  /** Pixel coordinates of `world` by wcslib; null with SIP, which wcslib's inverse leaves out. */
  readonly back: readonly Point[] | null;
  readonly sky?: readonly (readonly number[])[];
  readonly skyPixel?: readonly Point[];
}

export interface HeaderSpec {
  readonly name: string;
  readonly cards: readonly HeaderEntry[];
  readonly key?: string;
  readonly count?: number;
}

const SCRIPT = join(import.meta.dirname, 'truth.py');

/** The truth about every description in these files, undefined without astropy. */
export function truthOfFiles(paths: readonly string[]): Truth[] | undefined {
  const json = astropy(SCRIPT, paths);
  return json === undefined ? undefined : JSON.parse(json);
}

export function truthOfHeaders(specs: readonly HeaderSpec[], directory: string): Truth[] | undefined {
  const file = join(directory, 'headers.json');
  writeFileSync(file, JSON.stringify(specs));
  const json = astropy(SCRIPT, ['--headers', file]);
  return json === undefined ? undefined : JSON.parse(json);
}

/** Files that `truth.py --tables` makes, and the truth about them. */
export function truthOfTables(directory: string): Truth[] | undefined {
  const json = astropy(SCRIPT, ['--tables', directory]);
  return json === undefined ? undefined : JSON.parse(json);
}

export function parseTruth({ header, key }: Truth): Wcs {
  return parseWcs(Header.parse(headerBytes(header)), { alternate: key });
}

function headerBytes(cards: string): Uint8Array {
  const whole = cards.replace(/\s*END\s*$/, '');
  const body = whole.padEnd(Math.ceil(whole.length / 80) * 80);
  return Buffer.from(`${body}${'END'.padEnd(80)}`, 'latin1');
}

/** How far our coordinates are from wcslib's, at worst. */
export interface Differences {
  /** On the sky, milliarcseconds. */
  sky: number;
  /** On other axes, in units of the tolerance of the axis. */
  other: number;
  /** Points that have a solution here or there only. */
  solutions: number;
  /** World to pixel, compared with wcslib, pixels beyond what a rounded world coordinate leaves. */
  inverse: number;
  inverseSolutions: number;
  /** Pixel to world to pixel, where wcslib comes back too; likewise. */
  roundTrip: number;
}

const MAS = 3600e3;
const C = 299792458;
/** Rounding of an angle up to 360°, in degrees. */
const ULP = 2 ** -44;

export function compare(wcs: Wcs, truth: Truth): Differences {
  const worst: Differences = {
    sky: 0,
    other: 0,
    solutions: 0,
    inverse: 0,
    inverseSolutions: 0,
    roundTrip: 0,
  };
  const grow = (key: keyof Differences, value: number) => {
    if (!(value <= worst[key])) worst[key] = value;
  };
  truth.pixel.forEach((pixel, k) => {
    const theirs = truth.world[k] as Point;
    const ours = wcs.toWorld(...pixel);
    grow('sky', separation(ours, theirs, truth));
    // wcslib may give one coordinate of a pair without the other.
    const pair = [truth.lng, truth.lat];
    const noSky = pair.some((i) => theirs[i] === null);
    theirs.forEach((value, i) => {
      const missing = value === null || (noSky && pair.includes(i));
      if (missing !== Number.isNaN(ours[i])) worst.solutions++;
      else if (value !== null && i !== truth.lng && i !== truth.lat) {
        grow('other', Math.abs((ours[i] as number) - value) / tolerance(wcs, i, value));
      }
    });
    if (theirs.includes(null)) return;
    const world = theirs as readonly number[];
    const again = wcs.toPixel(...world);
    const slack = rounding(wcs, pixel, world);
    const back = truth.back?.[k];
    if (back) {
      grow('inverse', distance(again, back) / slack);
      back.forEach((value, i) => {
        if ((value === null) !== Number.isNaN(again[i])) worst.inverseSolutions++;
      });
    }
    // Where wcslib does not come back the projection is not one to one.
    if (!back || distance(back as number[], pixel) < 1e-6) grow('roundTrip', distance(again, pixel) / slack);
  });
  truth.sky?.forEach((sky, k) => {
    const theirs = truth.skyPixel?.[k] as Point;
    const ours = wcs.toPixel(...sky);
    theirs.forEach((value, i) => {
      if ((value === null) !== Number.isNaN(ours[i])) worst.inverseSolutions++;
      else if (value !== null)
        grow('inverse', Math.abs((ours[i] as number) - value) / (1 + Math.abs(value) * 1e-3));
    });
  });
  return worst;
}

/** Great-circle distance of two close points, mas; 0 where one is missing. */
function separation(ours: readonly number[], theirs: Point, { lng, lat }: Truth): number {
  const longitude = theirs[lng];
  const latitude = theirs[lat];
  if (typeof longitude !== 'number' || typeof latitude !== 'number' || Number.isNaN(ours[lng])) return 0;
  const turn = Math.abs((ours[lng] as number) - longitude);
  const along = Math.min(turn, Math.abs(turn - 360)) * Math.cos((latitude * Math.PI) / 180);
  return Math.hypot(along, (ours[lat] as number) - latitude) * MAS;
}

/** Velocities and redshifts are differences of numbers of the size of c and 1. */
function tolerance(wcs: Wcs, axis: number, value: number): number {
  const type = wcs.axes[axis]?.ctype.slice(0, 4) ?? '';
  const size = /^(VRAD|VOPT|VELO)$/.test(type) ? C : /^(ZOPT|BETA)$/.test(type) ? 1 : 0;
  return 1e-13 * Math.abs(value) + 4e-15 * size + Number.MIN_VALUE;
}

/** 1, or more where pixels are so small that one rounding of a world coordinate is more than 1e-10 pixels. */
function rounding(wcs: Wcs, pixel: readonly number[], world: readonly number[]): number {
  let slack = 1;
  pixel.forEach((_, j) => {
    const next = wcs.toWorld(...pixel.map((p, i) => (i === j ? p + 1 : p)));
    const step = Math.hypot(...next.map((w, i) => (w - (world[i] as number)) / size(wcs, i, world)));
    if (step > 0) slack = Math.max(slack, 1e10 * (ULP / 360 / step));
  });
  return slack;
}

function size(wcs: Wcs, axis: number, world: readonly number[]): number {
  const { kind } = wcs.axes[axis] ?? {};
  if (kind === 'longitude' || kind === 'latitude') return 360;
  return Math.abs(world[axis] as number) + tolerance(wcs, axis, world[axis] as number) * 1e13;
}

function distance(a: readonly number[], b: Point): number {
  let worst = 0;
  a.forEach((value, i) => {
    const other = b[i];
    if (typeof other === 'number' && !Number.isNaN(value)) worst = Math.max(worst, Math.abs(value - other));
  });
  return worst;
}
