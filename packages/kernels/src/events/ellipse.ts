/** Ellipses that stand for regions of flagged pixels. */

/** Axes are whole lengths in pixels; `angle` is that of the major axis from the y axis towards x, radians. */
export interface Ellipse {
  readonly x: number;
  readonly y: number;
  readonly minor: number;
  readonly major: number;
  readonly angle: number;
}

/** Sums over the pixels of a region. */
export interface Moments {
  readonly n: number;
  readonly x: number;
  readonly y: number;
  readonly xx: number;
  readonly yy: number;
  readonly xy: number;
}

/**
 * The ellipse with a region's mean and second moments, axes of 4√λ less a pixel.
 *
 * @see scikit-image, regionprops (axis_major_length, orientation); stcal, jump.py
 */
export const ellipseOf = ({ n, x, y, xx, yy, xy }: Moments): Ellipse => {
  const [cx, cy] = [x / n, y / n];
  const vx = Math.max(0, xx / n - cx * cx);
  const vy = Math.max(0, yy / n - cy * cy);
  const vxy = xy / n - cx * cy;
  const root = Math.hypot((vx - vy) / 2, vxy);
  const length = (lambda: number): number => 4 * Math.sqrt(Math.max(0, lambda)) - 1;
  // Sums are of numbers up to the square of a detector's side: equal variances differ by their rounding.
  const round = root < 1e-7 * (vx + vy);
  return {
    ...{ x: cx, y: cy, minor: length((vx + vy) / 2 - root), major: length((vx + vy) / 2 + root) },
    angle: round ? Math.PI / 4 : 0.5 * Math.atan2(2 * vxy, vy - vx),
  };
};

export const isInside = (x: number, y: number, { x: cx, y: cy, minor, major, angle }: Ellipse): boolean => {
  const [sin, cos] = [Math.sin(angle), Math.cos(angle)];
  const along = (y - cy) * cos + (x - cx) * sin;
  const across = (y - cy) * sin - (x - cx) * cos;
  return (2 * along) ** 2 / major ** 2 + (2 * across) ** 2 / minor ** 2 <= 1;
};

/** Pixels [from, end) of one row after the other, from row `y` on. */
export interface Spans {
  readonly y: number;
  /** from, end, from, end … */
  readonly x: readonly number[];
}

/** Pixels on the line itself are outside, however sines and cosines are rounded. */
const WITHIN = 1 - 1e-9;

/** To the nearest whole number, halves to the even one. */
const rounded = (v: number): number => {
  const low = Math.floor(v);
  const half = v - low;
  return half < 0.5 || (half === 0.5 && low % 2 === 0) ? low : low + 1;
};

/**
 * The pixels of the frame within an ellipse of these whole axes about the same centre, centre and semi-axes rounded to
 * pixels; none where a semi-axis is 0.
 */
export const spansOf = (
  { x, y, angle }: Ellipse,
  minor: number,
  major: number,
  [ny, nx]: readonly [ny: number, nx: number],
): Spans => {
  const [cx, cy] = [rounded(x), rounded(y)];
  const [a, b] = [rounded(major / 2), rounded(minor / 2)].map(Math.abs) as [number, number];
  if (a === 0 || b === 0) return { y: 0, x: [] };
  const [sin, cos] = [Math.sin(angle), Math.cos(angle)];
  const inside = (dx: number, dy: number): boolean =>
    ((dy * cos + dx * sin) / a) ** 2 + ((dy * sin - dx * cos) / b) ** 2 < WITHIN;
  const reach = Math.max(a, b);
  const y0 = Math.max(0, cy - reach);
  const spans: number[] = [];
  for (let v = y0; v <= Math.min(ny - 1, cy + reach); v++) {
    let from = Math.max(0, cx - reach);
    let end = Math.min(nx, cx + reach + 1);
    while (from < end && !inside(from - cx, v - cy)) from++;
    while (end > from && !inside(end - 1 - cx, v - cy)) end--;
    spans.push(from, end);
  }
  return { y: y0, x: spans };
};
