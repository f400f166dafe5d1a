import { asind, atan2d, atand, copysign, cosd, RAD, sind } from '../trig.ts';
import { type MakeProjection, nowhere, type Projection } from './projection.ts';

const TOLERANCE = 1e-13;
const PER_RAD = 1 / RAD;

/** AZP, zenithal perspective with distance μ (PVi_1) and tilt γ (PVi_2): Paper II §5.1.1. */
export const azp: MakeProjection = (parameters) => {
  const mu = parameters.get(1, 0);
  const gamma = parameters.get(2, 0);
  const scale = RAD * (mu + 1);
  const cosGamma = cosd(gamma);
  const sinGamma = sind(gamma);
  if (scale === 0) parameters.refuse(1, 'anything but -1');
  if (cosGamma === 0) parameters.refuse(2, 'anything but ±90');
  /** Below it the near and the far side overlap. */
  const overlap = Math.abs(mu) > 1 ? asind(-1 / mu) : -90;
  const diverges = Math.abs(mu * cosGamma) < 1;
  return {
    theta0: 90,
    toNative(x, y, out) {
      const yc = y * cosGamma;
      const r = Math.sqrt(x * x + yc * yc);
      if (r === 0) {
        out[0] = 0;
        out[1] = 90;
        return;
      }
      const rho = r / (scale + y * sinGamma);
      const sinOmega = (rho * mu) / Math.sqrt(rho * rho + 1);
      if (Math.abs(sinOmega) > 1 + TOLERANCE) return nowhere(out);
      const omega = Math.abs(sinOmega) > 1 ? copysign(90, sinOmega) : asind(sinOmega);
      out[0] = atan2d(x, -yc);
      out[1] = nearerPole(atan2d(1, rho), omega);
    },
    toPlane(phi, theta, out) {
      const cosPhi = cosd(phi);
      const slope = (sinGamma / cosGamma) * cosPhi;
      const t = mu + sind(theta) + cosd(theta) * slope;
      if (t === 0 || theta < overlap) return nowhere(out);
      if (diverges) {
        const sinLimit = mu / Math.sqrt(1 + slope * slope);
        if (Math.abs(sinLimit) <= 1 && theta < nearerPole(atand(-slope), asind(sinLimit)))
          return nowhere(out);
      }
      const r = (scale * cosd(theta)) / t;
      out[0] = r * sind(phi);
      out[1] = (-r * cosPhi) / cosGamma;
    },
  };
};

/** SZP, slant zenithal perspective: distance μ (PVi_1), direction φc (PVi_2), θc (PVi_3): Paper II §5.1.2. */
export const szp: MakeProjection = (parameters) => {
  const mu = parameters.get(1, 0);
  const phiC = parameters.get(2, 0);
  const thetaC = parameters.get(3, 90);
  const zp = mu * sind(thetaC) + 1;
  if (zp === 0) parameters.refuse(3, 'a point of projection off the plane');
  const xp = -mu * cosd(thetaC) * sind(phiC);
  const yp = mu * cosd(thetaC) * cosd(phiC);
  const limb = Math.abs(zp - 1) < 1 ? asind(1 - zp) : -90;
  return {
    theta0: 90,
    toNative(x, y, out) {
      const xr = x * PER_RAD;
      const yr = y * PER_RAD;
      const u = (xr - xp) / zp;
      const v = (yr - yp) / zp;
      const t = u * u + v * v;
      const xy = xr * u + yr * v;
      const r2 = xr * xr + yr * yr;
      slant(xr, yr, u, v, t, xy, r2 - xy - xy + t - 1, out);
    },
    toPlane(phi, theta, out) {
      const s = 1 - sind(theta);
      const t = zp - s;
      if (t === 0 || theta < limb) return nowhere(out);
      const sinPhi = sind(phi);
      const cosPhi = cosd(phi);
      if (Math.abs(mu) > 1) {
        const u = xp * sinPhi - yp * cosPhi;
        const sinLimit = 1 / Math.sqrt((zp - 1) * zp - 1 + u * u);
        if (Math.abs(sinLimit) <= 1 && theta < nearerPole(atan2d(u, zp - 1), asind(sinLimit)))
          return nowhere(out);
      }
      const r = (RAD * zp * cosd(theta)) / t;
      out[0] = r * sinPhi - (RAD * xp * s) / t;
      out[1] = -r * cosPhi - (RAD * yp * s) / t;
    },
  };
};

