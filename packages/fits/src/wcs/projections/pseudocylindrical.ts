import { asind, atan2d, copysign, cosd, RAD, sind } from '../trig.ts';
import { type MakeProjection, nowhere } from './projection.ts';

/** SFL, Sanson-Flamsteed: x = φ cos θ, y = θ. */
export const sfl: MakeProjection = () => ({
  theta0: 0,
  toNative(x, y, out) {
    const c = Math.cos(y / RAD);
    if (c === 0) return nowhere(out);
    out[0] = x * (1 / c);
    out[1] = y;
  },
  toPlane(phi, theta, out) {
    out[0] = cosd(theta) * phi;
    out[1] = theta;
  },
});

/** PAR, parabolic: x = φ (2 cos(2θ/3) − 1), y = 180° sin(θ/3). */
export const par: MakeProjection = () => ({
  theta0: 0,
  toNative(x, y, out) {
    const r = y * (1 / 180);
    const s = 1 - 4 * r * r;
    // At the poles the graticule is a point.
    if (Math.abs(r) > 1 || (s === 0 && Math.abs(x) >= 1e-13)) return nowhere(out);
    out[0] = s === 0 ? 0 : x * (1 / s);
    out[1] = 3 * asind(r);
  },
  toPlane(phi, theta, out) {
    const s = sind(theta / 3);
    out[0] = (1 - 4 * s * s) * phi;
    out[1] = 180 * s;
  },
});

const ROOT2_R = Math.SQRT2 * RAD;

/** MOL, Mollweide: x = (2√2/π) φ cos γ, y = √2 sin γ with 2γ + sin 2γ = π sin θ. */
export const mol: MakeProjection = () => ({
  theta0: 0,
  toNative(x, y, out) {
    const y0 = y / RAD;
    const square = 2 - y0 * y0;
    const atPole = square <= 1e-12;
    if (square < -1e-12 || (atPole && Math.abs(x) >= 1e-12)) return nowhere(out);
    const r = atPole ? 0 : Math.sqrt(square);
    const t = y * (1 / ROOT2_R);
    if (Math.abs(t) > 1 + 1e-12) return nowhere(out);
    let z = (Math.abs(t) > 1 ? copysign(1, t) : Math.asin(t) * (2 / Math.PI)) + (y0 * r) / Math.PI;
    if (Math.abs(z) > 1 + 1e-12) return nowhere(out);
    if (Math.abs(z) > 1) z = copysign(1, z);
    out[0] = atPole ? 0 : (90 / RAD) * x * (1 / r);
    out[1] = asind(z);
  },
  toPlane(phi, theta, out) {
    const gamma = Math.abs(theta) === 90 ? copysign(Math.PI / 2, theta) : auxiliaryAngle(theta);
    out[0] = Math.abs(theta) === 90 ? 0 : Math.cos(gamma) * ((ROOT2_R / 90) * phi);
    out[1] = ROOT2_R * Math.sin(gamma);
  },
});

/** γ with 2γ + sin 2γ = π sin θ: Newton's steps kept within the shrinking bracket, since the slope vanishes at the poles. */
function auxiliaryAngle(theta: number): number {
  const u = Math.PI * sind(theta);
  let low = -Math.PI;
  let high = Math.PI;
  let v = u;
  for (let i = 0; i < 100; i++) {
    const residual = v - u + Math.sin(v);
    if (residual === 0) break;
    if (residual < 0) low = v;
    else high = v;
    const newton = v - residual / (1 + Math.cos(v));
    const next = newton > low && newton < high ? newton : (low + high) / 2;
    if (Math.abs(next - v) <= 2 ** -53 * Math.abs(v)) break;
    v = next;
  }
  return v / 2;
}

/** AIT, Hammer-Aitoff: x = 2α cos θ sin(φ/2), y = α sin θ with α = √(2 / (1 + cos θ cos(φ/2))). */
export const ait: MakeProjection = () => {
  const twoR2 = 2 * RAD * RAD;
  const ySquare = 1 / (2 * twoR2);
  const xSquare = ySquare / 4;
  const perTwoR = 1 / (2 * RAD);
  return {
    theta0: 0,
    toNative(x, y, out) {
      const square = 1 - x * x * xSquare - y * y * ySquare;
      if (square < 0.5 - 1e-13) return nowhere(out);
      const z = Math.sqrt(Math.max(0.5, square));
      const t = (z * y) / RAD;
      if (Math.abs(t) > 1 + 1e-13) return nowhere(out);
      out[0] = 2 * atan2d(z * (x * perTwoR), 2 * z * z - 1);
      out[1] = Math.abs(t) > 1 ? copysign(90, t) : asind(t);
    },
    toPlane(phi, theta, out) {
      const cosTheta = cosd(theta);
      const w = Math.sqrt(twoR2 / (1 + cosTheta * cosd(phi / 2)));
      out[0] = 2 * w * cosTheta * sind(phi / 2);
      out[1] = w * sind(theta);
    },
  };
};
