import { WcsError } from './errors.ts';
import { collapse } from './sip.ts';
import { cosd, DEG, RAD, sind } from './trig.ts';
import { partsOf, type Wcs, type WcsParts } from './wcs.ts';

export interface FrameMapOptions {
  /** 0-based pixel coordinates on the axes after the second, default 0. */
  readonly at?: readonly number[];
  /** Arrays to write to, one a world axis, of nx × ny elements; without it they are made. */
  readonly into?: readonly Float64Array[];
  /** Rows a to b−1 only, default all. */
  readonly rows?: readonly [a: number, b: number];
}

/**
 * World coordinates of every pixel of a plane.
 *
 * @param shape  [ny, nx] of the plane of the first two pixel axes
 * @returns      one array a world axis, [ny, nx], x fastest
 * @throws WcsError ARGUMENT
 */
export function frameMap(wcs: Wcs, shape: readonly [ny: number, nx: number], options: FrameMapOptions = {}): Float64Array[] {
  const [ny, nx] = shape;
  const [from, to] = options.rows ?? [0, ny];
  const size = wcs.axes.length;
  const at = Float64Array.from({ length: size }, (_, j) => options.at?.[j - 2] ?? 0);
  const length = Math.max(0, to - from) * nx;
  const out = options.into ? [...options.into] : wcs.axes.map(() => new Float64Array(length));
  if (size < 2 || out.length !== size || out.some((array) => array.length !== length)) {
    const found = `${out.length} arrays of ${out.map((array) => array.length).join(', ')} elements`;
    throw new WcsError('ARGUMENT', `found ${found} for ${size} axes, expected at least 2 axes and ${length} elements each`);
  }
  const rows = gnomonicRows(partsOf(wcs), at);
  for (let y = from; y < to; y++) {
    const start = (y - from) * nx;
    if (rows) rows(y, nx, out, start);
    else generalRow(wcs, y, nx, at, out, start);
  }
  return out;
}

function generalRow(wcs: Wcs, y: number, nx: number, at: Float64Array, out: readonly Float64Array[], start: number): void {
  const world = new Float64Array(at.length);
  at[1] = y;
  for (let x = 0; x < nx; x++) {
    at[0] = x;
    wcs.pixelToWorld(at, world);
    for (let i = 0; i < world.length; i++) (out[i] as Float64Array)[start + x] = world[i] as number;
  }
}

type Row = (y: number, nx: number, out: readonly Float64Array[], start: number) => void;

/** Pixels that share a reference direction. */
const TILE = 128;
/** tan² of the angle from the reference direction up to which the series of the arc tangent is exact in double precision. */
const SERIES = 2 ** -14;
/** Degree of the polynomials whose coefficients the inner loop keeps apart. */
const DEGREE = 5;

/**
 * The rows of a gnomonic frame, with or without SIP. In the plane tangent to the sphere a direction is linear in the
 * intermediate coordinates; so along a row its components are polynomials in the pixel offset, whose coefficients are made
 * once a row. A tile of a row is turned so that its middle lies at longitude and latitude 0; from there the angles are so
 * small that a few terms of the arc tangent's series give them to the last bit.
 */
function gnomonicRows(parts: WcsParts | undefined, at: Float64Array): Row | undefined {
  const { celestial, linear, sip, crpix } = parts ?? {};
  if (!celestial?.plainTan || !linear || !crpix || linear.size !== 2) return undefined;
  const degree = sip ? Math.max(sip.a.order, sip.b.order) : 1;
  if (degree > DEGREE) return undefined;
  const { alphaP, deltaP, phiP } = celestial.rotation;
  const { longitude, latitude } = celestial;
  const m = (i: number, j: number) => (linear.matrix[i * 2 + j] as number) * DEG;
  // Components towards the native pole's meridian (a) and across it (b), per pixel.
  const sinP = sind(phiP);
  const cosP = cosd(phiP);
  const au = m(longitude, 0) * sinP - m(latitude, 0) * cosP;
  const av = m(longitude, 1) * sinP - m(latitude, 1) * cosP;
  const bu = m(longitude, 0) * cosP + m(latitude, 0) * sinP;
  const bv = m(longitude, 1) * cosP + m(latitude, 1) * sinP;
  const sinD = sind(deltaP);
  const cosD = cosd(deltaP);
  const crpix1 = crpix[0] as number;
  const crpix2 = crpix[1] as number;
  const rowA = new Float64Array(DEGREE + 1);
  const rowB = new Float64Array(DEGREE + 1);
  const a = new Float64Array(DEGREE + 1);
  const b = new Float64Array(DEGREE + 1);
  at[0] = 0;

  return (y, nx, out, start) => {
    const v = y + 1 - crpix2;
    if (sip) {
      rowA.fill(0);
      rowB.fill(0);
      collapse(sip.a, v, rowA);
      collapse(sip.b, v, rowB);
    }
    for (let p = 0; p <= DEGREE; p++) {
      const du = (rowA[p] as number) + (p === 1 ? 1 : 0);
      const dv = (rowB[p] as number) + (p === 0 ? v : 0);
      a[p] = au * du + av * dv;
      b[p] = bu * du + bv * dv;
    }
    const lon = out[longitude] as Float64Array;
    const lat = out[latitude] as Float64Array;
    for (let x = 0; x < nx; x += TILE) {
      tile(a, b, sinD, cosD, alphaP, 1 - crpix1, x, Math.min(nx, x + TILE), lon, lat, start);
    }
  };
}

