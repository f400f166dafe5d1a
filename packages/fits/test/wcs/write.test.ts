import { describe, expect, it } from 'vitest';
import { Header, type HeaderEntry, parseWcs, writeWcs } from '../../src/index.ts';
import { temporaryDirectory } from '../oracle.ts';
import { compare, parseTruth, truthOfHeaders } from './truth.ts';

const directory = temporaryDirectory();

const CUBE: HeaderEntry[] = [
  ['NAXIS', 3],
  ['NAXIS1', 60],
  ['NAXIS2', 60],
  ['NAXIS3', 800],
  ['WCSNAME', 'IFS'],
  ['CTYPE1', 'RA---TAN'],
  ['CTYPE2', 'DEC--TAN'],
  ['CTYPE3', 'WAVE-LOG'],
  ['CUNIT1', 'arcsec'],
  ['CUNIT3', 'um'],
  ['CNAME3', 'Wavelength'],
  ['CRVAL1', 36000],
  ['CRVAL2', 41.2],
  ['CRVAL3', 2.1],
  ['CRPIX1', 30.5],
  ['CRPIX2', 30.5],
  ['CRPIX3', 1],
  ['CDELT1', -0.01],
  ['CDELT2', 3e-6],
  ['CDELT3', 2e-4],
  ['CROTA2', 30],
  ['RADESYS', 'FK5'],
  ['EQUINOX', 2000],
  ['SPECSYS', 'BARYCENT'],
  ['RESTWAV', 2.12e-6],
];

const SIP: HeaderEntry[] = [
  ['NAXIS', 2],
  ['NAXIS1', 4096],
  ['NAXIS2', 4096],
  ['CTYPE1', 'RA---TAN-SIP'],
  ['CTYPE2', 'DEC--TAN-SIP'],
  ['CRVAL1', 150],
  ['CRVAL2', 2],
  ['CRPIX1', 2048.5],
  ['CRPIX2', 2048.5],
  ['CD1_1', -1.1e-6],
  ['CD1_2', 2e-8],
  ['CD2_1', 3e-8],
  ['CD2_2', 1.1e-6],
  ['A_ORDER', 2],
  ['B_ORDER', 3],
  ['A_2_0', 1e-6],
  ['A_1_1', 3e-7],
  ['B_0_3', 1e-10],
  ['LONPOLE', 170],
];

const size = (cards: readonly HeaderEntry[]) => cards.filter(([keyword]) => keyword.startsWith('NAXIS'));

describe.each([
  ['a cube', CUBE],
  ['TAN-SIP', SIP],
] as const)('%s', (name, cards) => {
  const original = parseWcs(Header.from(cards));
  const written = writeWcs(original);

  it('written and parsed again is the same transformation', () => {
    const again = parseWcs(Header.from(written));
    expect(again.frame).toEqual(original.frame);
    expect(again.axes).toEqual(original.axes);
    const pixel = original.axes.map((_, i) => 17.25 * (i + 1));
    again.toWorld(...pixel).forEach((value, i) => {
      expect(value).toBeCloseTo(original.toWorld(...pixel)[i] as number, 12);
    });
  });

  it('written is read by astropy as the same coordinates', () => {
    const entries = [...size(cards), ...written].map(([keyword, value]): HeaderEntry => [keyword, value]);
    const truth = truthOfHeaders([{ name, cards: entries }], directory)?.[0];
    if (!truth) return;
    expect(truth.error).toBeUndefined();
    for (const wcs of [original, parseTruth(truth)]) {
      const differences = compare(wcs, truth);
      expect(differences.sky).toBeLessThan(1e-6);
      expect(differences.other).toBeLessThan(1);
    }
  });
});

it('writes the letter of an alternate', () => {
  const cards = CUBE.filter(([keyword]) => !keyword.startsWith('NAXIS')).map(
    ([keyword, value]): HeaderEntry => [`${keyword}B`, value],
  );
  const written = writeWcs(parseWcs(Header.from(cards), { alternate: 'B' }));
  expect(written.every(([keyword]) => keyword.endsWith('B'))).toBe(true);
});

it('refuses what it cannot write', () => {
  const header = Header.from(CUBE).set('CTYPE1', 'RA---SIN').set('CTYPE2', 'DEC--SIN');
  expect(() => writeWcs(parseWcs(header))).toThrowErrorMatchingInlineSnapshot(
    `[WcsError: axes of type 'RA---SIN' cannot be written, only TAN, linear and logarithmic ones]`,
  );
});
