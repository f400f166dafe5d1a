import { describe, expect, it } from 'vitest';
import {
  FitsError,
  frameMap,
  Header,
  type HeaderEntry,
  parseWcs,
  pixelToWorldMany,
  WcsError,
  wcsAlternates,
} from '../../src/index.ts';
import { headerBlock, random } from '../support.ts';
import { PROJECTIONS, randomHeaders } from './headers.ts';

const TAN: readonly HeaderEntry[] = [
  ['NAXIS', 2],
  ['CTYPE1', 'RA---TAN'],
  ['CTYPE2', 'DEC--TAN'],
  ['CRVAL1', 10],
  ['CRVAL2', 20],
  ['CRPIX1', 50],
  ['CRPIX2', 50],
  ['CD1_1', -1e-3],
  ['CD2_2', 1e-3],
];

function refusal(header: Header, alternate = ''): string {
  try {
    parseWcs(header, { alternate });
  } catch (error) {
    if (error instanceof WcsError) return `${error.code} ${error.message}`;
    throw error;
  }
  return 'accepted';
}

const changed = (...cards: HeaderEntry[]) => {
  const header = Header.from(TAN);
  for (const [keyword, value] of cards) header.set(keyword, value);
  return header;
};

describe('a header is refused by name', () => {
  it.each<[string, HeaderEntry[]]>([
    [
      'a matrix without inverse',
      [
        ['CD1_1', 0],
        ['CD1_2', 2e-3],
      ],
    ],
    [
      'a scale of zero',
      [
        ['PC1_1', 1],
        ['CDELT1', 0],
      ],
    ],
    ['a number that is text', [['CRVAL1', 'ten']]],
    ['a keyword without value', [['CRPIX2', null]]],
    ['a type that is a number', [['CTYPE1', 5]]],
    ['999 axes', [['NAXIS', 999]]],
    ['axes without end', [['WCSAXES', 1e9]]],
    ['half an axis', [['WCSAXES', 2.5]]],
    ['a unit that is none', [['CUNIT1', 'degree of freedom']]],
    ['a unit of length on the sky', [['CUNIT2', 'm']]],
    [
      'a projection nobody knows',
      [
        ['CTYPE1', 'RA---XYZ'],
        ['CTYPE2', 'DEC--XYZ'],
      ],
    ],
    ['two projections', [['CTYPE2', 'DEC--SIN']]],
    ['a longitude alone', [['CTYPE2', 'FREQ']]],
    ['two longitudes', [['CTYPE2', 'RA---TAN']]],
    ['two systems', [['CTYPE2', 'GLAT-TAN']]],
    ['a projection of something else', [['CTYPE1', 'FOO--TAN']]],
    [
      'two pairs',
      [
        ['CTYPE3', 'GLON-TAN'],
        ['CTYPE4', 'GLAT-TAN'],
      ],
    ],
    [
      'two non-linear spectra',
      [
        ['CTYPE1', 'WAVE-F2W'],
        ['CTYPE2', 'FREQ-W2F'],
        ['CRVAL2', 1e9],
      ],
    ],
    ['a pole beyond 90 degrees', [['CRVAL2', 95]]],
    [
      'a pole that fits no latitude',
      [
        ['CTYPE1', 'RA---CAR'],
        ['CTYPE2', 'DEC--CAR'],
        ['CRVAL2', 80],
        ['LONPOLE', 90],
      ],
    ],
    ['SCAMP distortion under TAN', [['PV1_5', 0.1]]],
    [
      'TPV without its linear term',
      [
        ['CTYPE1', 'RA---TPV'],
        ['CTYPE2', 'DEC--TPV'],
        ['PV1_1', 1],
      ],
    ],
    [
      'TPV beyond its terms',
      [
        ['CTYPE1', 'RA---TPV'],
        ['CTYPE2', 'DEC--TPV'],
        ['PV1_1', 1],
        ['PV2_1', 1],
        ['PV2_40', 1],
      ],
    ],
    [
      'a conic without parallel',
      [
        ['CTYPE1', 'RA---COE'],
        ['CTYPE2', 'DEC--COE'],
      ],
    ],
    [
      'a cylinder without radius',
      [
        ['CTYPE1', 'RA---CEA'],
        ['CTYPE2', 'DEC--CEA'],
        ['PV2_1', 0],
      ],
    ],
    [
      'a polynomial that does not rise',
      [
        ['CTYPE1', 'RA---ZPN'],
        ['CTYPE2', 'DEC--ZPN'],
        ['PV2_3', 1],
      ],
    ],
    [
      'NCP on the equator',
      [
        ['CTYPE1', 'RA---NCP'],
        ['CTYPE2', 'DEC--NCP'],
        ['CRVAL2', 0],
      ],
    ],
    ['SIP of one axis', [['A_ORDER', 2]]],
    [
      'SIP of order 1e6',
      [
        ['A_ORDER', 1e6],
        ['B_ORDER', 2],
      ],
    ],
    ['a lookup table distortion', [['CPDIS1', 'Lookup']]],
    ['a sequent distortion', [['CQDIS2', 'TPD']]],
    ['a detector correction', [['D2IMDIS1', 'Lookup']]],
    ['a plate solution', [['PLTRAH', 5]]],
    ['an IRAF distortion', [['WAT1_001', 'wtype=tnx axtype=ra']]],
    [
      'an IRAF projection',
      [
        ['CTYPE1', 'RA---TNX'],
        ['CTYPE2', 'DEC--TNX'],
      ],
    ],
    ['an unknown distortion suffix', [['CTYPE1', 'RA---TAN-XYZ']]],
    [
      'a table axis without table',
      [
        ['CTYPE1', 'WAVE-TAB'],
        ['CTYPE2', 'STOKES'],
      ],
    ],
    ['faces of a cube', [['CTYPE3', 'CUBEFACE']]],
  ])('%s', (_, cards) => {
    expect(refusal(changed(...cards))).toMatchSnapshot();
  });

  it('NaN and infinity, which FITS cannot spell', () => {
    const cards = ["CTYPE1  = 'RA---TAN'", "CTYPE2  = 'DEC--TAN'", 'NAXIS   =                    2'];
    for (const value of ['NaN', 'Inf', '1e999', '-nan(1)']) {
      const header = Header.parse(headerBlock([...cards, `CRVAL1  = ${value}`]));
      expect(refusal(header)).toMatch(/^KEYWORD_VALUE CRVAL1: /);
    }
  });

  it('an alternate that is not there, or is none', () => {
    expect(refusal(changed(), 'A')).toMatchInlineSnapshot(
      `"NO_WCS the header describes no coordinates of an image under the alternate A"`,
    );
    expect(refusal(changed(), 'a')).toMatchInlineSnapshot(
      `"ARGUMENT alternate 'a' is neither '' nor a letter from A to Z"`,
    );
    expect(refusal(Header.from([['NAXIS', 0]]))).toMatchInlineSnapshot(
      `"NO_WCS the header describes no coordinates of an image"`,
    );
  });

  it('coordinates of table columns', () => {
    const header = Header.from([
      ['NAXIS', 2],
      ['TCTYP5', 'RA---TAN'],
      ['TCRVL5', 10],
    ]);
    expect(refusal(header)).toMatch(/^UNSUPPORTED/);
  });
});