function tile(
  a: Float64Array,
  b: Float64Array,
  sinD: number,
  cosD: number,
  alphaP: number,
  offset: number,
  from: number,
  to: number,
  lon: Float64Array,
  lat: Float64Array,
  start: number,
): void {
  const a0 = a[0] as number;
  const a1 = a[1] as number;
  const a2 = a[2] as number;
  const a3 = a[3] as number;
  const a4 = a[4] as number;
  const a5 = a[5] as number;
  const b0 = b[0] as number;
  const b1 = b[1] as number;
  const b2 = b[2] as number;
  const b3 = b[3] as number;
  const b4 = b[4] as number;
  const b5 = b[5] as number;

  // The direction of the middle of the tile, and the turn that takes it to longitude 0, latitude 0.
  const middle = (from + to - 1) / 2 + offset;
  const am = a0 + middle * (a1 + middle * (a2 + middle * (a3 + middle * (a4 + middle * a5))));
  const bm = b0 + middle * (b1 + middle * (b2 + middle * (b3 + middle * (b4 + middle * b5))));
  const xm = cosD - am * sinD;
  const ym = -bm;
  const zm = sinD + am * cosD;
  const flat = Math.sqrt(xm * xm + ym * ym);
  const whole = Math.sqrt(flat * flat + zm * zm);
  const cosL = flat === 0 ? 1 : xm / flat;
  const sinL = flat === 0 ? 0 : ym / flat;
  const cosB = flat / whole;
  const sinB = zm / whole;
  const lon0 = alphaP + Math.atan2(ym, xm) * RAD;
  const lat0 = Math.atan2(zm, flat) * RAD;
  // p towards the middle, q across: p = p0 + pa·a + pb·b.
  const p0 = cosD * cosL;
  const pa = -sinD * cosL;
  const pb = -sinL;
  const q0 = -cosD * sinL;
  const qa = sinD * sinL;
  const qb = -cosL;
  const turn = alphaP >= 0 ? 360 : -360;

  for (let x = from; x < to; x++) {
    const u = x + offset;
    const av = a0 + u * (a1 + u * (a2 + u * (a3 + u * (a4 + u * a5))));
    const bv = b0 + u * (b1 + u * (b2 + u * (b3 + u * (b4 + u * b5))));
    const p = p0 + pa * av + pb * bv;
    const q = q0 + qa * av + qb * bv;
    const z = sinD + av * cosD;
    const rho = Math.sqrt(p * p + q * q);
    const along = rho * cosB + z * sinB;
    const up = z * cosB - rho * sinB;
    const inverse = 1 / (p * along);
    const t = q * along * inverse;
    const s = up * p * inverse;
    const t2 = t * t;
    const s2 = s * s;
    let l: number;
    let d: number;
    if (t2 < SERIES && s2 < SERIES && p > 0) {
      l = t * (RAD + t2 * (-RAD / 3 + t2 * (RAD / 5 + t2 * (-RAD / 7))));
      d = s * (RAD + s2 * (-RAD / 3 + s2 * (RAD / 5 + s2 * (-RAD / 7))));
    } else {
      l = Math.atan2(q, p) * RAD;
      d = Math.atan2(up, along) * RAD;
    }
    let longitude = lon0 + l;
    // The sign of the pole's longitude decides the range, as for single points.
    if (turn > 0) {
      if (longitude < 0) longitude += 360;
      else if (longitude > 360) longitude -= 360;
    } else if (longitude > 0) longitude -= 360;
    else if (longitude < -360) longitude += 360;
    lon[start + x] = longitude;
    lat[start + x] = lat0 + d;
  }
}
