import { collapse } from './sip.ts';
import { cosd, DEG, RAD, sind } from './trig.ts';
import type { WcsParts } from './wcs.ts';

/** Write longitude and latitude of the pixels of one row, from element `start` on. */
export type FillRow = (y: number, nx: number, out: readonly Float64Array[], start: number) => void;

/** Degree of the polynomials of a row, that of SIP; frames beyond it take the general way. */
const DEGREE = 9;
/** Pixels of a tile: tried first, and where that is too coarse. */
const LONG = 512;
const SHORT = 64;
/** Nodes of the interpolation in a tile. */
const NODES = 6;
/** tan² of the angle from the middle of a tile up to which the series of the arc tangent is exact in double precision. */
const SERIES = 2 ** -14;
/** Error of interpolation that is lost in the rounding of a longitude, radians. */
const NEGLIGIBLE = 2 ** -52;

/**
 * The rows of a gnomonic frame, with or without SIP; undefined for other frames.
 *
 * In the plane that touches the sphere a direction is linear in the intermediate coordinates, so along a row its components
 * are polynomials in the pixel offset, whose coefficients are made once a row. A tile of a row is turned so that its middle
 * lies at longitude and latitude 0: the angles from there are small, a few terms of the arc tangent's series give them to
 * the last bit. They are computed so at the Chebyshev nodes of the tile, and at the ends, where a polynomial through the
 * nodes is furthest off. If it is right there the pixels are taken from it, else from shorter tiles, else one by one.
 */
export function gnomonicRows(parts: WcsParts | undefined): FillRow | undefined {
  const { celestial, linear, sip, crpix } = parts ?? {};
  if (!celestial?.plainTan || !linear || !crpix || linear.size !== 2) return undefined;
  if (sip && Math.max(sip.a.order, sip.b.order) > DEGREE) return undefined;
  const { alphaP, deltaP, phiP } = celestial.rotation;
  const { longitude, latitude } = celestial;
  const perPixel = (i: number, j: number) => (linear.matrix[i * 2 + j] as number) * DEG;
  // Components towards the meridian of the celestial pole (a) and across it (b), for each pixel along u and v.
  const sinP = sind(phiP);
  const cosP = cosd(phiP);
  const au = perPixel(longitude, 0) * sinP - perPixel(latitude, 0) * cosP;
  const av = perPixel(longitude, 1) * sinP - perPixel(latitude, 1) * cosP;
  const bu = perPixel(longitude, 0) * cosP + perPixel(latitude, 0) * sinP;
  const bv = perPixel(longitude, 1) * cosP + perPixel(latitude, 1) * sinP;
  const crpix1 = crpix[0] as number;
  const crpix2 = crpix[1] as number;
  const rowA = new Float64Array(DEGREE + 1);
  const rowB = new Float64Array(DEGREE + 1);
  const tile = new Tile(alphaP, deltaP, 1 - crpix1);
  let length = LONG;

  return (y, nx, out, start) => {
    const v = y + 1 - crpix2;
    if (sip) {
      collapse(sip.a, v, rowA);
      collapse(sip.b, v, rowB);
    }
    for (let p = 0; p <= DEGREE; p++) {
      const du = (rowA[p] as number) + (p === 1 ? 1 : 0);
      const dv = (rowB[p] as number) + (p === 0 ? v : 0);
      tile.a[p] = au * du + av * dv;
      tile.b[p] = bu * du + bv * dv;
    }
    const lon = out[longitude] as Float64Array;
    const lat = out[latitude] as Float64Array;
    for (let x = 0; x < nx; ) {
      const end = Math.min(nx, x + length);
      tile.turnTo(x, end);
      if (tile.interpolate()) {
        tile.fill(lon, lat, start);
      } else if (length === LONG) {
        length = SHORT;
        continue;
      } else {
        tile.fillOneByOne(lon, lat, start);
      }
      x = end;
    }
  };
}

/** Chebyshev nodes in [-1, 1], and the matrix that makes monomial coefficients of the values there. */
const CHEBYSHEV = Float64Array.from({ length: NODES }, (_, k) =>
  Math.cos(((2 * k + 1) * Math.PI) / (2 * NODES)),
);
const TO_MONOMIALS = monomialMatrix();

