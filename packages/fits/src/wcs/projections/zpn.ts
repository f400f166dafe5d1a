import { atan2d, cosd, DEG, RAD, sind } from '../trig.ts';
import { dissect } from './dissect.ts';
import { type MakeProjection, nowhere } from './projection.ts';

const TOLERANCE = 1e-13;

/**
 * ZPN, zenithal polynomial: r = Σ P_m ζ^m, ζ = 90° − θ in radians, P_m = PVi_m, m = 0..29 (Paper II §5.1.7).
 * Usable from the pole to where r(ζ) first turns round; of two solutions the one nearer to the pole counts.
 */
export const zpn: MakeProjection = (parameters) => {
  const degree = Math.min(parameters.highest, 29);
  if (degree < 1) parameters.refuse(1, 'a polynomial that is not constant');
  const p = Float64Array.from({ length: degree + 1 }, (_, m) => parameters.get(m, 0));
  const slopes = Float64Array.from({ length: degree }, (_, m) => (m + 1) * (p[m + 1] as number));
  const p0 = p[0] as number;
  const p1 = p[1] as number;
  if (degree > 1 && p1 <= 0) parameters.refuse(1, 'more than 0: the polynomial must rise at the pole');
  const last = degree > 1 ? turningPoint(slopes) : Math.PI;
  const rLast = horner(p, last);

  const linear = (r: number) => (r - p0) / p1;
  const quadratic = (r: number) => {
    const a = p[2] as number;
    const d = p1 * p1 - 4 * a * (p0 - r);
    if (d < 0) return Number.NaN;
    const root = Math.sqrt(d);
    const one = (-p1 + root) / (2 * a);
    const two = (-p1 - root) / (2 * a);
    const nearer = Math.min(one, two);
    const zeta = nearer < -TOLERANCE ? Math.max(one, two) : nearer;
    if (zeta < -TOLERANCE || zeta > Math.PI + TOLERANCE) return Number.NaN;
    return Math.max(0, Math.min(Math.PI, zeta));
  };
  const higher = (r: number) => {
    if (r < p0) return r < p0 - TOLERANCE ? Number.NaN : 0;
    if (r > rLast) return r > rLast + TOLERANCE ? Number.NaN : last;
    return dissect((zeta) => horner(p, zeta), 0, p0, last, rLast, r, TOLERANCE, TOLERANCE);
  };
  const inverse = degree === 1 ? linear : degree === 2 ? quadratic : higher;

  return {
    theta0: 90,
    toNative(x, y, out) {
      const r = Math.sqrt(x * x + y * y) / RAD;
      const zeta = inverse(r);
      if (Number.isNaN(zeta)) return nowhere(out);
      out[0] = r === 0 ? 0 : atan2d(x, -y);
      out[1] = 90 - zeta * RAD;
    },
    toPlane(phi, theta, out) {
      const zeta = (90 - theta) * DEG;
      if (zeta > last) return nowhere(out);
      const r = RAD * horner(p, zeta);
      out[0] = r * sind(phi);
      out[1] = -r * cosd(phi);
    },
  };
};

function horner(p: Float64Array, x: number): number {
  let sum = 0;
  for (let m = p.length - 1; m >= 0; m--) sum = sum * x + (p[m] as number);
  return sum;
}

/** Where the derivative of r(ζ) first becomes 0 or less, looked for in steps of 1°; π if nowhere. */
function turningPoint(slopes: Float64Array): number {
  let low = 0;
  let rise = slopes[0] as number;
  for (let degrees = 0; degrees < 180; degrees++) {
    const high = degrees * DEG;
    const fall = horner(slopes, high);
    if (fall <= 0) return zero(slopes, low, rise, high, fall);
    low = high;
    rise = fall;
  }
  return Math.PI;
}

/** The zero of a polynomial between two arguments where its sign differs, by at most ten false positions. */
function zero(p: Float64Array, a: number, fa: number, b: number, fb: number): number {
  let [low, high, fLow, fHigh] = [a, b, fa, fb];
  let x = high;
  for (let i = 0; i < 10; i++) {
    x = low - (fLow * (high - low)) / (fHigh - fLow);
    const fx = horner(p, x);
    if (Math.abs(fx) < TOLERANCE) break;
    if (fx < 0) [high, fHigh] = [x, fx];
    else [low, fLow] = [x, fx];
  }
  return x;
}