describe('a header is accepted', () => {
  it('where IRAF repeats that it is TAN, or a distortion belongs to another description', () => {
    expect(refusal(changed(['WAT1_001', 'wtype=tan axtype=ra'], ['CPDIS1A', 'Lookup']))).toBe('accepted');
  });

  it('without any coordinates: pixels are then numbered from 1 on', () => {
    const wcs = parseWcs(Header.from([['NAXIS', 2]]));
    expect(wcs.toWorld(0, 7)).toEqual([1, 8]);
    expect(wcs.axes.map(({ kind }) => kind)).toEqual(['linear', 'linear']);
  });

  it('with alternates, which are listed', () => {
    const header = changed(['CTYPE1B', 'XPIX'], ['CRVAL2Z', 5]);
    expect(wcsAlternates(header)).toEqual(['', 'B', 'Z']);
    expect(parseWcs(header, { alternate: 'Z' }).toWorld(0, 0)).toEqual([1, 6]);
  });

  it('with the last of duplicated keywords, as wcslib has it', () => {
    const block = headerBlock(['NAXIS   = 1', 'CRVAL1  = 5', 'CRVAL1  = 6']);
    expect(parseWcs(Header.parse(block)).toWorld(0)).toEqual([7]);
  });
});

describe('points', () => {
  const wcs = parseWcs(changed());

  it('without solution are NaN', () => {
    expect(wcs.toPixel(190, -20)).toEqual([Number.NaN, Number.NaN]);
    expect(wcs.toWorld(Number.NaN, 0)).toEqual([Number.NaN, Number.NaN]);
    expect(wcs.toPixel(Number.POSITIVE_INFINITY, 0)).toEqual([Number.NaN, Number.NaN]);
  });

  it('of another number of axes are refused', () => {
    expect(() => wcs.toWorld(1)).toThrowErrorMatchingInlineSnapshot(
      `[WcsError: found 1 pixel coordinates, expected 2]`,
    );
    expect(() => wcs.toPixel(1, 2, 3)).toThrow(WcsError);
    expect(() => pixelToWorldMany(wcs, [[1, 2], [1]])).toThrowErrorMatchingInlineSnapshot(
      `[WcsError: found arrays of length 2, 1, expected 2 arrays of length 2]`,
    );
    expect(() => frameMap(wcs, [2, 2], { into: [new Float64Array(4), new Float64Array(3)] })).toThrow(
      WcsError,
    );
  });
});

