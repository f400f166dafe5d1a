import { describe, expect, it } from 'vitest';
import { Header, type HeaderEntry, parseWcs, WcsError } from '../../src/index.ts';
import { temporaryDirectory } from '../oracle.ts';
import { compare, type HeaderSpec, parseTruth, truthOfHeaders } from './truth.ts';

/** H I at rest, seen at 1.37 GHz; Hα near 0.66 µm. */
const RADIO: HeaderEntry[] = [['RESTFRQ', 1.420405752e9]];
const OPTICAL: HeaderEntry[] = [['RESTWAV', 656.281e-9]];

function axis(name: string, crval: number, cdelt: number, more: readonly HeaderEntry[] = []): HeaderSpec {
  const cards: HeaderEntry[] = [
    ['NAXIS', 1],
    ['NAXIS1', 300],
    ['CTYPE1', name],
    ['CRVAL1', crval],
    ['CRPIX1', 120.25],
    ['CDELT1', cdelt],
    ...more,
  ];
  return { name: [name, ...more.map(([key]) => key)].join(' '), cards };
}

const GRISM: HeaderEntry[] = [
  ['PV1_0', 3.16e5],
  ['PV1_1', 1],
  ['PV1_2', 27],
  ['PV1_3', 1.765],
  ['PV1_4', -1.077e6],
  ['PV1_5', 3],
  ['PV1_6', 5],
];

const SPECS: readonly HeaderSpec[] = [
  axis('WAVE', 2.2e-6, 2e-10),
  axis('AWAV', 6560e-10, 1e-10),
  axis('FREQ', 1.37e9, 1e5),
  axis('ENER', 1e-18, 1e-21),
  axis('WAVN', 4.5e5, 30),
  axis('VRAD', 1e6, 1e4),
  axis('VOPT', 1e6, 1e4),
  axis('ZOPT', 0.01, 1e-5),
  axis('VELO', 1e6, 1e4),
  axis('BETA', 0.01, 1e-5),
  axis('WAVE-LOG', 2.2e-6, 2e-10),
  axis('FREQ-LOG', 1.37e9, 1e5),
  axis('ENER-LOG', 1e-18, 1e-21),
  axis('ZOPT-LOG', 0.01, 1e-5),
  axis('WAVE-F2W', 2.2e-6, 2e-10),
  axis('WAVE-A2W', 6560e-10, 1e-10),
  axis('WAVE-V2W', 6560e-10, 1e-10, OPTICAL),
  axis('AWAV-F2A', 6560e-10, 1e-10),
  axis('AWAV-W2A', 6560e-10, 1e-10),
  axis('AWAV-V2A', 6560e-10, 1e-10, OPTICAL),
  axis('FREQ-W2F', 1.37e9, 1e5),
  axis('FREQ-A2F', 4.5e14, 1e10),
  axis('FREQ-V2F', 1.37e9, 1e5, RADIO),
  axis('ENER-W2F', 1e-18, 1e-21),
  axis('AFRQ-W2F', 8e9, 1e6),
  axis('WAVN-A2F', 1.5e6, 100),
  axis('VRAD-W2F', 1e6, 1e4, RADIO),
  axis('VRAD-V2F', 1e6, 1e4, RADIO),
  axis('VOPT-F2W', 1e6, 1e4, RADIO),
  axis('VOPT-F2W', 1e6, 1e4, OPTICAL),
  axis('VOPT-V2W', 1e6, 1e4, OPTICAL),
  axis('ZOPT-F2W', 0.01, 1e-5, OPTICAL),
  axis('ZOPT-A2W', 0.01, 1e-5, OPTICAL),
  axis('VELO-F2V', 1e6, 1e4, RADIO),
  axis('VELO-W2V', 1e6, 1e4, OPTICAL),
  axis('VELO-A2V', 1e6, 1e4, OPTICAL),
  axis('BETA-F2V', 0.01, 1e-5, RADIO),
  axis('WAVE-GRI', 6900e-10, 2e-10, GRISM),
  axis('AWAV-GRI', 6900e-10, 2e-10, GRISM),
  axis('AWAV-GRA', 6900e-10, 2e-10, GRISM),
  axis('FREQ-GRI', 4.3e14, 1e11, GRISM),
  axis('VOPT-GRI', 1e6, 1e4, [...GRISM, ...OPTICAL]),
  axis('FREQ-LSR', 1.37e9, 1e5),
  axis('VELO-HEL', 1e6, 1e4),
  axis('VELO-LSR', 1e6, 1e4, [['VELREF', 257]]),
  axis('FELO-OBS', 1e6, 1e4, RADIO),
  axis('VELO', 1e6, 1e4, [['VELREF', 2]]),
  axis('STOKES', 1, 1),
  axis('TIME', 100, 3),
  axis('UTC', 100, 3, [['CUNIT1', 'min']]),
  axis('', 5, 2),
  axis('RA', 5, 2),
  axis('XYZ--LOG', 5, 2),
];

