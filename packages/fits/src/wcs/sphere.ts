import { WcsError } from './errors.ts';
import { acosd, asind, atan2d, copysign, cosd, sind } from './trig.ts';

/**
 * The rotation between native and celestial coordinates (Paper II §2.4): celestial longitude and latitude of the
 * native pole, native longitude of the celestial pole, degrees.
 */
export interface Rotation {
  readonly alphaP: number;
  readonly deltaP: number;
  readonly phiP: number;
}

/** What fixes the rotation, degrees. */
export interface Fiducial {
  /** Celestial coordinates of the fiducial point (CRVAL). */
  readonly alpha0: number;
  readonly delta0: number;
  /** Its native coordinates. */
  readonly phi0: number;
  readonly theta0: number;
  /** LONPOLE; undefined: 0° or 180° by the rule of Paper II. */
  readonly lonpole: number | undefined;
  /** LATPOLE, which chooses between two solutions. */
  readonly latpole: number;
  /** The keyword to blame if there is no solution. */
  readonly keyword: string;
}

const TOLERANCE = 1e-10;

/**
 * Find the celestial coordinates of the native pole (Paper II §2.4, equations 8 to 10).
 *
 * @throws WcsError PARAMETERS if no rotation fits
 */
export function findRotation(fiducial: Fiducial): Rotation {
  const { alpha0, delta0, phi0, theta0 } = fiducial;
  const phiP = fiducial.lonpole ?? wrap180((delta0 < theta0 ? 180 : 0) + phi0);
  if (theta0 === 90) {
    if (Math.abs(delta0) > 90 + TOLERANCE)
      impossible(fiducial.keyword, `the latitude ${delta0} of the reference point`);
    return { alphaP: alpha0, deltaP: delta0, phiP };
  }
  const deltaP = poleLatitude(fiducial, phiP);
  if (!(Math.abs(deltaP) <= 90 + TOLERANCE))
    impossible(fiducial.keyword, `the pole at native longitude ${phiP}`);
  const cosDelta0 = cosd(delta0);
  const z = cosd(deltaP) * cosDelta0;
  let alphaP: number;
  if (Math.abs(z) < TOLERANCE) {
    if (Math.abs(cosDelta0) < TOLERANCE) alphaP = alpha0;
    else alphaP = deltaP > 0 ? alpha0 + phiP - phi0 - 180 : alpha0 - phiP + phi0;
  } else {
    const x = (sind(theta0) - sind(deltaP) * sind(delta0)) / z;
    const y = phiP === phi0 ? 0 : (sind(phiP - phi0) * cosd(theta0)) / cosDelta0;
    if (x === 0 && y === 0) impossible(fiducial.keyword, 'these LONPOLE and LATPOLE');
    alphaP = alpha0 - atan2d(y, x);
  }
  return { alphaP: sameSign(alphaP, alpha0), deltaP, phiP };
}

function poleLatitude(fiducial: Fiducial, phiP: number): number {
  const { delta0, phi0, theta0, latpole } = fiducial;
  let u: number;
  let v: number;
  if (phiP === phi0) {
    u = theta0;
    v = 90 - delta0;
  } else {
    const x = cosd(theta0) * cosd(phiP - phi0);
    const y = sind(theta0);
    const z = Math.sqrt(x * x + y * y);
    if (z === 0) {
      if (sind(delta0) !== 0)
        impossible(fiducial.keyword, `the latitude ${delta0} of the reference point, where only 0 would do,`);
      return Math.max(-90, Math.min(90, latpole));
    }
    const ratio = sind(delta0) / z;
    if (Math.abs(ratio) >= 1 + TOLERANCE)
      impossible(fiducial.keyword, `the latitude ${delta0} of the reference point`);
    u = atan2d(y, x);
    v = acosd(Math.max(-1, Math.min(1, ratio)));
  }
  const one = wrap180(u + v);
  const two = wrap180(u - v);
  const [nearer, other] = Math.abs(latpole - one) < Math.abs(latpole - two) ? [one, two] : [two, one];
  const chosen = Math.abs(nearer) < 90 + TOLERANCE ? nearer : other;
  return Math.abs(chosen) < 90 + TOLERANCE ? Math.max(-90, Math.min(90, chosen)) : chosen;
}

