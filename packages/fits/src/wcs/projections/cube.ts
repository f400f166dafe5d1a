import { asind, atan2d, atand, copysign, cosd, DEG, sind } from '../trig.ts';
import { type MakeProjection, nowhere, type Projection } from './projection.ts';

/** Half a face, degrees. */
const HALF = 45;
const PER_HALF = 1 / 45;

/**
 * The faces of the quadrilateralised spherical cubes (Paper II §5.6, figure 28): face 0 at the north pole,
 * 1 to 4 along the equator, 5 at the south pole. (l, m, n) is the direction; ξ, η are along x and y of the face,
 * ζ is outwards; `x`, `y` is the centre in half faces.
 */
const FACES = [
  { xi: [0, 1, 0], eta: [-1, 0, 0], zeta: [0, 0, 1], x: 0, y: 2 },
  { xi: [0, 1, 0], eta: [0, 0, 1], zeta: [1, 0, 0], x: 0, y: 0 },
  { xi: [-1, 0, 0], eta: [0, 0, 1], zeta: [0, 1, 0], x: 2, y: 0 },
  { xi: [0, -1, 0], eta: [0, 0, 1], zeta: [-1, 0, 0], x: 4, y: 0 },
  { xi: [1, 0, 0], eta: [0, 0, 1], zeta: [0, -1, 0], x: 6, y: 0 },
  { xi: [0, 1, 0], eta: [1, 0, 0], zeta: [0, 0, -1], x: 0, y: -2 },
] as const;

/** A point on a face: position in half faces, direction cosines from its centre. */
interface Face {
  /** (x, y) within ±1 to (ξ, η, ζ), ζ > 0, of a vector of unit length; false where there is none */
  toDirection(x: number, y: number, out: Float64Array): boolean;
  /** (ξ, η, ζ) to (x, y); φ and θ in degrees help where ζ is close to 1 */
  toFace(xi: number, eta: number, zeta: number, nearCentre: () => number, out: Float64Array): void;
  /** How far beyond ±1 rounding may lead. */
  readonly tolerance: number;
}

function cube(face: Face, round: (v: number) => number = (v) => v): Projection {
  const vector = new Float64Array(3);
  const flat = new Float64Array(2);
  return {
    theta0: 0,
    toNative(x, y, out) {
      let xf = round(x * PER_HALF);
      let yf = round(y * PER_HALF);
      const onNet = Math.abs(xf) <= 1 ? Math.abs(yf) <= 3 : Math.abs(xf) <= 7 && Math.abs(yf) <= 1;
      if (!onNet) return nowhere(out);
      // Faces left of the centre are on the other side too.
      if (xf < -1) xf = round(xf + 8);
      const index = xf > 5 ? 4 : xf > 3 ? 3 : xf > 1 ? 2 : yf > 1 ? 0 : yf < -1 ? 5 : 1;
      const { xi, eta, zeta, x: x0, y: y0 } = FACES[index];
      xf -= x0;
      yf -= y0;
      if (!face.toDirection(round(xf), round(yf), vector)) return nowhere(out);
      const [a = 0, b = 0, c = 0] = vector;
      const l = a * xi[0] + b * eta[0] + c * zeta[0];
      const m = a * xi[1] + b * eta[1] + c * zeta[1];
      const n = a * xi[2] + b * eta[2] + c * zeta[2];
      out[0] = l === 0 && m === 0 ? 0 : atan2d(m, l);
      out[1] = asind(n);
    },
    toPlane(phi, theta, out) {
      const cosTheta = cosd(theta);
      const l = cosTheta * cosd(phi);
      const m = cosTheta * sind(phi);
      const n = sind(theta);
      const along = [n, l, m, -l, -m, -n];
      let index = 0;
      for (let i = 1; i < 6; i++) if ((along[i] as number) > (along[index] as number)) index = i;
      const { xi, eta, x: x0, y: y0 } = FACES[index as 0 | 1 | 2 | 3 | 4 | 5];
      const a = l * xi[0] + m * xi[1] + n * xi[2];
      const b = l * eta[0] + m * eta[1] + n * eta[2];
      face.toFace(a, b, along[index] as number, () => versineNearCentre(index, phi, theta), flat);
      const [xf = 0, yf = 0] = flat;
      const limit = 1 + face.tolerance;
      if (!(Math.abs(xf) <= limit && Math.abs(yf) <= limit)) return nowhere(out);
      out[0] = HALF * round(Math.max(-1, Math.min(1, xf)) + x0);
      out[1] = HALF * round(Math.max(-1, Math.min(1, yf)) + y0);
    },
  };
}

/** 1 − ζ to second order from the angles, for points so close to the centre of a face that ζ has lost it. */
function versineNearCentre(index: number, phi: number, theta: number): number {
  if (index === 0 || index === 5) {
    const t = (90 - Math.abs(theta)) * DEG;
    return (t * t) / 2;
  }
  const p = ((((phi - (index - 1) * 90) % 360) + 540) % 360) - 180;
  return ((p * p + theta * theta) * DEG * DEG) / 2;
}

/** TSC, tangential: the gnomonic projection of each face. */
export const tsc: MakeProjection = () =>
  cube({
    tolerance: 1e-12,
    toDirection(x, y, out) {
      const zeta = 1 / Math.sqrt(1 + x * x + y * y);
      out[0] = zeta * x;
      out[1] = zeta * y;
      out[2] = zeta;
      return true;
    },
    toFace(xi, eta, zeta, _, out) {
      out[0] = xi / zeta;
      out[1] = eta / zeta;
    },
  });

const ROOT_HALF = 1 / Math.SQRT2;

