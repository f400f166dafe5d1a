import type { Header } from '../header.ts';
import type { Table } from '../table.ts';
import { type AxisKind, type AxisTypes, axisTypes } from './axes.ts';
import { type Celestial, makeCelestial } from './celestial.ts';
import { WcsError } from './errors.ts';
import { frameOf, type WcsFrame } from './frame.ts';
import { readKeywords, type WcsKeywords } from './keywords.ts';
import { type Linear, multiply } from './linear.ts';
import { type Lookup, makeLookups, type TableAxis, type TableReference } from './lookup.ts';
import { readLinear, scalesToCanonical } from './scales.ts';
import { distort, readSip, type Sip, undistort } from './sip.ts';
import { makeSpectrum, type Spectrum } from './spectrum.ts';

export interface WcsOptions {
  /** Which of the descriptions in the header: '' (primary) or 'A' to 'Z'. */
  readonly alternate?: string;
  /** Gives the lookup tables of -TAB axes; `readWcs` reads them from the file. */
  readonly tables?: (reference: TableReference) => Table | undefined;
}

export interface WcsAxis {
  /** CTYPE, after translation of outdated codes. */
  readonly ctype: string;
  readonly kind: AxisKind;
  /** The unit of coordinates: deg, m, Hz, m/s … for celestial and spectral axes, CUNIT for others. */
  readonly unit: string;
  /** CNAME */
  readonly name: string;
}

/** The parts a world coordinate system is made of, for whole frames. */
export interface WcsParts {
  readonly crpix: Float64Array;
  /** Reference values in canonical units. */
  readonly crval: readonly number[];
  readonly types: AxisTypes;
  readonly linear: Linear;
  readonly sip: Sip | undefined;
  readonly celestial: Celestial | undefined;
}

/**
 * A world coordinate system. Pixel coordinates are 0-based: (0, 0) is the middle of the first pixel of an image, x first.
 * World coordinates are in the order of the header's axes, in the units of `axes`. Without a solution they are NaN.
 */
export interface Wcs {
  readonly alternate: string;
  readonly axes: readonly WcsAxis[];
  /** The axes of sky coordinates with a projection, as indices into `axes`. */
  readonly celestial?: { readonly longitude: number; readonly latitude: number; readonly projection: string };
  readonly spectral?: number;
  readonly frame: WcsFrame;
  /** What was done where a header contradicts itself. */
  readonly warnings: readonly string[];
  /** One coordinate a pixel axis. @throws WcsError ARGUMENT */
  toWorld(...pixel: readonly number[]): number[];
  /** One coordinate a world axis. @throws WcsError ARGUMENT */
  toPixel(...world: readonly number[]): number[];
  /** `pixel` to `world` without allocation, one element an axis. */
  pixelToWorld(pixel: Float64Array, world: Float64Array): void;
  worldToPixel(world: Float64Array, pixel: Float64Array): void;
}

const PARTS = new WeakMap<Wcs, WcsParts>();

/** What `parseWcs` made a coordinate system of. */
export function partsOf(wcs: Wcs): WcsParts | undefined {
  return PARTS.get(wcs);
}

/**
 * The world coordinates that a header describes (FITS standard 4.0 §8), as wcslib and astropy.wcs read them.
 *
 * @throws WcsError where the description is contradictory, incomplete or needs what is not implemented
 */
export function parseWcs(header: Header, options: WcsOptions = {}): Wcs {
  const keywords = readKeywords(header, options.alternate ?? '');
  const types = axisTypes(keywords);
  const warnings: string[] = [];
  const sip = sipOf(header, keywords, types, warnings);
  const scales = scalesToCanonical(keywords, types);
  const crval = keywords.crval.map((value, i) => value * (scales[i] as number));
  const linear = readLinear(keywords, types, scales);

  const celestial =
    types.celestial && makeCelestial(keywords, types.celestial, crval, sip !== undefined, warnings);
  const spectrum = spectrumOf(keywords, types, crval);
  const lookups = makeLookups(tableAxes(keywords, types), options.tables ?? (() => undefined));
  for (const [i, { algorithm }] of types.axes.entries()) {
    if (algorithm === 'log' && !((crval[i] as number) > 0)) {
      throw new WcsError(
        'KEYWORD_VALUE',
        `found ${crval[i]}, expected more than 0 on a logarithmic axis`,
        keywords.of('CRVAL', i),
      );
    }
  }

  const parts: WcsParts = { crpix: Float64Array.from(keywords.crpix), crval, types, linear, sip, celestial };
  const { pixelToWorld, worldToPixel } = transformations(parts, spectrum, lookups);
  const size = keywords.axes;
  const call = (
    what: string,
    given: readonly number[],
    transform: (from: Float64Array, to: Float64Array) => void,
  ) => {
    if (given.length !== size) {
      throw new WcsError('ARGUMENT', `found ${given.length} ${what} coordinates, expected ${size}`);
    }
    const out = new Float64Array(size);
    transform(Float64Array.from(given), out);
    return [...out];
  };
  const wcs: Wcs = {
    alternate: keywords.alternate,
    axes: types.axes.map(({ ctype, kind, unit, algorithm }, i) => ({
      ctype,
      kind,
      unit: unit === undefined || algorithm === 'table' ? (keywords.cunit[i] as string) : unit,
      name: keywords.cname[i] as string,
    })),
    ...(types.celestial && {
      celestial: {
        longitude: types.celestial.longitude,
        latitude: types.celestial.latitude,
        projection: types.celestial.code,
      },
    }),
    ...(types.spectral !== undefined && { spectral: types.spectral }),
    frame: frameOf(keywords, types),
    warnings,
    toWorld: (...pixel) => call('pixel', pixel, pixelToWorld),
    toPixel: (...world) => call('world', world, worldToPixel),
    pixelToWorld,
    worldToPixel,
  };
  PARTS.set(wcs, parts);
  return wcs;
}

