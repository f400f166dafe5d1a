/**
 * Trigonometry in degrees that is exact where degrees are: sind(180) is 0, cosd(90) is 0, atan2d(0, x<0) is 180.
 * Poles, meridians and the edges of projections depend on it.
 */
export const DEG = Math.PI / 180;
export const RAD = 180 / Math.PI;

const QUARTER_SIN = [0, 1, 0, -1] as const;

/** How far beyond ±1 the argument of an inverse function may be by rounding. */
const SLACK = 1e-10;

export function sind(angle: number): number {
  if (angle % 90 === 0) return quarter(angle / 90);
  return Math.sin(angle * DEG);
}

export function cosd(angle: number): number {
  if (angle % 90 === 0) return quarter(angle / 90 + 1);
  return Math.cos(angle * DEG);
}

export function tand(angle: number): number {
  const rest = angle % 360;
  if (rest === 0 || rest === 180 || rest === -180) return 0;
  if (rest === 45 || rest === 225) return 1;
  if (rest === -135 || rest === -315) return -1;
  return Math.tan(angle * DEG);
}

/** NaN beyond ±1, except by rounding. */
export function asind(v: number): number {
  if (v >= 1) return v - 1 < SLACK ? 90 : Number.NaN;
  if (v <= -1) return v + 1 > -SLACK ? -90 : Number.NaN;
  return Math.asin(v) * RAD;
}

/** NaN beyond ±1, except by rounding. */
export function acosd(v: number): number {
  if (v >= 1) return v - 1 < SLACK ? 0 : Number.NaN;
  if (v <= -1) return v + 1 > -SLACK ? 180 : Number.NaN;
  return v === 0 ? 90 : Math.acos(v) * RAD;
}

export function atand(v: number): number {
  if (v === 1) return 45;
  if (v === -1) return -45;
  return Math.atan(v) * RAD;
}

export function atan2d(y: number, x: number): number {
  if (y === 0) return x < 0 ? 180 : 0;
  if (x === 0) return y > 0 ? 90 : y < 0 ? -90 : Number.NaN;
  return Math.atan2(y, x) * RAD;
}

/** |a| with the sign of b; unlike Math.sign, never 0 for a ≠ 0. */
export function copysign(a: number, b: number): number {
  return b < 0 || Object.is(b, -0) ? -Math.abs(a) : Math.abs(a);
}

/** sin of n quarter turns. */
function quarter(n: number): number {
  return QUARTER_SIN[((n % 4) + 4) % 4] ?? Number.NaN;
}
