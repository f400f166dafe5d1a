import { WcsError } from './errors.ts';
import { newton2 } from './newton.ts';

/**
 * TPV distortion (FITS registry): polynomials up to the 7th degree in the intermediate world coordinates (ξ, η), degrees,
 * with radial terms, PV1_m for ξ and, with ξ and η exchanged, PV2_m for η.
 */
export interface Tpv {
  readonly longitude: Float64Array;
  readonly latitude: Float64Array;
}

const TERMS = 40;

/** @throws WcsError KEYWORD_MISSING if the linear term is absent (readers disagree about its default), UNSUPPORTED beyond PVi_39 */
export function makeTpv(
  longitude: ReadonlyMap<number, number> | undefined,
  latitude: ReadonlyMap<number, number> | undefined,
  keyword: (axis: 'longitude' | 'latitude', m: number) => string,
): Tpv {
  const coefficients = (axis: 'longitude' | 'latitude', pv: ReadonlyMap<number, number> | undefined) => {
    const out = new Float64Array(TERMS);
    for (const [m, value] of pv ?? []) {
      if (m >= TERMS) {
        throw new WcsError('UNSUPPORTED', `TPV has terms 0 to ${TERMS - 1}`, keyword(axis, m));
      }
      out[m] = value;
    }
    if (!pv?.has(1))
      throw new WcsError('KEYWORD_MISSING', 'TPV needs the linear term of each axis', keyword(axis, 1));
    return out;
  };
  return { longitude: coefficients('longitude', longitude), latitude: coefficients('latitude', latitude) };
}

/** Σ c_m t_m(x, y), the terms in the order of the convention. */
function evaluate(c: Float64Array, x: number, y: number): number {
  const at = (m: number) => c[m] as number;
  const x2 = x * x;
  const y2 = y * y;
  const r2 = x2 + y2;
  const r = Math.sqrt(r2);
  const x3 = x2 * x;
  const y3 = y2 * y;
  const x4 = x2 * x2;
  const y4 = y2 * y2;
  const x5 = x4 * x;
  const y5 = y4 * y;
  const x6 = x3 * x3;
  const y6 = y3 * y3;
  let sum = at(0) + at(1) * x + at(2) * y + at(3) * r;
  sum += at(4) * x2 + at(5) * x * y + at(6) * y2;
  sum += at(7) * x3 + at(8) * x2 * y + at(9) * x * y2 + at(10) * y3 + at(11) * r2 * r;
  sum += at(12) * x4 + at(13) * x3 * y + at(14) * x2 * y2 + at(15) * x * y3 + at(16) * y4;
  sum += at(17) * x5 + at(18) * x4 * y + at(19) * x3 * y2 + at(20) * x2 * y3 + at(21) * x * y4 + at(22) * y5;
  sum += at(23) * r2 * r2 * r;
  sum += at(24) * x6 + at(25) * x5 * y + at(26) * x4 * y2 + at(27) * x3 * y3;
  sum += at(28) * x2 * y4 + at(29) * x * y5 + at(30) * y6;
  sum += at(31) * x6 * x + at(32) * x6 * y + at(33) * x5 * y2 + at(34) * x4 * y3;
  sum += at(35) * x3 * y4 + at(36) * x2 * y5 + at(37) * x * y6 + at(38) * y6 * y;
  return sum + at(39) * r2 * r2 * r2 * r;
}

export function distortTpv({ longitude, latitude }: Tpv, xi: number, eta: number): [number, number] {
  return [evaluate(longitude, xi, eta), evaluate(latitude, eta, xi)];
}

/** NaN where there is no solution near by. */
export function undistortTpv(tpv: Tpv, x: number, y: number): readonly [number, number] {
  return newton2((xi, eta) => distortTpv(tpv, xi, eta), x, y, 1e-3);
}
