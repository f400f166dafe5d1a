import { asind, atan2d, atand, copysign, cosd, RAD, sind, tand } from '../trig.ts';
import { type MakeProjection, nowhere, type Projection } from './projection.ts';

/** Cylindrical projections: x = φ and y a function of θ alone (Paper II §5.2). NaN where there is no solution. */
function cylindrical(
  height: (theta: number) => number,
  latitude: (y: number) => number,
  width = 1,
): Projection {
  const perWidth = 1 / width;
  return {
    theta0: 0,
    toNative(x, y, out) {
      const theta = latitude(y);
      if (Number.isNaN(theta)) return nowhere(out);
      out[0] = perWidth * x;
      out[1] = theta;
    },
    toPlane(phi, theta, out) {
      const y = height(theta);
      if (Number.isNaN(y)) return nowhere(out);
      out[0] = width * phi;
      out[1] = y;
    },
  };
}

/** CAR, plate carrée: y = θ. */
export const car: MakeProjection = () =>
  cylindrical(
    (theta) => theta,
    (y) => y,
  );

/** CEA, equal area: y = sin θ / λ, λ = PVi_1. */
export const cea: MakeProjection = (parameters) => {
  const lambda = parameters.get(1, 1);
  if (!(lambda > 0 && lambda <= 1)) parameters.refuse(1, 'more than 0, up to 1');
  const stretch = RAD / lambda;
  const perStretch = lambda / RAD;
  return cylindrical(
    (theta) => stretch * sind(theta),
    (y) => {
      const s = y * perStretch;
      if (Math.abs(s) <= 1) return asind(s);
      return Math.abs(s) > 1 + 1e-13 ? Number.NaN : copysign(90, s);
    },
  );
};

/** CYP, perspective: y = (μ + λ) sin θ / (μ + cos θ), x = λ φ; μ = PVi_1, λ = PVi_2. */
export const cyp: MakeProjection = (parameters) => {
  const mu = parameters.get(1, 1);
  const lambda = parameters.get(2, 1);
  if (lambda === 0) parameters.refuse(2, 'anything but 0');
  if (mu + lambda === 0) parameters.refuse(1, `anything but ${-lambda}`);
  const scale = RAD * (mu + lambda);
  return cylindrical(
    (theta) => {
      const eta = mu + cosd(theta);
      return eta === 0 ? Number.NaN : (scale * sind(theta)) / eta;
    },
    (y) => {
      const eta = y / scale;
      return atan2d(eta, 1) + asind((eta * mu) / Math.sqrt(eta * eta + 1));
    },
    lambda,
  );
};

/** MER, Mercator: y = ln tan((90° + θ) / 2). */
export const mer: MakeProjection = () =>
  cylindrical(
    (theta) => (Math.abs(theta) >= 90 ? Number.NaN : RAD * Math.log(tand((theta + 90) / 2))),
    (y) => 2 * atand(Math.exp(y / RAD)) - 90,
  );