function impossible(keyword: string, what: string): never {
  throw new WcsError('PARAMETERS', `no rotation of the sphere fits ${what} and this projection`, keyword);
}

/** The two directions of a rotation; both write two angles in degrees to `out`. */
export interface Sphere {
  /** Celestial longitude in [0, 360], or [-360, 0] if that of the pole is negative; latitude. */
  toCelestial(phi: number, theta: number, out: Float64Array): void;
  /** Native longitude in [-180, 180], latitude. */
  toNative(longitude: number, latitude: number, out: Float64Array): void;
}

export function sphere({ alphaP, deltaP, phiP }: Rotation): Sphere {
  const tilt = 90 - deltaP;
  const cosTilt = cosd(tilt);
  const sinTilt = sind(tilt);
  if (sinTilt === 0) return coaxial(alphaP, phiP, tilt === 0);
  return {
    toCelestial(phi, theta, out) {
      turn(phi - phiP, theta, tilt, cosTilt, sinTilt, 180, out);
      out[0] = sameSign(alphaP + (out[0] as number), alphaP);
    },
    toNative(longitude, latitude, out) {
      turn(longitude - alphaP, latitude, tilt, cosTilt, sinTilt, -180, out);
      out[0] = wrap180((phiP + (out[0] as number)) % 360);
    },
  };
}

/** Poles that coincide or are opposite leave the longitude to a difference. */
function coaxial(alphaP: number, phiP: number, aligned: boolean): Sphere {
  const forward = aligned ? (alphaP + 180 - phiP) % 360 : (alphaP + phiP) % 360;
  const backward = aligned ? (phiP - 180 - alphaP) % 360 : (phiP + alphaP) % 360;
  const sign = aligned ? 1 : -1;
  return {
    toCelestial(phi, theta, out) {
      out[0] = sameSign(sign * phi + forward, alphaP);
      out[1] = sign * theta;
    },
    toNative(longitude, latitude, out) {
      out[0] = wrap180((sign * longitude + backward) % 360);
      out[1] = sign * latitude;
    },
  };
}

/**
 * Rotate (a, b) by the tilt between the poles: equations 2 and 5 of Paper II, which are the same but for names.
 * Where a formula loses digits (near the poles and the meridian through them) an equivalent one is used.
 */
function turn(
  a: number,
  b: number,
  tilt: number,
  cosTilt: number,
  sinTilt: number,
  atPole: number,
  out: Float64Array,
): void {
  const sinA = sind(a);
  const cosA = cosd(a);
  const sinB = sind(b);
  const cosB = cosd(b);
  const cosB3 = cosB * cosTilt;
  let x = sinB * sinTilt - cosB3 * cosA;
  if (Math.abs(x) < 1e-5) x = -cosd(b + tilt) + cosB3 * (1 - cosA);
  const y = -cosB * sinA;
  if (x === 0 && y === 0) out[0] = tilt < 90 ? a + atPole : -a;
  else out[0] = atan2d(y, x);
  if (a % 180 === 0) {
    const latitude = b + cosA * tilt;
    out[1] = latitude > 90 ? 180 - latitude : latitude < -90 ? -180 - latitude : latitude;
    return;
  }
  const z = sinB * cosTilt + cosB * sinTilt * cosA;
  out[1] = Math.abs(z) > 0.99 ? copysign(acosd(Math.sqrt(x * x + y * y)), z) : asind(z);
}

/** A longitude with the sign of `like`, within one turn. */
function sameSign(longitude: number, like: number): number {
  let result = longitude;
  if (like >= 0) {
    if (result < 0) result += 360;
  } else if (result > 0) result -= 360;
  if (result > 360) return result - 360;
  return result < -360 ? result + 360 : result;
}

function wrap180(angle: number): number {
  if (angle > 180) return angle - 360;
  return angle < -180 ? angle + 360 : angle;
}