it('never throws anything but its own errors, nor hangs, on headers with cards changed at random', () => {
  const next = random(7);
  const pick = <T>(list: readonly T[]): T => list[Math.floor(next() * list.length)] as T;
  const values = [
    0,
    -1,
    1e308,
    -1e308,
    1e-308,
    90,
    -90,
    180,
    360.5,
    999,
    2 ** 31,
    '',
    'RA---TAN',
    'WAVE-GRI',
    'm',
    null,
    true,
  ];
  const keywords = [
    'NAXIS',
    'WCSAXES',
    'LONPOLE',
    'LATPOLE',
    'RESTFRQ',
    'VELREF',
    'EQUINOX',
    'A_ORDER',
    'B_ORDER',
    'PV1_0',
    'PV1_1',
    'PV1_2',
    'PV2_1',
    'PV2_2',
    'CD1_1',
    'PC1_2',
  ];
  let refused = 0;
  for (let i = 0; i < 1000; i++) {
    const [code, ...sets] = pick(PROJECTIONS);
    const cards = randomHeaders(code, pick(sets), i, 1)[0]?.cards ?? [];
    const header = Header.from(cards);
    for (let k = 0; k < 3; k++)
      header.set(pick([...keywords, ...cards.map(([keyword]) => keyword)]), pick(values));
    try {
      const wcs = parseWcs(header);
      const pixel = wcs.axes.map(() => 1000 * next() - 300);
      wcs.toPixel(...wcs.toWorld(...pixel));
      wcs.toPixel(...pixel);
      if (wcs.axes.length > 1) frameMap(wcs, [2, 3]);
    } catch (error) {
      if (!(error instanceof WcsError || error instanceof FitsError)) throw error;
      refused++;
    }
  }
  expect(refused).toBeGreaterThan(200);
  expect(refused).toBeLessThan(900);
});
