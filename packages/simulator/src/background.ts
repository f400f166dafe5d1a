import { contains } from './frame.ts';
import { isolationDistance } from './psf.ts';
import type { FrameTruth } from './truth.ts';

/** A plane of background: level at the middle of the detector and change from edge to edge, DN/s. */
export interface BackgroundFit {
  readonly level: number;
  readonly levelError: number;
  readonly slope: readonly [x: number, y: number];
  /** Pixels away from stars, usable or not. */
  readonly candidates: number;
}

type Shape = readonly [ny: number, nx: number];

/** What is known of each pixel: 1 background, 2 background but unusable, 0 near a star. */
export function backgroundPixels(variance: Float64Array, truth: FrameTruth): Uint8Array {
  const [ny, nx] = truth.shape;
  const kind = new Uint8Array(ny * nx);
  for (let i = 0; i < kind.length; i++) kind[i] = Number.isNaN(variance[i]!) ? 2 : 1;
  if (truth.outside) leaveOut(kind, truth.outside, nx);
  const reach = isolationDistance(truth.psf) / 2;
  for (const star of truth.stars) {
    const [x, y] = [Math.round(star.x), Math.round(star.y)];
    for (let j = Math.max(0, y - reach); j <= Math.min(ny - 1, y + reach); j++)
      for (let i = Math.max(0, x - reach); i <= Math.min(nx - 1, x + reach); i++) kind[j * nx + i] = 0;
  }
  return kind;
}

/** Reference pixels and guide windows hold no background. */
function leaveOut(
  kind: Uint8Array,
  { science, guideWindows }: NonNullable<FrameTruth['outside']>,
  nx: number,
): void {
  for (let i = 0; i < kind.length; i++) {
    const [x, y] = [i % nx, Math.floor(i / nx)];
    if (!contains(science, x, y) || guideWindows.some((window) => contains(window, x, y))) kind[i] = 0;
  }
}

const across = (x: number, nx: number): number => (x + 0.5) / nx - 0.5;

/** Background at a pixel. */
export const backgroundAt = (fit: BackgroundFit, [ny, nx]: Shape, x: number, y: number): number =>
  fit.level + fit.slope[0] * across(x, nx) + fit.slope[1] * across(y, ny);

/** Unweighted least squares of a plane over the background pixels. */
export function fitBackground(sci: Float32Array, kind: Uint8Array, shape: Shape): BackgroundFit {
  const [ny, nx] = shape;
  const m = new Float64Array(9);
  const r = new Float64Array(3);
  let candidates = 0;
  let squares = 0;
  for (let y = 0, i = 0; y < ny; y++) {
    const v = across(y, ny);
    for (let x = 0; x < nx; x++, i++) {
      if (kind[i] !== 0) candidates += 1;
      if (kind[i] !== 1) continue;
      const u = across(x, nx);
      const value = sci[i]!;
      m[0]! += 1;
      m[1]! += u;
      m[2]! += v;
      m[4]! += u * u;
      m[5]! += u * v;
      m[8]! += v * v;
      r[0]! += value;
      r[1]! += value * u;
      r[2]! += value * v;
      squares += value * value;
    }
  }
  m[3] = m[1]!;
  m[6] = m[2]!;
  m[7] = m[5]!;
  const [level, a, b] = solve3(m, r);
  const left = (squares - level * r[0]! - a * r[1]! - b * r[2]!) / m[0]!;
  return { level, levelError: Math.sqrt(Math.max(left, 0) / m[0]!), slope: [a, b], candidates };
}

/** Cramer's rule for a symmetric 3×3 system. */
function solve3(m: Float64Array, r: Float64Array): [number, number, number] {
  const determinant = (c: ArrayLike<number>) =>
    c[0]! * (c[4]! * c[8]! - c[5]! * c[7]!) -
    c[1]! * (c[3]! * c[8]! - c[5]! * c[6]!) +
    c[2]! * (c[3]! * c[7]! - c[4]! * c[6]!);
  const whole = determinant(m);
  const column = (k: number) => {
    const c = m.slice();
    for (let row = 0; row < 3; row++) c[row * 3 + k] = r[row]!;
    return determinant(c) / whole;
  };
  return [column(0), column(1), column(2)];
}

export interface BackgroundMeasure {
  readonly backgroundPixels: number;
  readonly backgroundLevel: number;
  readonly backgroundPullMean: number;
  readonly backgroundPullSigma: number;
  readonly noiseRatio: number;
  readonly noiseRatioError: number;
}

/** Scatter of the background about its fit, in units of the product's σ. */
export function measureBackground(
  sci: Float32Array,
  variance: Float64Array,
  kind: Uint8Array,
  shape: Shape,
  fit: BackgroundFit,
): BackgroundMeasure {
  const [ny, nx] = shape;
  let [count, pulls, squares, scatter, stated] = [0, 0, 0, 0, 0];
  for (let y = 0, i = 0; y < ny; y++)
    for (let x = 0; x < nx; x++, i++) {
      if (kind[i] !== 1) continue;
      const residual = sci[i]! - backgroundAt(fit, shape, x, y);
      const pull = residual / Math.sqrt(variance[i]!);
      count += 1;
      pulls += pull;
      squares += pull * pull;
      scatter += residual * residual;
      stated += variance[i]!;
    }
  const mean = pulls / count;
  return {
    backgroundPixels: count,
    backgroundLevel: fit.level,
    backgroundPullMean: mean,
    backgroundPullSigma: Math.sqrt(squares / count - mean * mean),
    noiseRatio: scatter / stated,
    noiseRatioError: Math.sqrt(2 / count),
  };
}