/** SIN, orthographic, or slant orthographic ("synthesis") with ξ (PVi_1) and η (PVi_2): Paper II §5.1.5. */
export const sin: MakeProjection = (parameters) => {
  const xi = parameters.get(1, 0);
  const eta = parameters.get(2, 0);
  return xi === 0 && eta === 0 ? orthographic : synthesis(xi, eta);
};

const orthographic: Projection = {
  theta0: 90,
  toNative(x, y, out) {
    const xr = x * PER_RAD;
    const yr = y * PER_RAD;
    const r2 = xr * xr + yr * yr;
    if (r2 > 1) return nowhere(out);
    out[0] = r2 === 0 ? 0 : atan2d(xr, -yr);
    out[1] = r2 < 0.5 ? Math.acos(Math.sqrt(r2)) * RAD : asind(Math.sqrt(1 - r2));
  },
  toPlane(phi, theta, out) {
    if (theta < 0) return nowhere(out);
    const r = RAD * cosdNearPole(theta);
    out[0] = r * sind(phi);
    out[1] = -r * cosd(phi);
  },
};

function synthesis(xi: number, eta: number): Projection {
  const t = xi * xi + eta * eta;
  return {
    theta0: 90,
    toNative(x, y, out) {
      const xr = x * PER_RAD;
      const yr = y * PER_RAD;
      const xy = xr * xi + yr * eta;
      slant(xr, yr, xi, eta, t, xy, xr * xr + yr * yr - xy - xy + (t - 1), out);
    },
    toPlane(phi, theta, out) {
      const sinPhi = sind(phi);
      const cosPhi = cosd(phi);
      if (theta < -atand(xi * sinPhi - eta * cosPhi)) return nowhere(out);
      const r = RAD * cosdNearPole(theta);
      const z = RAD * versine(theta);
      out[0] = r * sinPhi + xi * z;
      out[1] = -r * cosPhi + eta * z;
    },
  };
}

/**
 * Where the line through (x, y) in the plane, of direction (u, v, 1), meets the sphere; of two points the one nearer to
 * the pole. sin θ solves a quadratic equation, a = 1 + t, b = xy − t, with t = u² + v², xy = xu + yv and c given, since
 * sin θ close to 1 shows how c was rounded.
 */
function slant(
  x: number,
  y: number,
  u: number,
  v: number,
  t: number,
  xy: number,
  c: number,
  out: Float64Array,
): void {
  const r2 = x * x + y * y;
  let z: number;
  let theta: number;
  if (r2 < 1e-10) {
    z = r2 / 2;
    theta = 90 - RAD * Math.sqrt(r2 / (1 + xy));
  } else {
    const a = t + 1;
    const b = xy - t;
    const d = b * b - a * c;
    if (d < 0) {
      nowhere(out);
      return;
    }
    const root = Math.sqrt(d);
    let sinTheta = (-b + root) / a;
    if (sinTheta > 1) sinTheta = sinTheta - 1 < TOLERANCE ? 1 : (-b - root) / a;
    if (sinTheta < -1 && sinTheta + 1 > -TOLERANCE) sinTheta = -1;
    if (!(Math.abs(sinTheta) <= 1)) {
      nowhere(out);
      return;
    }
    theta = asind(sinTheta);
    z = 1 - sinTheta;
  }
  out[0] = atan2d(x - u * z, -(y - v * z));
  out[1] = theta;
}

/** Of the two latitudes ψ − ω and ψ + ω + 180 the larger one that is a latitude. */
function nearerPole(psi: number, omega: number): number {
  const a = psi - omega;
  const b = psi + omega + 180;
  return Math.max(a > 90 ? a - 360 : a, b > 90 ? b - 360 : b);
}

/** cos θ without the cancellation at the poles. */
function cosdNearPole(theta: number): number {
  const t = (90 - Math.abs(theta)) / RAD;
  return t < 1e-5 ? t : cosd(theta);
}

/** 1 − sin θ without the cancellation at the poles. */
function versine(theta: number): number {
  const t = (90 - Math.abs(theta)) / RAD;
  if (t >= 1e-5) return 1 - sind(theta);
  return theta > 0 ? (t * t) / 2 : 2 - (t * t) / 2;
}
