/** One dimension of a coordinate array. */
export interface Dimension {
  readonly axis: number;
  readonly crval: number;
  /** Number of elements. */
  readonly length: number;
  /** ψ of each element, undefined: 1, 2, 3 … */
  readonly index: Float64Array | undefined;
}

/** Multilinear interpolation in the coordinate array, half an element beyond its ends included. */
export class CoordinateArray {
  readonly #dimensions: readonly Dimension[];
  readonly #coordinates: Float64Array;
  readonly #strides: number[];
  readonly #corner: Int32Array;
  readonly #delta: Float64Array;
  readonly #value: Float64Array;

  constructor(dimensions: readonly Dimension[], coordinates: Float64Array) {
    this.#dimensions = dimensions;
    this.#coordinates = coordinates;
    let stride = dimensions.length;
    this.#strides = dimensions.map(({ length }) => {
      const mine = stride;
      stride *= length;
      return mine;
    });
    this.#corner = new Int32Array(dimensions.length);
    this.#delta = new Float64Array(dimensions.length);
    this.#value = new Float64Array(dimensions.length);
  }

  toWorld(intermediate: Float64Array, world: Float64Array): void {
    const dimensions = this.#dimensions;
    let inside = true;
    dimensions.forEach(({ axis, crval, length, index }, m) => {
      const psi = (intermediate[axis] as number) + crval;
      const upsilon = index ? upsilonOf(index, psi) : psi;
      if (!(upsilon >= 0.5 && upsilon <= length + 0.5)) inside = false;
      this.#place(m, upsilon, length);
    });
    this.#interpolate();
    dimensions.forEach(({ axis }, m) => {
      world[axis] = inside ? (this.#value[m] as number) : Number.NaN;
    });
  }

  toIntermediate(world: Float64Array, intermediate: Float64Array): void {
    const target = this.#dimensions.map(({ axis }) => world[axis] as number);
    const found =
      target.every(Number.isFinite) &&
      (target.length === 1 ? this.#findOne(target[0] as number) : this.#findCell(target));
    this.#dimensions.forEach(({ axis, crval, length, index }, m) => {
      const upsilon = (this.#corner[m] as number) + 1 + (this.#delta[m] as number);
      const within = found && upsilon >= 0.5 && upsilon <= length + 0.5;
      intermediate[axis] = within ? (index ? psiOf(index, upsilon) : upsilon) - crval : Number.NaN;
    });
  }

  /** Element below Υ (counted from 1) and fraction; beyond the ends those of the outermost interval. */
  #place(m: number, upsilon: number, length: number): void {
    const below = Math.max(1, Math.min(Math.floor(upsilon), Math.max(1, length - 1)));
    this.#corner[m] = below - 1;
    this.#delta[m] = upsilon - below;
  }

  /** World coordinates at the place, from the 2^M corners of its cell. */
  #interpolate(): void {
    const size = this.#dimensions.length;
    this.#value.fill(0);
    for (let vertex = 0; vertex < 1 << size; vertex++) {
      let weight = 1;
      let at = 0;
      for (let m = 0; m < size; m++) {
        const upper = (vertex >> m) & 1;
        const delta = this.#delta[m] as number;
        weight *= upper ? delta : 1 - delta;
        const step = upper && (this.#dimensions[m] as Dimension).length > 1 ? 1 : 0;
        at += ((this.#corner[m] as number) + step) * (this.#strides[m] as number);
      }
      if (weight === 0) continue;
      for (let m = 0; m < size; m++) {
        this.#value[m] = (this.#value[m] as number) + weight * (this.#coordinates[at + m] as number);
      }
    }
  }

  /** One dimension: the first interval that holds the value, then half an interval beyond either end. */
  #findOne(target: number): boolean {
    const { length, index } = this.#dimensions[0] as Dimension;
    const at = (k: number) => this.#coordinates[k] as number;
    const set = (k: number, delta: number) => {
      this.#corner[0] = k;
      this.#delta[0] = delta;
      return true;
    };
    if (target === at(0)) return set(0, 0);
    for (let k = 0; k < length - 1; k++) {
      const low = Math.min(at(k), at(k + 1));
      const high = Math.max(at(k), at(k + 1));
      const usable = index === undefined || index[k] !== index[k + 1];
      if (low <= target && target <= high && low < high && usable)
        return set(k, (target - at(k)) / (at(k + 1) - at(k)));
    }
    if (length < 2) return false;
    const before = (target - at(0)) / (at(1) - at(0));
    if (before >= -0.5 && before <= 0) return set(0, before);
    const after = (target - at(length - 2)) / (at(length - 1) - at(length - 2));
    return after >= 1 && after <= 1.5 ? set(length - 2, after) : false;
  }

  /**
   * Several dimensions: cell by cell, Newton's method in those whose corners surround the target; failing that, half an
   * element beyond the outermost cells.
   */
  #findCell(target: readonly number[]): boolean {
    const sizes = this.#dimensions.map(({ length }) => Math.max(1, length - 1));
    const cells = sizes.reduce((a, b) => a * b, 1);
    for (const beyond of [false, true]) {
      for (let cell = 0; cell < cells; cell++) {
        let rest = cell;
        let outermost = false;
        sizes.forEach((size, m) => {
          const k = rest % size;
          this.#corner[m] = k;
          outermost ||= k === 0 || k === size - 1;
          rest = Math.floor(rest / size);
        });
        if (beyond ? outermost && this.#solve(target, sizes) : this.#surrounds(target) && this.#solve(target))
          return true;
      }
    }
    return false;
  }

  #surrounds(target: readonly number[]): boolean {
    const size = target.length;
    for (let axis = 0; axis < size; axis++) {
      let low = Number.POSITIVE_INFINITY;
      let high = Number.NEGATIVE_INFINITY;
      for (let vertex = 0; vertex < 1 << size; vertex++) {
        let at = axis;
        for (let m = 0; m < size; m++) {
          const step = (vertex >> m) & 1 && (this.#dimensions[m] as Dimension).length > 1 ? 1 : 0;
          at += ((this.#corner[m] as number) + step) * (this.#strides[m] as number);
        }
        low = Math.min(low, this.#coordinates[at] as number);
        high = Math.max(high, this.#coordinates[at] as number);
      }
      const slack = 1e-12 * Math.max(Math.abs(low), Math.abs(high));
      if (!((target[axis] as number) >= low - slack && (target[axis] as number) <= high + slack))
        return false;
    }
    return true;
  }

  /** Find the place in a cell; with the number of cells in each dimension, also beyond it where no cell follows. */
  #solve(target: readonly number[], sizes?: readonly number[]): boolean {
    const size = target.length;
    const delta = this.#delta;
    delta.fill(0.5);
    for (let i = 0; i < 50; i++) {
      this.#interpolate();
      const residual = target.map((t, m) => t - (this.#value[m] as number));
      const rows = residual.map((r) => [...new Array<number>(size).fill(0), r]);
      for (let m = 0; m < size; m++) {
        if ((this.#dimensions[m] as Dimension).length === 1) {
          (rows[m] as number[])[m] = 1;
          (rows[m] as number[])[size] = 0;
          delta[m] = 0;
          continue;
        }
        const held = delta[m] as number;
        delta[m] = 1;
        this.#interpolate();
        const upper = this.#value.slice();
        delta[m] = 0;
        this.#interpolate();
        delta[m] = held;
        for (let axis = 0; axis < size; axis++) {
          if ((this.#dimensions[axis] as Dimension).length === 1) continue;
          (rows[axis] as number[])[m] = (upper[axis] as number) - (this.#value[axis] as number);
        }
      }
      const step = eliminate(rows);
      if (!step) return false;
      step.forEach((s, m) => {
        delta[m] = Math.max(-1, Math.min(2, (delta[m] as number) + s));
      });
      if (step.every((s) => Math.abs(s) < 1e-15)) break;
    }
    return delta.every((d, m) => {
      const k = this.#corner[m] as number;
      const below = sizes && k === 0 ? -0.5 : -1e-10;
      const above = sizes && k === (sizes[m] as number) - 1 ? 1.5 : 1 + 1e-10;
      return d >= below && d <= above;
    });
  }
}

/** Solve a small linear system, rows with the right side as last element; undefined if singular. */
function eliminate(rows: number[][]): number[] | undefined {
  const n = rows.length;
  for (let c = 0; c < n; c++) {
    let pivot = c;
    for (let r = c + 1; r < n; r++) {
      if (Math.abs(rows[r]?.[c] ?? 0) > Math.abs(rows[pivot]?.[c] ?? 0)) pivot = r;
    }
    const line = rows[pivot] as number[];
    rows[pivot] = rows[c] as number[];
    rows[c] = line;
    const p = line[c] as number;
    if (!(Math.abs(p) > 0)) return undefined;
    for (let k = 0; k <= n; k++) line[k] = (line[k] as number) / p;
    for (let r = 0; r < n; r++) {
      const row = rows[r] as number[];
      const factor = row[c] as number;
      if (r === c || factor === 0) continue;
      for (let k = 0; k <= n; k++) row[k] = (row[k] as number) - factor * (line[k] as number);
    }
  }
  return rows.map((row) => row[n] as number);
}

/** Υ, the element counted from 1, at which the index has the value ψ; NaN more than half an interval beyond the ends. */
function upsilonOf(index: Float64Array, psi: number): number {
  const n = index.length;
  const at = (k: number) => index[k - 1] as number;
  if (n === 1) return Math.abs(psi - at(1)) <= 0.5 ? psi : Number.NaN;
  const sense = Math.sign(at(n) - at(1));
  const reach = (from: number, interval: number) => sense * (psi - from) <= 0.5 * Math.abs(interval);
  let k: number;
  if (sense * (psi - at(1)) < 0) {
    if (sense * (at(1) - psi) > 0.5 * Math.abs(at(2) - at(1))) return Number.NaN;
    k = 1;
  } else if (sense * (psi - at(n)) > 0) {
    if (!reach(at(n), at(n) - at(n - 1))) return Number.NaN;
    k = n - 1;
  } else {
    // The first interval of non-zero length that holds ψ.
    for (k = 1; k < n - 1; k++) {
      if (sense * (psi - at(k + 1)) <= 0 && at(k) !== at(k + 1)) break;
    }
  }
  return k + (psi - at(k)) / (at(k + 1) - at(k));
}

function psiOf(index: Float64Array, upsilon: number): number {
  const n = index.length;
  if (n === 1) return index[0] as number;
  const k = Math.max(1, Math.min(Math.floor(upsilon), n - 1));
  const low = index[k - 1] as number;
  return low + (upsilon - k) * ((index[k] as number) - low);
}