function monomialMatrix(): Float64Array {
  // Values → Chebyshev coefficients → powers, by the recurrence of the Chebyshev polynomials.
  const powers = [[1], [0, 1]];
  for (let n = 2; n < NODES; n++) {
    const next = new Array<number>(n + 1).fill(0);
    powers[n - 1]?.forEach((c, i) => {
      next[i + 1] = (next[i + 1] ?? 0) + 2 * c;
    });
    powers[n - 2]?.forEach((c, i) => {
      next[i] = (next[i] ?? 0) - c;
    });
    powers.push(next);
  }
  const matrix = new Float64Array(NODES * NODES);
  for (let i = 0; i < NODES; i++) {
    for (let k = 0; k < NODES; k++) {
      let sum = 0;
      for (let n = i; n < NODES; n++) {
        const weight = (n === 0 ? 1 : 2) / NODES;
        sum += weight * Math.cos((n * (2 * k + 1) * Math.PI) / (2 * NODES)) * (powers[n]?.[i] ?? 0);
      }
      matrix[i * NODES + k] = sum;
    }
  }
  return matrix;
}

/** Part of a row. Lengths are in units of the distance to the tangent plane, angles in radians unless named otherwise. */
class Tile {
  /** Components of the direction as polynomials in the pixel offset; to be set for each row. */
  readonly a = new Float64Array(DEGREE + 1);
  readonly b = new Float64Array(DEGREE + 1);
  readonly #alphaP: number;
  readonly #sinD: number;
  readonly #cosD: number;
  /** Pixel offset of x = 0. */
  readonly #offset: number;
  #from = 0;
  #to = 0;
  /** The direction of the middle: a, b, distance from the axis, cosine and sine of longitude and latitude. */
  #aMiddle = 0;
  #bMiddle = 0;
  #flat = 0;
  #cosL = 1;
  #sinL = 0;
  #cosB = 1;
  #sinB = 0;
  #lon0 = 0;
  #lat0 = 0;
  /** Longitude and latitude from the middle of the last point computed. */
  #l = 0;
  #d = 0;
  readonly #nodesL = new Float64Array(NODES);
  readonly #nodesD = new Float64Array(NODES);
  /** Degrees, by powers of the pixel's distance from the middle. */
  readonly #polynomialL = new Float64Array(NODES);
  readonly #polynomialD = new Float64Array(NODES);

  constructor(alphaP: number, deltaP: number, offset: number) {
    this.#alphaP = alphaP;
    this.#sinD = sind(deltaP);
    this.#cosD = cosd(deltaP);
    this.#offset = offset;
  }

  /** Take pixels from ≤ x < to. */
  turnTo(from: number, to: number): void {
    this.#from = from;
    this.#to = to;
    const u = (from + to - 1) / 2 + this.#offset;
    const a = horner(this.a, u);
    const b = horner(this.b, u);
    const x = this.#cosD - a * this.#sinD;
    const y = -b;
    const z = this.#sinD + a * this.#cosD;
    const flat = Math.sqrt(x * x + y * y);
    const whole = Math.sqrt(flat * flat + z * z);
    this.#aMiddle = a;
    this.#bMiddle = b;
    this.#flat = flat;
    this.#cosL = flat === 0 ? 1 : x / flat;
    this.#sinL = flat === 0 ? 0 : y / flat;
    this.#cosB = flat / whole;
    this.#sinB = z / whole;
    this.#lon0 = this.#alphaP + Math.atan2(y, x) * RAD;
    this.#lat0 = Math.atan2(z, flat) * RAD;
  }

