import { describe, expect, it } from 'vitest';
import { Header, type HeaderEntry, parseWcs, WcsError } from '../../src/index.ts';
import { temporaryDirectory } from '../oracle.ts';
import { random } from '../support.ts';
import { PROJECTIONS, randomHeaders } from './headers.ts';
import { compare, type HeaderSpec, parseTruth, truthOfHeaders } from './truth.ts';

/**
 * mas. Where wcslib takes an arc sine of numbers next to 1 (near the pole of slanted projections, at their limb and at the
 * poles of conic maps), the last digit of its sine and ours decides.
 */
const SKY: readonly (readonly [RegExp, number])[] = [
  [/^(SZP|NCP|SIN .*\d)/, 1e-3],
  [/^(AIR|COE)/, 1e-5],
];
/** Pixels: inverses that wcslib finds by halving (MOL) or from small differences (QSC). */
const INVERSE: readonly (readonly [RegExp, number])[] = [[/^(MOL|QSC)/, 1e-8]];
/** Pixels: iterations that stop where wcslib's do, and formulas that lose digits near the pole or the equator (PCO). */
const ROUND_TRIP: readonly (readonly [RegExp, number])[] = [
  [/^(ZPN|AIR|QSC|PCO)/, 1e-6],
  [/^(SZP|NCP|SIN .*\d)/, 1e-5],
  [/^CSC/, Number.POSITIVE_INFINITY],
];
const limit = (table: typeof SKY, name: string, usual: number) =>
  table.find(([pattern]) => pattern.test(name))?.[1] ?? usual;

const directory = temporaryDirectory();
const specs = PROJECTIONS.flatMap(([code, ...sets], i) =>
  sets.flatMap((pv, k) => randomHeaders(code, pv, 1000 * i + k, sets.length > 1 ? 5 : 8)),
);
const truths = truthOfHeaders(specs, directory) ?? [];

describe.each(PROJECTIONS.map(([code]) => code))('%s', (code) => {
  const own = truths.filter(({ name }) => name.startsWith(code));
  it('is compared with wcslib wherever astropy is there', () => {
    expect(own.length > 0).toBe(truths.length > 0);
  });
  it.each(own.map((truth) => [truth.name, truth] as const))(
    '%s agrees with wcslib both ways',
    (name, truth) => {
      if (truth.error !== undefined) {
        expect(() => parseTruth(truth)).toThrow(WcsError);
        return;
      }
      const differences = compare(parseTruth(truth), truth);
      expect(differences.solutions).toBe(0);
      expect(differences.inverseSolutions).toBe(0);
      expect(differences.sky).toBeLessThan(limit(SKY, name, 1e-6));
      expect(differences.other).toBeLessThan(1);
      expect(differences.inverse).toBeLessThan(limit(INVERSE, name, 1e-9));
      expect(differences.roundTrip).toBeLessThan(limit(ROUND_TRIP, name, 1e-9));
    },
  );
});

describe('distortions', () => {
  const next = random(99);
  const small = (size: number) => size * (2 * next() - 1);
  const base = (type: string): HeaderEntry[] => [
    ['NAXIS', 2],
    ['NAXIS1', 1000],
    ['NAXIS2', 800],
    ['CTYPE1', `RA---${type}`],
    ['CTYPE2', `DEC--${type}`],
    ['CRVAL1', 360 * next()],
    ['CRVAL2', 170 * next() - 85],
    ['CRPIX1', 500 + small(800)],
    ['CRPIX2', 400 + small(800)],
    ['CD1_1', -3e-4 + small(1e-5)],
    ['CD1_2', small(1e-4)],
    ['CD2_1', small(1e-4)],
    ['CD2_2', 3e-4 + small(1e-5)],
  ];
  const sip = (order: number, other: number): HeaderEntry[] => [
    ...(['A', 'B'] as const).flatMap((letter, k) => {
      const degree = k === 0 ? order : other;
      const cards: HeaderEntry[] = [[`${letter}_ORDER`, degree]];
      for (let p = 0; p <= degree; p++) {
        for (let q = 0; q <= degree - p; q++)
          if (p + q > 1) cards.push([`${letter}_${p}_${q}`, small(3 / 1000 ** (p + q))]);
      }
      return cards;
    }),
  ];
  const tpv = (degree: number): HeaderEntry[] => {
    const count = [0, 4, 7, 12, 17, 24, 31, 40][degree] as number;
    return [1, 2].flatMap((axis) =>
      Array.from(
        { length: count },
        (_, m): HeaderEntry => [`PV${axis}_${m}`, (m === 1 ? 1 : 0) + small(m === 0 ? 1e-3 : 5e-3)],
      ),
    );
  };
  const specs: HeaderSpec[] = [
    ...[2, 3, 4, 5, 7, 9].map((order) => ({
      name: `TAN-SIP of order ${order}`,
      cards: [...base('TAN-SIP'), ...sip(order, Math.max(2, order - 1))],
    })),
    { name: 'SIP without the suffix', cards: [...base('TAN'), ...sip(3, 3)] },
    { name: 'SIP on another projection', cards: [...base('ZEA-SIP'), ...sip(2, 2)] },
    {
      name: 'SIP with the PV it was made from',
      cards: [...base('TAN-SIP'), ...sip(2, 2), ['PV1_1', 1], ['PV1_5', 0.01], ['PV2_4', 0.02]],
    },
    ...[1, 2, 3, 4, 5, 6, 7].map((degree) => ({
      name: `TPV of degree ${degree}`,
      cards: [...base('TPV'), ...tpv(degree)],
    })),
  ];
  const truths = truthOfHeaders(specs, directory) ?? [];

  it.each(truths.map((truth) => [truth.name, truth] as const))('%s agrees with astropy', (_, truth) => {
    expect(truth.error).toBeUndefined();
    const differences = compare(parseTruth(truth), truth);
    expect(differences.solutions).toBe(0);
    expect(differences.sky).toBeLessThan(1e-6);
    expect(differences.inverse).toBeLessThan(1e-8);
    expect(differences.roundTrip).toBeLessThan(1e-9);
  });

  it('says what it did with a header that contradicts itself', () => {
    // Without astropy these headers are not made.
    if (truths.length === 0) return;
    const warnings = truths.map((truth) => parseTruth(truth).warnings.length);
    expect(warnings.slice(0, 6)).toEqual([0, 0, 0, 0, 0, 0]);
    expect(warnings.slice(6, 9)).toEqual([1, 0, 1]);
  });
});

it('keeps pixel coordinates 0-based: CRPIX 1 is pixel 0', () => {
  const wcs = parseWcs(
    Header.from([
      ['CTYPE1', 'RA---TAN'],
      ['CTYPE2', 'DEC--TAN'],
      ['CRVAL1', 10],
      ['CRVAL2', 20],
      ['CRPIX1', 1],
      ['CRPIX2', 1],
      ['CDELT1', -1],
      ['CDELT2', 1],
    ]),
  );
  expect(wcs.toWorld(0, 0)).toEqual([10, 20]);
  expect(wcs.toPixel(10, 20)).toEqual([0, 0]);
  expect(wcs.toWorld(0, 1)[1]).toBeCloseTo(20 + (Math.atan(Math.PI / 180) * 180) / Math.PI, 12);
});