function transformations(
  { crpix, crval, types, linear, sip, celestial }: WcsParts,
  spectrum: Spectrum | undefined,
  lookups: readonly Lookup[],
): Pick<Wcs, 'pixelToWorld' | 'worldToPixel'> {
  const size = linear.size;
  const offset = new Float64Array(size);
  const intermediate = new Float64Array(size);
  const algorithms = types.axes.map(({ algorithm }) => algorithm);
  return {
    pixelToWorld(pixel, world) {
      // 0-based outside, 1-based in CRPIX.
      for (let j = 0; j < size; j++) offset[j] = (pixel[j] as number) + 1 - (crpix[j] as number);
      if (sip) distort(sip, offset);
      multiply(linear.matrix, offset, intermediate);
      for (let i = 0; i < size; i++) {
        const x = intermediate[i] as number;
        const reference = crval[i] as number;
        switch (algorithms[i]) {
          case 'linear':
            world[i] = x + reference;
            break;
          case 'log':
            world[i] = reference * Math.exp(x / reference);
            break;
          case 'spectral':
            world[i] = spectrum?.toWorld(x) ?? Number.NaN;
            break;
        }
      }
      celestial?.toWorld(intermediate, world);
      for (const lookup of lookups) lookup.toWorld(intermediate, world);
    },
    worldToPixel(world, pixel) {
      for (let i = 0; i < size; i++) {
        const w = world[i] as number;
        const reference = crval[i] as number;
        switch (algorithms[i]) {
          case 'linear':
            intermediate[i] = w - reference;
            break;
          case 'log':
            intermediate[i] = w > 0 ? reference * Math.log(w / reference) : Number.NaN;
            break;
          case 'spectral':
            intermediate[i] = spectrum?.toIntermediate(w) ?? Number.NaN;
            break;
        }
      }
      celestial?.toIntermediate(world, intermediate);
      for (const lookup of lookups) lookup.toIntermediate(world, intermediate);
      multiply(linear.inverse, intermediate, offset);
      if (sip) undistort(sip, offset);
      for (let j = 0; j < size; j++) pixel[j] = (offset[j] as number) + (crpix[j] as number) - 1;
    },
  };
}

/** SIP belongs to the primary description, and to alternates whose CTYPE says so. */
function sipOf(header: Header, keywords: WcsKeywords, types: AxisTypes, warnings: string[]): Sip | undefined {
  if (keywords.alternate !== '' && !types.sip) return undefined;
  const sip = readSip(header);
  if (sip && keywords.axes < 2) {
    throw new WcsError('KEYWORD_VALUE', 'a SIP distortion needs two pixel axes', 'A_ORDER');
  }
  if (sip && !types.sip) warnings.push('SIP coefficients are applied although CTYPE does not end in -SIP');
  if (!sip && types.sip) warnings.push('CTYPE ends in -SIP, but there are no SIP coefficients');
  return sip;
}

function spectrumOf(keywords: WcsKeywords, types: AxisTypes, crval: readonly number[]): Spectrum | undefined {
  const i = types.axes.findIndex(({ algorithm }) => algorithm === 'spectral');
  const axis = types.axes[i];
  if (!axis) return undefined;
  const { restFrequency = 0, restWavelength = 0 } = frameOf(keywords, types);
  return makeSpectrum({
    type: axis.name,
    code: axis.code,
    crval: crval[i] as number,
    restfrq: restFrequency,
    restwav: restWavelength,
    pv: keywords.pv.get(i) ?? new Map(),
    ctypeKeyword: keywords.of('CTYPE', i),
    crvalKeyword: keywords.of('CRVAL', i),
  });
}

/** Where the tables of -TAB axes lie: needed to read them before `parseWcs`. */
export function tableReferences(header: Header, alternate = ''): TableReference[] {
  const keywords = readKeywords(header, alternate);
  return tableAxes(keywords, axisTypes(keywords)).map(({ reference }) => reference);
}

function tableAxes({ pv, ps, crval, of }: WcsKeywords, { axes }: AxisTypes): TableAxis[] {
  return axes.flatMap(({ algorithm }, axis) => {
    if (algorithm !== 'table') return [];
    const strings = ps.get(axis);
    const numbers = pv.get(axis);
    const name = strings?.get(0);
    const coordinates = strings?.get(1);
    if (!name)
      throw new WcsError('KEYWORD_MISSING', 'a -TAB axis needs the name of its table', of('PS', axis, 0));
    if (!coordinates)
      throw new WcsError(
        'KEYWORD_MISSING',
        'a -TAB axis needs the column of its coordinates',
        of('PS', axis, 1),
      );
    return {
      axis,
      reference: { name, version: numbers?.get(1) ?? 1, level: numbers?.get(2) ?? 1 },
      coordinates,
      index: strings?.get(2) ?? '',
      position: (numbers?.get(3) ?? 1) - 1,
      crval: crval[axis] as number,
      keyword: of('CTYPE', axis),
    };
  });
}
