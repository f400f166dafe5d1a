import type { HeaderEntry } from '../../src/index.ts';
import { random } from '../support.ts';
import type { HeaderSpec } from './truth.ts';

/** Projections with parameters (PVi_m on the latitude axis) to try. */
export const PROJECTIONS: readonly (readonly [code: string, ...pv: Readonly<Record<number, number>>[]])[] = [
  ['AZP', {}, { 1: 2, 2: 30 }, { 1: -2, 2: -20 }, { 1: 0.5, 2: 15 }],
  ['SZP', {}, { 1: 2, 2: 180, 3: 60 }, { 1: 0.5, 2: 30, 3: 45 }, { 1: -3, 2: 10, 3: 80 }],
  ['TAN', {}],
  ['STG', {}],
  ['SIN', {}, { 1: 0.3, 2: -0.2 }, { 2: 1.1 }],
  ['ARC', {}],
  [
    'ZPN',
    { 1: 1 },
    { 0: 0.05, 1: 0.9 },
    { 1: 1, 2: -0.05 },
    { 1: 1, 3: 42 },
    { 0: 0.01, 1: 0.95, 2: -0.1, 3: 0.02, 5: 0.003 },
  ],
  ['ZEA', {}],
  ['AIR', {}, { 1: 45 }, { 1: -10 }],
  ['CYP', {}, { 1: 0.5, 2: 0.8 }, { 1: 3, 2: 1 }],
  ['CEA', {}, { 1: 0.6 }],
  ['CAR', {}],
  ['MER', {}],
  ['SFL', {}],
  ['PAR', {}],
  ['MOL', {}],
  ['AIT', {}],
  ['COP', { 1: 45, 2: 20 }, { 1: -40 }],
  ['COE', { 1: 45, 2: 20 }, { 1: -40, 2: 10 }, { 1: 30 }],
  ['COD', { 1: 45, 2: 20 }, { 1: -40 }],
  ['COO', { 1: 45, 2: 20 }, { 1: -40, 2: 15 }, { 1: 30 }],
  ['BON', { 1: 45 }, { 1: -30 }, { 1: 0 }],
  ['PCO', {}],
  ['TSC', {}],
  ['CSC', {}],
  ['QSC', {}],
  ['HPX', {}, { 1: 4, 2: 3 }, { 1: 6, 2: 4 }, { 1: 3, 2: 2 }],
  ['NCP', {}],
  ['GLS', {}],
];

const NATIVE_POLE = /^(AZP|SZP|TAN|STG|SIN|ARC|ZPN|ZEA|AIR|NCP)$/;

/** Reproducible headers of a projection: reference points, poles, matrices, axis orders and scales of all kinds. */
export function randomHeaders(
  code: string,
  pv: Readonly<Record<number, number>>,
  seed: number,
  count: number,
): HeaderSpec[] {
  const next = random(seed);
  const between = (a: number, b: number) => a + (b - a) * next();
  const pick = <T>(...list: readonly T[]): T => list[Math.floor(next() * list.length)] as T;
  return Array.from({ length: count }, (_, k) => {
    const zenithal = NATIVE_POLE.test(code);
    const axes = pick(2, 2, 3);
    const order = pick(
      [1, 2],
      [2, 1],
      ...(axes === 3
        ? [
            [1, 3],
            [3, 1],
            [2, 3],
          ]
        : []),
    );
    const [longitude = 1, latitude = 2] = order;
    const [name1, name2] = pick(['RA--', 'DEC-'], ['GLON', 'GLAT'], ['ELON', 'ELAT'], ['HPLN', 'HPLT']);
    // The whole sphere, or a field around the reference point.
    const scale = pick(360 / 200, 0.05, 0.001);
    const crval2 = pick(between(-85, 85), between(-85, 85), 0, zenithal ? 90 : 20, zenithal ? -90 : -20);
    const cards: HeaderEntry[] = [
      ['NAXIS', axes],
      ...Array.from({ length: axes }, (_, i): HeaderEntry => [`NAXIS${i + 1}`, 200]),
      [`CTYPE${longitude}`, `${name1}-${code}`],
      [`CTYPE${latitude}`, `${name2}-${code}`],
      [`CRVAL${longitude}`, pick(between(0, 360), between(-180, 180), 0)],
      [`CRVAL${latitude}`, code === 'NCP' && crval2 === 0 ? 30 : crval2],
      [`CRPIX${longitude}`, pick(100.5, between(-50, 250))],
      [`CRPIX${latitude}`, pick(100.5, between(-50, 250))],
    ];
    const third = [1, 2, 3].find((i) => i <= axes && !order.includes(i));
    if (third !== undefined) {
      cards.push([`CTYPE${third}`, pick('STOKES', 'FREQ', 'AWAV', 'VELO', 'LINEAR')]);
      cards.push(
        [`CRVAL${third}`, between(1, 1e6)],
        [`CRPIX${third}`, between(1, 100)],
        [`CDELT${third}`, between(0.1, 3)],
      );
    }
    const angle = between(-180, 180);
    const [cos, sin] = [Math.cos((angle * Math.PI) / 180), Math.sin((angle * Math.PI) / 180)];
    const matrix = [
      [cos, -sin],
      [sin, cos * between(0.8, 1.2)],
    ];
    const form = axes === 3 ? pick('PC', 'CROTA') : pick('CD', 'PC', 'CROTA', 'CDELT');
    if (form !== 'CD')
      cards.push([`CDELT${longitude}`, -scale], [`CDELT${latitude}`, scale * between(0.9, 1.1)]);
    if (form === 'CROTA') cards.push([`CROTA${latitude}`, angle]);
    if (form === 'CD' || form === 'PC') {
      order.forEach((i, r) => {
        order.forEach((j, c) => {
          cards.push([
            `${form}${i}_${j}`,
            (matrix[r]?.[c] as number) * (form === 'CD' ? scale * (r === 0 ? -1 : 1) : 1),
          ]);
        });
      });
    }
    // Reference points away from the pole allow few poles of projections whose fiducial point is on the equator.
    if (zenithal && next() < 0.5) cards.push(['LONPOLE', pick(between(-180, 180), 0, 90, 180)]);
    if (!zenithal && next() < 0.3) cards.push(['LATPOLE', pick(90, -90, between(-90, 90))]);
    for (const [m, value] of Object.entries(pv)) cards.push([`PV${latitude}_${m}`, value]);
    if (zenithal && code !== 'NCP' && code !== 'ZPN' && next() < 0.3) {
      cards.push(
        [`PV${longitude}_0`, pick(0, 1)],
        [`PV${longitude}_1`, between(-20, 20)],
        [`PV${longitude}_2`, between(75, 89)],
      );
    }
    if (next() < 0.2) cards.push([`CUNIT${longitude}`, 'deg'], [`CUNIT${latitude}`, 'deg']);
    return { name: `${code} ${JSON.stringify(pv)} ${k}`, cards };
  });
}
