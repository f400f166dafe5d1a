import type { Header } from '../header.ts';
import { WcsError } from './errors.ts';

/**
 * SIP distortion (Shupe et al. 2005, ASP Conf. 347, 491): u' = u + Σ A_pq u^p v^q, v' = v + Σ B_pq u^p v^q with (u, v)
 * the pixel offset from CRPIX on the first two axes.
 */
export interface Sip {
  readonly a: Polynomial;
  readonly b: Polynomial;
}

/** Coefficients of u^p v^q at `p * (order + 1) + q`, p + q ≤ order. */
export interface Polynomial {
  readonly order: number;
  readonly coefficients: Float64Array;
}

const MAX_ORDER = 20;

/** @throws WcsError KEYWORD_MISSING, KEYWORD_VALUE */
export function readSip(header: Header): Sip | undefined {
  const a = readPolynomial(header, 'A');
  const b = readPolynomial(header, 'B');
  if (!a && !b) return undefined;
  if (!a || !b) {
    const missing = a ? 'B_ORDER' : 'A_ORDER';
    throw new WcsError('KEYWORD_MISSING', 'a SIP distortion needs the polynomials of both axes', missing);
  }
  return { a, b };
}

function readPolynomial(header: Header, letter: 'A' | 'B'): Polynomial | undefined {
  const keyword = `${letter}_ORDER`;
  if (!header.has(keyword)) return undefined;
  const order = numberOf(header, keyword);
  if (!Number.isInteger(order) || order < 0 || order > MAX_ORDER) {
    throw new WcsError('KEYWORD_VALUE', `found ${order}, expected an integer from 0 to ${MAX_ORDER}`, keyword);
  }
  const coefficients = new Float64Array((order + 1) ** 2);
  for (let p = 0; p <= order; p++) {
    for (let q = 0; q <= order - p; q++) {
      const name = `${letter}_${p}_${q}`;
      if (header.has(name)) coefficients[p * (order + 1) + q] = numberOf(header, name);
    }
  }
  return coefficients.some((c) => c !== 0) || order > 1 ? { order, coefficients } : undefined;
}

function numberOf(header: Header, keyword: string): number {
  try {
    const value = header.number(keyword);
    if (value !== undefined) return value;
  } catch (cause) {
    throw new WcsError('KEYWORD_VALUE', 'expected a number', keyword, cause);
  }
  throw new WcsError('KEYWORD_VALUE', 'has no value, expected a number', keyword);
}

/** Coefficients by powers of u of the polynomial at fixed v, written to `row` (order + 1 elements). */
export function collapse({ order, coefficients }: Polynomial, v: number, row: Float64Array): void {
  for (let p = 0; p <= order; p++) {
    let sum = 0;
    for (let q = order - p; q >= 0; q--) sum = sum * v + (coefficients[p * (order + 1) + q] as number);
    row[p] = sum;
  }
}

function evaluate({ order, coefficients }: Polynomial, u: number, v: number): number {
  let sum = 0;
  for (let p = order; p >= 0; p--) {
    let inner = 0;
    for (let q = order - p; q >= 0; q--) inner = inner * v + (coefficients[p * (order + 1) + q] as number);
    sum = sum * u + inner;
  }
  return sum;
}

/** Distort the first two elements of a pixel offset in place. */
export function distort({ a, b }: Sip, offset: Float64Array): void {
  const u = offset[0] as number;
  const v = offset[1] as number;
  offset[0] = u + evaluate(a, u, v);
  offset[1] = v + evaluate(b, u, v);
}

/** Undo `distort` in place, by Newton's method; NaN where that does not converge. */
export function undistort(sip: Sip, offset: Float64Array): void {
  const distorted = (u: number, v: number): [number, number] => [u + evaluate(sip.a, u, v), v + evaluate(sip.b, u, v)];
  const [u, v] = newton2(distorted, offset[0] as number, offset[1] as number, 1);
  offset[0] = u;
  offset[1] = v;
}

/**
 * The (u, v) with f(u, v) = (x, y), starting from (x, y), for maps close to the identity.
 *
 * @param unit  a small distance in u and v, for the derivatives
 */
export function newton2(
  f: (u: number, v: number) => readonly [number, number],
  x: number,
  y: number,
  unit: number,
): readonly [number, number] {
  let u = x;
  let v = y;
  let last = Number.POSITIVE_INFINITY;
  for (let i = 0; i < 50; i++) {
    const [fu, fv] = f(u, v);
    const du = x - fu;
    const dv = y - fv;
    const error = Math.abs(du) + Math.abs(dv);
    if (error === 0) return [u, v];
    const h = unit * 1e-3;
    const [uu, vu] = f(u + h, v);
    const [ul, vl] = f(u - h, v);
    const [uv, vv] = f(u, v + h);
    const [ud, vd] = f(u, v - h);
    const a = (uu - ul) / (2 * h);
    const b = (uv - ud) / (2 * h);
    const c = (vu - vl) / (2 * h);
    const d = (vv - vd) / (2 * h);
    const determinant = a * d - b * c;
    const stepU = (d * du - b * dv) / determinant;
    const stepV = (a * dv - c * du) / determinant;
    if (!Number.isFinite(stepU) || !Number.isFinite(stepV)) break;
    // Down to rounding, where a step no longer helps.
    const scale = Math.abs(u) + Math.abs(v) + unit;
    if (error >= last && error <= 1e-13 * scale) return [u, v];
    u += stepU;
    v += stepV;
    if (Math.abs(stepU) + Math.abs(stepV) <= 1e-16 * scale) return [u, v];
    last = error;
  }
  const [fu, fv] = f(u, v);
  const off = Math.abs(x - fu) + Math.abs(y - fv);
  return off <= 1e-12 * (Math.abs(x) + Math.abs(y) + unit) ? [u, v] : [Number.NaN, Number.NaN];
}
