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
    throw new WcsError(
      'KEYWORD_VALUE',
      `found ${order}, expected an integer from 0 to ${MAX_ORDER}`,
      keyword,
    );
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

/** Undo `distort` in place, by Newton's method from the distorted offset; NaN where that does not converge. */
export function undistort({ a, b }: Sip, offset: Float64Array): void {
  const x = offset[0] as number;
  const y = offset[1] as number;
  const scale = Math.abs(x) + Math.abs(y) + 1;
  const A = new Float64Array(3);
  const B = new Float64Array(3);
  let u = x;
  let v = y;
  for (let i = 0; i < 30; i++) {
    expand(a, u, v, A);
    expand(b, u, v, B);
    const du = x - u - (A[0] as number);
    const dv = y - v - (B[0] as number);
    const auu = 1 + (A[1] as number);
    const auv = A[2] as number;
    const avu = B[1] as number;
    const avv = 1 + (B[2] as number);
    const determinant = auu * avv - auv * avu;
    const stepU = (avv * du - auv * dv) / determinant;
    const stepV = (auu * dv - avu * du) / determinant;
    u += stepU;
    v += stepV;
    const step = Math.abs(stepU) + Math.abs(stepV);
    if (step <= 1e-13 * scale) break;
    if (!Number.isFinite(step) || i === 29) u = v = Number.NaN;
  }
  offset[0] = u;
  offset[1] = v;
}

/** The polynomial and its derivatives by u and v, written to `out`. */
function expand({ order, coefficients }: Polynomial, u: number, v: number, out: Float64Array): void {
  let sum = 0;
  let byU = 0;
  let byV = 0;
  for (let p = order; p >= 0; p--) {
    let inner = 0;
    let innerByV = 0;
    for (let q = order - p; q >= 0; q--) {
      innerByV = innerByV * v + inner;
      inner = inner * v + (coefficients[p * (order + 1) + q] as number);
    }
    byU = byU * u + sum;
    sum = sum * u + inner;
    byV = byV * u + innerByV;
  }
  out[0] = sum;
  out[1] = byU;
  out[2] = byV;
}