  /**
   * Compute #l and #d at a pixel offset; false if the angle is too large for the series, which are not used then.
   * Everything is a difference to the middle, lest the small angles drown in the rounding of large numbers.
   */
  #point(u: number): boolean {
    const a = horner(this.a, u) - this.#aMiddle;
    const b = horner(this.b, u) - this.#bMiddle;
    const flat = this.#flat;
    const forward = -this.#sinD * this.#cosL * a - this.#sinL * b;
    const q = this.#sinD * this.#sinL * a - this.#cosL * b;
    const p = flat + forward;
    const rho = Math.sqrt(p * p + q * q);
    const outward = (forward * (p + flat) + q * q) / (rho + flat);
    const z = this.#cosD * a;
    const up = z * this.#cosB - outward * this.#sinB;
    const along = (flat + outward) * this.#cosB + (this.#sinD + this.#cosD * this.#aMiddle + z) * this.#sinB;
    const t = q / p;
    const s = up / along;
    const t2 = t * t;
    const s2 = s * s;
    if (t2 < SERIES && s2 < SERIES && p > 0) {
      this.#l = t * (1 + t2 * (-1 / 3 + t2 * (1 / 5 - t2 / 7)));
      this.#d = s * (1 + s2 * (-1 / 3 + s2 * (1 / 5 - s2 / 7)));
      return true;
    }
    this.#l = Math.atan2(q, p);
    this.#d = Math.atan2(up, along);
    return false;
  }

  /** Lay polynomials through the nodes; false if they are not good to rounding. */
  interpolate(): boolean {
    const half = (this.#to - this.#from) / 2;
    const middle = (this.#from + this.#to - 1) / 2 + this.#offset;
    for (let k = 0; k < NODES; k++) {
      if (!this.#point(middle + half * (CHEBYSHEV[k] as number))) return false;
      this.#nodesL[k] = this.#l;
      this.#nodesD[k] = this.#d;
    }
    const l = this.#polynomialL;
    const d = this.#polynomialD;
    toMonomials(this.#nodesL, l);
    toMonomials(this.#nodesD, d);
    // The middle, where the error is as large as at the ends, has the angles 0. A circle of latitude is cos δ long.
    const cosB = this.#cosB;
    if (!(Math.abs(l[0] as number) * cosB <= NEGLIGIBLE && Math.abs(d[0] as number) <= NEGLIGIBLE))
      return false;
    for (const end of [-1, 1]) {
      if (!this.#point(middle + half * end)) return false;
      if (
        !(
          Math.abs(horner(l, end) - this.#l) * cosB <= NEGLIGIBLE &&
          Math.abs(horner(d, end) - this.#d) <= NEGLIGIBLE
        )
      )
        return false;
    }
    let scale = RAD;
    for (let n = 0; n < NODES; n++) {
      l[n] = (l[n] as number) * scale;
      d[n] = (d[n] as number) * scale;
      scale /= half;
    }
    return true;
  }

  /** The terms are summed in pairs, which a processor does side by side, the largest one last. */
  fill(lon: Float64Array, lat: Float64Array, start: number): void {
    const [l0 = 0, l1 = 0, l2 = 0, l3 = 0, l4 = 0, l5 = 0] = this.#polynomialL;
    const [d0 = 0, d1 = 0, d2 = 0, d3 = 0, d4 = 0, d5 = 0] = this.#polynomialD;
    const lon0 = this.#lon0 + l0;
    const lat0 = this.#lat0 + d0;
    const begin = start + this.#from;
    const end = start + this.#to;
    let k = (this.#from - this.#to + 1) / 2;
    const reach = horner(this.#polynomialL.map(Math.abs), -k);
    for (let i = begin; i < end; i++) {
      const k2 = k * k;
      const k4 = k2 * k2;
      lon[i] = lon0 + (k * l1 + (k2 * (l2 + k * l3) + k4 * (l4 + k * l5)));
      lat[i] = lat0 + (k * d1 + (k2 * (d2 + k * d3) + k4 * (d4 + k * d5)));
      k++;
    }
    const low = this.#low;
    if (lon0 - reach >= low && lon0 + reach <= low + 360) return;
    for (let i = begin; i < end; i++) lon[i] = wrap(lon[i] as number, low);
  }

  fillOneByOne(lon: Float64Array, lat: Float64Array, start: number): void {
    for (let x = this.#from; x < this.#to; x++) {
      this.#point(x + this.#offset);
      lon[start + x] = wrap(this.#lon0 + this.#l * RAD, this.#low);
      lat[start + x] = this.#lat0 + this.#d * RAD;
    }
  }

  /** Least longitude: the sign of the pole's decides the range, as for single points. */
  get #low(): number {
    return this.#alphaP >= 0 ? 0 : -360;
  }
}

function wrap(longitude: number, low: number): number {
  if (longitude < low) return longitude + 360;
  return longitude > low + 360 ? longitude - 360 : longitude;
}

function horner(c: Float64Array, x: number): number {
  let sum = 0;
  for (let n = c.length - 1; n >= 0; n--) sum = sum * x + (c[n] as number);
  return sum;
}

function toMonomials(values: Float64Array, out: Float64Array): void {
  for (let n = 0; n < NODES; n++) {
    let sum = 0;
    for (let k = 0; k < NODES; k++) sum += (TO_MONOMIALS[n * NODES + k] as number) * (values[k] as number);
    out[n] = sum;
  }
}