const UNITS: readonly (readonly [ctype: string, crval: number, cdelt: number, unit: string])[] = [
  ['WAVE', 2200, 0.2, 'nm'],
  ['WAVE', 22000, 2, 'Angstrom'],
  ['WAVE', 2.2, 2e-4, 'um'],
  ['WAVE', 22000, 2, 'angstroms'],
  ['WAVE-LOG', 2.2, 2e-4, 'um'],
  ['AWAV-W2A', 656, 0.01, 'nm'],
  ['WAVE', 22, 2e-3, '10**-7 m'],
  ['FREQ', 1.37, 1e-4, 'GHz'],
  ['FREQ', 1370, 0.1, 'MHZ'],
  ['VELO', 1000, 10, 'km/s'],
  ['VELO', 1000, 10, 'km s-1'],
  ['VELO', 1000, 10, 'km.s**(-1)'],
  ['VRAD', 3.6, 0.01, 'Mm/h'],
  ['WAVN', 4500, 3, '1/cm'],
  ['WAVN', 4500, 3, 'cm-1'],
  ['ENER', 5, 0.01, 'eV'],
  ['ENER', 5, 0.01, 'keV'],
  ['ENER', 1e-11, 1e-14, 'erg'],
  ['RA', 36000, 30, 'arcsec'],
  ['RA', 600, 0.5, 'arcmin'],
  ['RA', 1, 0.01, 'rad'],
  ['RA', 36000, 30, 'mas'],
];

const truths = truthOfHeaders(
  [
    ...SPECS,
    ...UNITS.map(([ctype, crval, cdelt, unit]) => {
      const spec = axis(ctype, crval, cdelt, [['CUNIT1', unit]]);
      return { ...spec, name: `${ctype} in ${unit}` };
    }),
  ],
  temporaryDirectory(),
);

describe('an axis', () => {
  it('is compared with wcslib wherever astropy is there', () => {
    expect(truths === undefined || truths.length > 0).toBe(true);
  });
  it.each((truths ?? []).map((truth) => [truth.name, truth] as const))(
    '%s agrees with wcslib',
    (_, truth) => {
      expect(truth.error).toBeUndefined();
      const wcs = parseTruth(truth);
      const differences = compare(wcs, truth);
      expect(differences.solutions).toBe(0);
      expect(differences.other).toBeLessThan(1);
      expect(differences.sky).toBe(0);
      expect(differences.inverse).toBeLessThan(1e-9);
      expect(differences.roundTrip).toBeLessThan(1e-9);
      expect(wcs.frame.specsys ?? '').toBe(truth.specsys);
    },
  );
});

describe('an axis is refused', () => {
  const refusal = (...cards: HeaderEntry[]) => {
    try {
      parseWcs(Header.from([['NAXIS', 1], ...cards]));
    } catch (error) {
      if (error instanceof WcsError) return `${error.code} ${error.message}`;
    }
    return 'accepted';
  };

  it('whose unit is no unit, or one of another quantity', () => {
    expect(refusal(['CTYPE1', 'WAVE'], ['CUNIT1', 'furlong'])).toMatchInlineSnapshot(
      `"UNIT CUNIT1: found 'furlong', which is no unit of coordinates; expected 'm'"`,
    );
    expect(refusal(['CTYPE1', 'WAVE'], ['CUNIT1', 'Hz'])).toMatchInlineSnapshot(
      `"UNIT CUNIT1: found 'Hz', expected 'm' or a unit of the same quantity"`,
    );
    expect(refusal(['CTYPE1', 'VELO'], ['CUNIT1', 'km//s'])).toMatchInlineSnapshot(
      `"UNIT CUNIT1: found 'km//s', which is no unit of coordinates; expected 'm/s'"`,
    );
    expect(refusal(['CTYPE1', 'VELO'], ['CUNIT1', 'm^'])).toMatchInlineSnapshot(
      `"UNIT CUNIT1: found 'm^', expected 'm/s' or a unit of the same quantity"`,
    );
  });

  it('that needs a rest frequency it has not', () => {
    // wcslib accepts V2W without, and makes every pixel the same velocity.
    expect(refusal(['CTYPE1', 'VOPT-V2W'], ['CRVAL1', 1e6])).toMatch(/^KEYWORD_MISSING RESTFRQ/);
    expect(refusal(['CTYPE1', 'VOPT-F2W'], ['CRVAL1', 1e6])).toMatchInlineSnapshot(
      `"KEYWORD_MISSING RESTFRQ: the axis CTYPE1 of type VOPT needs the rest frequency or the rest wavelength (RESTWAV)"`,
    );
  });

  it('whose algorithm does not go with its type', () => {
    expect(refusal(['CTYPE1', 'WAVE-F2V'], ['CRVAL1', 1e-6])).toMatchInlineSnapshot(
      `"CTYPE CTYPE1: 'WAVE-F2V': F2V is no algorithm for WAVE"`,
    );
    expect(refusal(['CTYPE1', 'WAVE-TAN'], ['CRVAL1', 1e-6])).toMatchInlineSnapshot(
      `"CTYPE CTYPE1: 'WAVE-TAN': TAN is no algorithm for WAVE"`,
    );
  });

  it('that is logarithmic about zero, or reciprocal about zero', () => {
    expect(refusal(['CTYPE1', 'WAVE-LOG'])).toMatchInlineSnapshot(
      `"KEYWORD_VALUE CRVAL1: found 0, expected more than 0 on a logarithmic axis"`,
    );
    expect(refusal(['CTYPE1', 'WAVE-F2W'])).toMatchInlineSnapshot(
      `"KEYWORD_VALUE CRVAL1: 0 is no reference value for WAVE-F2W (CTYPE1)"`,
    );
  });

  it('that has no scale', () => {
    expect(refusal(['CTYPE1', 'WAVE'], ['CDELT1', 0])).toMatchInlineSnapshot(
      `"SINGULAR CDELT1: the matrix of pixel scales has no inverse; some axis has no scale"`,
    );
  });
});
