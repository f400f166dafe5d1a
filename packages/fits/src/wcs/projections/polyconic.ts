import { atan2d, copysign, cosd, DEG, RAD, sind, tand } from '../trig.ts';
import { dissect } from './dissect.ts';
import type { MakeProjection } from './projection.ts';
import { sfl } from './pseudocylindrical.ts';

/** BON, Bonne's equal area projection about the parallel θ1 = PVi_1; SFL where that is the equator (Paper II §5.5.1). */
export const bon: MakeProjection = (parameters) => {
  const theta1 = parameters.need(1);
  if (theta1 === 0) return sfl(parameters);
  const y0 = (RAD * cosd(theta1)) / sind(theta1) + theta1;
  return {
    theta0: 0,
    toNative(x, y, out) {
      const dy = y0 - y;
      const hypotenuse = Math.sqrt(x * x + dy * dy);
      const r = theta1 < 0 ? -hypotenuse : hypotenuse;
      const alpha = r === 0 ? 0 : atan2d(x / r, dy / r);
      const theta = y0 - r;
      const cosTheta = cosd(theta);
      out[0] = cosTheta === 0 ? 0 : (alpha * (r / RAD)) / cosTheta;
      out[1] = theta;
    },
    toPlane(phi, theta, out) {
      const r = y0 - theta;
      const alpha = (cosd(theta) / r) * (RAD * phi);
      out[0] = r * sind(alpha);
      out[1] = y0 - r * cosd(alpha);
    },
  };
};

const TWO_R = 360 / Math.PI;
/** Below this latitude cot θ is replaced by its series. */
const NEAR_EQUATOR = 1e-4;
const CURVATURE = DEG / TWO_R;

/** PCO, polyconic: x = cot θ sin(φ sin θ), y = θ + cot θ (1 − cos(φ sin θ)) (Paper II §5.5.2). */
export const pco: MakeProjection = () => ({
  theta0: 0,
  toNative(x, y, out) {
    const w = Math.abs(y);
    if (w < 1e-12) {
      out[0] = x;
      out[1] = 0;
      return;
    }
    if (Math.abs(w - 90) < 1e-12) {
      out[0] = 0;
      out[1] = copysign(90, y);
      return;
    }
    const theta = w < NEAR_EQUATOR ? y / (1 + CURVATURE * x * x) : polyconicLatitude(x, y);
    const tanTheta = tand(theta);
    const east = x * tanTheta;
    const north = RAD - (y - theta) * tanTheta;
    out[0] = east === 0 && north === 0 ? 0 : atan2d(east, north) / sind(theta);
    out[1] = theta;
  },
  toPlane(phi, theta, out) {
    if (theta === 0) {
      out[0] = phi;
      out[1] = 0;
    } else if (Math.abs(theta) < NEAR_EQUATOR) {
      out[0] = phi * cosd(theta);
      out[1] = (1 + CURVATURE * phi * phi) * theta;
    } else {
      const sinTheta = sind(theta);
      const psi = phi * sinTheta;
      const cot = cosd(theta) / sinTheta;
      out[0] = RAD * cot * sind(psi);
      out[1] = RAD * (cot * (1 - cosd(psi)) + theta * DEG);
    }
  },
});

/**
 * θ between 0 and y at which x² + (y − θ)² − 2 (y − θ) cot θ vanishes. Beyond the edge of the map there are several;
 * which one is found does not matter as long as it is the one that everybody finds. Newton's steps finish it.
 */
function polyconicLatitude(x: number, y: number): number {
  const xx = x * x;
  const f = (theta: number) => xx + (y - theta) * (y - theta - TWO_R / tand(theta));
  let theta = dissect(f, 0, -xx, y, xx, 0, 1e-12, 1e-12);
  for (let i = 0; i < 2; i++) {
    const d = y - theta;
    const sin = sind(theta);
    const slope = TWO_R / tand(theta) - d + d * ((TWO_R * DEG) / (sin * sin) - 1);
    const step = f(theta) / slope;
    if (Math.abs(step) < 1e-9) theta -= step;
  }
  return theta;
}
