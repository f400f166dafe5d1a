import { acosd, asind, atan2d, atand, cosd, DEG, RAD, sind } from '../trig.ts';
import { dissect } from './dissect.ts';
import { type MakeProjection, nowhere, type Projection } from './projection.ts';

const TWO_R = 360 / Math.PI;
const HALF_PER_R = Math.PI / 360;

/**
 * Zenithal projections are a function r(θ) and its inverse: x = r sin φ, y = −r cos φ (Paper II §5.1).
 * Both return NaN where there is no solution.
 */
function zenithal(radius: (theta: number) => number, latitude: (r: number) => number): Projection {
  return {
    theta0: 90,
    toNative(x, y, out) {
      const r = Math.sqrt(x * x + y * y);
      const theta = latitude(r);
      if (Number.isNaN(theta)) return nowhere(out);
      out[0] = r === 0 ? 0 : atan2d(x, -y);
      out[1] = theta;
    },
    toPlane(phi, theta, out) {
      const r = radius(theta);
      out[0] = r * sind(phi);
      out[1] = -r * cosd(phi);
    },
  };
}

/** TAN, gnomonic: r = cot θ; half the sphere. */
export const tan: MakeProjection = () =>
  zenithal(
    (theta) => {
      const s = sind(theta);
      return s > 0 ? (RAD * cosd(theta)) / s : Number.NaN;
    },
    (r) => atan2d(RAD, r),
  );

/** STG, stereographic: r = 2 tan((90° − θ) / 2). */
export const stg: MakeProjection = () =>
  zenithal(
    (theta) => {
      const s = 1 + sind(theta);
      return s === 0 ? Number.NaN : (TWO_R * cosd(theta)) / s;
    },
    (r) => 90 - 2 * atand(r * HALF_PER_R),
  );

/** ARC, equidistant: r = 90° − θ. */
export const arc: MakeProjection = () =>
  zenithal(
    (theta) => 90 - theta,
    (r) => 90 - r,
  );

/** ZEA, equal area: r = 2 sin((90° − θ) / 2). */
export const zea: MakeProjection = () =>
  zenithal(
    (theta) => TWO_R * sind((90 - theta) / 2),
    (r) => {
      const s = r * HALF_PER_R;
      if (s <= 1) return 90 - 2 * asind(s);
      return Math.abs(r - TWO_R) < 1e-12 ? -90 : Number.NaN;
    },
  );

/** AIR, Airy's minimum error projection out to latitude θb (PVi_1): Paper II §5.1.8. */
export const air: MakeProjection = (parameters) => {
  const thetaB = parameters.get(1, 90);
  if (!(thetaB > -90)) parameters.refuse(1, 'more than -90');
  const cosXiB = cosd((90 - thetaB) / 2);
  const k = thetaB === 90 ? -0.5 : (Math.log(cosXiB) * cosXiB * cosXiB) / (1 - cosXiB * cosXiB);
  const nearPole = 1e-4;
  const slope = 0.5 - k;
  /** r / 2 as a function of cos ξ, ξ = (90° − θ) / 2; it falls as cos ξ grows. */
  const half = (cosXi: number) => {
    const tanXi = Math.sqrt(1 - cosXi * cosXi) / cosXi;
    return -(Math.log(cosXi) / tanXi + k * tanXi);
  };
  return zenithal(
    (theta) => {
      if (theta === 90) return 0;
      if (theta <= -90) return Number.NaN;
      const xi = (DEG * (90 - theta)) / 2;
      return xi < nearPole ? xi * TWO_R * slope : TWO_R * half(cosd((90 - theta) / 2));
    },
    (radius) => {
      const r = radius / TWO_R;
      if (r < slope * nearPole) return 90 - 2 * ((r * RAD) / slope);
      // Halve cos ξ until r lies between.
      let inner = 1;
      let rInner = 0;
      for (let k = 0; k < 30; k++) {
        const outer = inner / 2;
        const rOuter = half(outer);
        if (rOuter >= r) return 90 - 2 * acosd(dissect(half, inner, rInner, outer, rOuter, r, 1e-12));
        inner = outer;
        rInner = rOuter;
      }
      return Number.NaN;
    },
  );
};
