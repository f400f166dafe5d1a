import { cod, coe, coo, cop } from './conic.ts';
import { csc, qsc, tsc } from './cube.ts';
import { car, cea, cyp, mer } from './cylindrical.ts';
import { hpx } from './healpix.ts';
import { azp, sin, szp } from './perspective.ts';
import { bon, pco } from './polyconic.ts';
import { type MakeProjection, type Parameters, type Projection, withinSphere } from './projection.ts';
import { ait, mol, par, sfl } from './pseudocylindrical.ts';
import { air, arc, stg, tan, zea } from './zenithal.ts';
import { zpn } from './zpn.ts';

/** Every projection by its code in CTYPE, and how far over the edge of the sphere (degrees) rounding may lead. */
const PROJECTIONS: Readonly<Record<string, readonly [make: MakeProjection, tolerance: number]>> = {
  AZP: [azp, 1e-13],
  SZP: [szp, 1e-13],
  TAN: [tan, 1e-13],
  STG: [stg, 1e-13],
  SIN: [sin, 1e-13],
  ARC: [arc, 1e-13],
  ZPN: [zpn, 1e-13],
  ZEA: [zea, 1e-13],
  AIR: [air, 1e-13],
  CYP: [cyp, 1e-13],
  CEA: [cea, 1e-13],
  CAR: [car, 1e-13],
  MER: [mer, 1e-13],
  SFL: [sfl, 1e-12],
  PAR: [par, 1e-12],
  MOL: [mol, 1e-11],
  AIT: [ait, 1e-13],
  COP: [cop, 1e-13],
  COE: [coe, 1e-13],
  COD: [cod, 1e-13],
  COO: [coo, 1e-13],
  BON: [bon, 1e-11],
  PCO: [pco, 1e-12],
  TSC: [tsc, 1e-13],
  CSC: [csc, 1e-13],
  QSC: [qsc, 1e-13],
  HPX: [hpx, 1e-12],
};

export function isProjection(code: string): boolean {
  return Object.hasOwn(PROJECTIONS, code);
}

export function makeProjection(code: string, parameters: Parameters): Projection {
  const [make, tolerance] = PROJECTIONS[code] as readonly [MakeProjection, number];
  return withinSphere(make(parameters), tolerance);
}

export type { Parameters, Projection };
