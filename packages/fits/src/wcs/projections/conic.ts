import { asind, atan2d, atand, cosd, DEG, RAD, sind, tand } from '../trig.ts';
import { type MakeProjection, nowhere, type Parameters, type Projection } from './projection.ts';

/**
 * Conic projections: x = r sin(Cφ), y = Y0 − r cos(Cφ) with r a function of θ (Paper II §5.4);
 * θa = PVi_1 is the middle, η = PVi_2 half the distance of the standard parallels.
 */
function conic(
  thetaA: number,
  c: number,
  y0: number,
  radius: (theta: number) => number,
  latitude: (r: number) => number,
): Projection {
  const perC = 1 / c;
  return {
    theta0: thetaA,
    toNative(x, y, out) {
      const dy = y0 - y;
      const hypotenuse = Math.sqrt(x * x + dy * dy);
      const r = thetaA < 0 ? -hypotenuse : hypotenuse;
      const theta = latitude(r);
      if (Number.isNaN(theta)) return nowhere(out);
      out[0] = (r === 0 ? 0 : atan2d(x / r, dy / r)) * perC;
      out[1] = theta;
    },
    toPlane(phi, theta, out) {
      const r = radius(theta);
      if (Number.isNaN(r)) return nowhere(out);
      const alpha = c * phi;
      out[0] = r * sind(alpha);
      out[1] = y0 - r * cosd(alpha);
    },
  };
}

function angles(parameters: Parameters): { thetaA: number; eta: number; theta1: number; theta2: number } {
  const thetaA = parameters.need(1);
  const eta = parameters.get(2, 0);
  return { thetaA, eta, theta1: thetaA - eta, theta2: thetaA + eta };
}

/** COP, perspective: r = cos η (cot θa − tan(θ − θa)). */
export const cop: MakeProjection = (parameters) => {
  const { thetaA, eta } = angles(parameters);
  const c = sind(thetaA);
  if (c === 0) parameters.refuse(1, 'anything but 0 and ±180');
  const scale = RAD * cosd(eta);
  if (scale === 0) parameters.refuse(2, 'anything but ±90');
  const cot = 1 / tand(thetaA);
  const y0 = scale * cot;
  const perScale = 1 / scale;
  return conic(
    thetaA,
    c,
    y0,
    (theta) => {
      const t = theta - thetaA;
      const cosT = cosd(t);
      if (cosT === 0) return Number.NaN;
      // Exact at the pole at the apex; the other pole is beyond the divergence.
      if (Math.abs(theta) === 90) return theta < 0 === thetaA < 0 ? 0 : Number.NaN;
      const r = y0 - (scale * sind(t)) / cosT;
      return r * c < 0 ? Number.NaN : r;
    },
    (r) => thetaA + atand(cot - r * perScale),
  );
};

/** COE, equal area: r = (2/γ) √(1 + sin θ1 sin θ2 − γ sin θ), γ = sin θ1 + sin θ2. */
export const coe: MakeProjection = (parameters) => {
  const { thetaA, theta1, theta2 } = angles(parameters);
  const c = (sind(theta1) + sind(theta2)) / 2;
  if (c === 0) parameters.refuse(1, 'parallels that are not opposite');
  const scale = RAD / c;
  const sum = 1 + sind(theta1) * sind(theta2);
  const gamma = 2 * c;
  const square = scale * scale * sum;
  const perSquare = 1 / (2 * RAD * scale);
  const southPole = scale * Math.sqrt(sum + gamma);
  return conic(
    thetaA,
    c,
    scale * Math.sqrt(sum - gamma * sind(thetaA)),
    (theta) => (theta === -90 ? southPole : scale * Math.sqrt(sum - gamma * sind(theta))),
    (r) => {
      if (Math.abs(r - southPole) < 1e-12) return -90;
      const w = (square - r * r) * perSquare;
      if (Math.abs(w) <= 1) return asind(w);
      if (Math.abs(w - 1) < 1e-12) return 90;
      return Math.abs(w + 1) < 1e-12 ? -90 : Number.NaN;
    },
  );
};

/** COD, equidistant: r = θa − θ + η cot η cot θa. */
export const cod: MakeProjection = (parameters) => {
  const { thetaA, eta } = angles(parameters);
  const c = eta === 0 ? RAD * sind(thetaA) * DEG : (RAD * sind(thetaA) * sind(eta)) / eta;
  if (c === 0) parameters.refuse(1, 'anything but 0 and ±180');
  const y0 = (RAD * cosd(eta) * cosd(thetaA)) / c;
  const apex = y0 + thetaA;
  return conic(
    thetaA,
    c,
    y0,
    (theta) => apex - theta,
    (r) => apex - r,
  );
};

/** COO, orthomorphic: r = ψ tan^C((90° − θ) / 2). */
export const coo: MakeProjection = (parameters) => {
  const { thetaA, theta1, theta2 } = angles(parameters);
  const tan1 = tand((90 - theta1) / 2);
  const cos1 = cosd(theta1);
  const c =
    theta1 === theta2
      ? sind(theta1)
      : Math.log(cosd(theta2) / cos1) / Math.log(tand((90 - theta2) / 2) / tan1);
  if (c === 0 || !Number.isFinite(c)) parameters.refuse(1, 'parallels that are not opposite');
  const psi = (RAD * (cos1 / c)) / tan1 ** c;
  if (psi === 0 || !Number.isFinite(psi)) parameters.refuse(1, 'parallels off the poles');
  const perPsi = 1 / psi;
  const perC = 1 / c;
  return conic(
    thetaA,
    c,
    psi * tand((90 - thetaA) / 2) ** c,
    (theta) => {
      if (theta === -90) return c >= 0 ? Number.NaN : 0;
      return psi * tand((90 - theta) / 2) ** c;
    },
    (r) => {
      if (r === 0) return c < 0 ? -90 : Number.NaN;
      return 90 - 2 * atand((r * perPsi) ** perC);
    },
  );
};
