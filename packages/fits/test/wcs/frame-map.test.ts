import { describe, expect, it } from 'vitest';
import {
  frameMap,
  Header,
  type HeaderEntry,
  parseWcs,
  pixelToWorldMany,
  type Wcs,
  worldToPixelMany,
} from '../../src/index.ts';
import { random } from '../support.ts';

const MAS = 3600e3;
const SIP: HeaderEntry[] = [
  ['A_ORDER', 3],
  ['B_ORDER', 2],
  ['A_2_0', 1e-5],
  ['A_1_1', -2e-6],
  ['A_0_3', 3e-9],
  ['B_0_2', 1e-5],
  ['B_1_1', 4e-6],
];

function header(
  crval: readonly [number, number],
  scale: number,
  more: readonly HeaderEntry[] = [],
  type = 'TAN',
): Header {
  const cards: HeaderEntry[] = [
    ['NAXIS', 2],
    ['CTYPE1', `RA---${type}`],
    ['CTYPE2', `DEC--${type}`],
    ['CRVAL1', crval[0]],
    ['CRVAL2', crval[1]],
    ['CRPIX1', 300.5],
    ['CRPIX2', 20.25],
    ['CD1_1', -scale],
    ['CD1_2', 0.1 * scale],
    ['CD2_1', 0.2 * scale],
    ['CD2_2', scale],
    ...more,
  ];
  return Header.from(cards);
}

/** The greatest distance on the sky, mas, of the map from single points. */
function worst(wcs: Wcs, [ny, nx]: readonly [number, number], at: readonly number[] = []): number {
  const map = frameMap(wcs, [ny, nx], { at });
  const { longitude = 0, latitude = 1 } = wcs.celestial ?? {};
  let far = 0;
  for (let y = 0; y < ny; y++) {
    for (let x = 0; x < nx; x++) {
      const point = wcs.toWorld(x, y, ...at);
      const ours = map.map((values) => values[y * nx + x] as number);
      const turn = Math.abs((ours[longitude] as number) - (point[longitude] as number));
      const cos = Math.cos(((point[latitude] as number) * Math.PI) / 180);
      const distance = Math.hypot(
        Math.min(turn, Math.abs(turn - 360)) * cos,
        (ours[latitude] as number) - (point[latitude] as number),
      );
      if (!(distance * MAS <= far)) far = distance * MAS;
    }
  }
  return far;
}

describe('a map of a frame', () => {
  it.each<[string, Header]>([
    ['TAN of 4 mas pixels', header([150, 2], 4e-3 / 3600)],
    ['TAN of 0.2 arcsec pixels', header([350, -70], 0.2 / 3600)],
    ['TAN of 1 degree pixels, half the sky', header([10, 40], 1)],
    ['TAN-SIP', header([210, 54], 1e-4, SIP, 'TAN-SIP')],
    [
      'TAN-SIP of order 7',
      header(
        [210, 54],
        1e-4,
        [
          ['A_ORDER', 7],
          ['B_ORDER', 2],
          ['A_0_7', 1e-20],
          ['B_2_0', 1e-6],
        ],
        'TAN-SIP',
      ),
    ],
    ['TAN across 0 h', header([0.001, 10], 1e-3, SIP, 'TAN-SIP')],
    ['TAN across 0 h from a negative longitude', header([-0.001, 10], 1e-3)],
    ['TAN with the pole in a corner', header([33, 89.99], 1e-3, SIP, 'TAN-SIP')],
    ['TAN about the pole', header([33, 90], 1e-4)],
    ['TAN about the south pole', header([33, -90], 1e-4, SIP, 'TAN-SIP')],
    ['TAN with LONPOLE', header([33, -20], 1e-4, [['LONPOLE', 35]])],
    [
      'TAN about another point',
      header([33, -20], 1e-4, [
        ['PV1_0', 1],
        ['PV1_1', 5],
        ['PV1_2', 85],
      ]),
    ],
    [
      'TPV',
      header(
        [33, -20],
        1e-4,
        [
          ['PV1_1', 1],
          ['PV1_4', 0.1],
          ['PV2_1', 1],
          ['PV2_6', 0.2],
        ],
        'TPV',
      ),
    ],
    ['SIN', header([33, -20], 1e-4, [], 'SIN')],
  ])('of %s is what single points give, to 1e-6 mas', (_, cards) => {
    expect(worst(parseWcs(cards), [40, 700])).toBeLessThan(1e-6);
  });

  it('of declination before right ascension', () => {
    const swapped = header([33, -20], 1e-3)
      .set('CTYPE1', 'DEC--TAN')
      .set('CTYPE2', 'RA---TAN')
      .set('CRVAL1', -20)
      .set('CRVAL2', 33);
    expect(worst(parseWcs(swapped), [20, 200])).toBeLessThan(1e-6);
  });

  it('of a plane of a cube, and of some rows only', () => {
    const cube = parseWcs(
      header([33, -20], 1e-3, [
        ['CTYPE3', 'WAVE'],
        ['CRVAL3', 2e-6],
        ['CDELT3', 1e-9],
        ['CD3_3', 1e-9],
      ]),
    );
    expect(worst(cube, [5, 6], [3])).toBeLessThan(1e-6);
    expect(frameMap(cube, [5, 6], { at: [3] })[2]?.[7]).toBe(cube.toWorld(0, 0, 3)[2]);
    const plain = parseWcs(header([33, -20], 1e-3));
    const all = frameMap(plain, [50, 60]);
    const rows = frameMap(plain, [50, 60], { rows: [10, 12] });
    expect(rows.map((values) => [...values])).toEqual(all.map((values) => [...values.subarray(600, 720)]));
  });

  it('goes to arrays that are given', () => {
    const wcs = parseWcs(header([33, -20], 1e-3));
    const into = [new Float64Array(12), new Float64Array(12)];
    const map = frameMap(wcs, [3, 4], { into });
    expect(map[0]).toBe(into[0]);
    expect(into[1]?.[11]).toBeCloseTo(wcs.toWorld(3, 2)[1] as number, 12);
  });
});

it('many points are what single points give, forth and back, in place too', () => {
  const next = random(3);
  const wcs = parseWcs(header([33, -20], 1e-3, SIP, 'TAN-SIP'));
  const pixel = [0, 1].map(() => Float64Array.from({ length: 100 }, () => 1000 * next()));
  const world = pixelToWorldMany(wcs, pixel);
  for (let k = 0; k < 100; k++) {
    const one = wcs.toWorld(pixel[0]?.[k] as number, pixel[1]?.[k] as number);
    expect(world.map((values) => values[k])).toEqual(one);
  }
  const back = worldToPixelMany(wcs, world, world);
  expect(back[0]).toBe(world[0]);
  back.forEach((values, j) => {
    values.forEach((value, k) => {
      expect(Math.abs(value - (pixel[j]?.[k] as number))).toBeLessThan(1e-9);
    });
  });
});