/** QSC, equal area. */
export const qsc: MakeProjection = () => {
  const fold = (ratio: number, along: number) => {
    const omega = sind(15 * ratio) / (cosd(15 * ratio) - ROOT_HALF);
    const tau = 1 + omega * omega;
    return { omega, tau, versine: along * along * (1 - 1 / Math.sqrt(1 + tau)) };
  };
  const unfold = (omega: number, versine: number) => {
    const tau = 1 + omega * omega;
    const along = Math.sqrt(versine / (1 - 1 / Math.sqrt(1 + tau)));
    return { along, ratio: (atand(omega) - asind(omega / Math.sqrt(tau + tau))) / 15 };
  };
  return cube({
    tolerance: 1e-12,
    toDirection(x, y, out) {
      const direct = Math.abs(x) > Math.abs(y);
      const along = direct ? x : y;
      const across = direct ? y : x;
      const { omega, tau, versine } =
        along === 0 ? { omega: 0, tau: 1, versine: 0 } : fold(across / along, along);
      const zeta = 1 - versine;
      if (zeta < -1) return false;
      const w = copysign(Math.sqrt((versine * (2 - versine)) / tau), along);
      out[0] = direct ? w : w * omega;
      out[1] = direct ? w * omega : w;
      out[2] = zeta;
      return true;
    },
    toFace(xi, eta, zeta, nearCentre, out) {
      out[0] = 0;
      out[1] = 0;
      if (xi === 0 && eta === 0) return;
      const versine = 1 - zeta < 1e-8 ? nearCentre() : 1 - zeta;
      const direct = Math.abs(xi) > Math.abs(eta);
      const { along, ratio } = unfold(direct ? eta / xi : xi / eta, versine);
      const signed = copysign(along, direct ? xi : eta);
      out[direct ? 0 : 1] = signed;
      out[direct ? 1 : 0] = signed * ratio;
    },
  });
};

const f = Math.fround;

/** Coefficients of the COBE quadrilateralised cube, by powers of x² (down) and y² (across): Paper II table 11. */
const CSC_P = [
  [-0.27292696, -0.02819452, 0.2705816, -0.6044156, 0.93412077, -0.63915306, 0.14381585],
  [-0.07629969, -0.01471565, -0.56800938, 1.50880086, -1.4160192, 0.52032238],
  [-0.22797056, 0.48051509, 0.30803317, -0.93678576, 0.33887446],
  [0.54852384, -1.74114454, 0.98938102, 0.08693841],
  [-0.62930065, 1.71547508, -0.83180469],
  [0.25795794, -0.53022337],
  [0.02584375],
].map((row) => row.map(f));

/**
 * CSC, the COBE quadrilateralised spherical cube. Its polynomials are good to 24″ only and single precision is part
 * of the definition in use: both directions are computed in it, as everybody else does, and do not close exactly.
 */
export const csc: MakeProjection = () =>
  cube(
    {
      tolerance: 1e-7,
      toDirection(x, y, out) {
        const chi = cscForward(x, y);
        const psi = cscForward(y, x);
        const zeta = 1 / Math.sqrt(f(f(chi * chi) + f(psi * psi)) + 1);
        out[0] = chi * zeta;
        out[1] = psi * zeta;
        out[2] = zeta;
        return true;
      },
      toFace(xi, eta, zeta, _, out) {
        const chi = f(xi / zeta);
        const psi = f(eta / zeta);
        out[0] = cscInverse(chi, psi);
        out[1] = cscInverse(psi, chi);
      },
    },
    f,
  );

function cscForward(x: number, y: number): number {
  const xx = f(x * x);
  const yy = f(y * y);
  let sum = 0;
  for (let j = 6; j >= 0; j--) {
    let z = 0;
    for (let i = 6 - j; i >= 0; i--) z = f(((CSC_P[i] as number[])[j] as number) + f(xx * z));
    sum = f(z + f(yy * sum));
  }
  return f(x + f(f(x * f(1 - xx)) * sum));
}

const GAMMA_STAR = f(1.37484847732);
const M = f(0.004869491981);
const GAMMA = f(-0.13161671474);
const OMEGA_1 = f(-0.159596235474);
const D0 = f(0.0759196200467);
const D1 = f(-0.0217762490699);
const C00 = f(0.141189631152);
const C10 = f(0.0809701286525);
const C01 = f(-0.281528535557);
const C11 = f(0.15384112876);
const C20 = f(-0.178251207466);
const C02 = f(0.106959469314);

function cscInverse(chi: number, psi: number): number {
  const c2 = f(chi * chi);
  const p2 = f(psi * psi);
  const c2co = f(1 - c2);
  const p2co = f(1 - p2);
  const c4 = c2 > 1e-16 ? f(c2 * c2) : 0;
  const p4 = p2 > 1e-16 ? f(p2 * p2) : 0;
  const c2p2 = Math.abs(f(chi * psi)) > 1e-16 ? f(c2 * p2) : 0;
  let inner = f(C00 + f(C10 * c2));
  inner = f(inner + f(C01 * p2));
  inner = f(inner + f(C11 * c2p2));
  inner = f(inner + f(C20 * c4));
  inner = f(inner + f(C02 * p4));
  let middle = f(f(GAMMA * c2co) + f(M * c2));
  middle = f(middle + f(p2co * inner));
  let outer = f(GAMMA_STAR + f(p2 * middle));
  outer = f(outer + f(c2 * f(OMEGA_1 - f(c2co * f(D0 + f(D1 * c2))))));
  return f(chi * f(c2 + f(c2co * outer)));
}
