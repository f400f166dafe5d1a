import { WcsError } from './errors.ts';

/** A square matrix and its inverse, row after row: pixel offsets to intermediate world coordinates and back. */
export interface Linear {
  readonly size: number;
  readonly matrix: Float64Array;
  readonly inverse: Float64Array;
}

/** @throws WcsError SINGULAR */
export function makeLinear(matrix: Float64Array, size: number, keyword: string): Linear {
  return { size, matrix, inverse: invert(matrix, size, keyword) };
}

/** out = matrix · vector. Terms with a zero coefficient are left out, so that a NaN on one axis stays there. */
export function multiply(matrix: Float64Array, vector: Float64Array, out: Float64Array): void {
  const n = vector.length;
  for (let i = 0; i < n; i++) {
    let sum = 0;
    for (let j = 0; j < n; j++) {
      const cell = matrix[i * n + j] as number;
      if (cell !== 0) sum += cell * (vector[j] as number);
    }
    out[i] = sum;
  }
}

/** Gauss-Jordan elimination with scaled partial pivoting. */
function invert(matrix: Float64Array, n: number, keyword: string): Float64Array {
  const a = Float64Array.from(matrix);
  const inverse = new Float64Array(n * n);
  const largest = new Float64Array(n);
  for (let i = 0; i < n; i++) {
    inverse[i * n + i] = 1;
    for (let j = 0; j < n; j++) largest[i] = Math.max(largest[i] as number, Math.abs(a[i * n + j] as number));
    if (!((largest[i] as number) > 0 && Number.isFinite(largest[i]))) singular(keyword);
  }
  for (let column = 0; column < n; column++) {
    let pivot = column;
    let best = -1;
    for (let row = column; row < n; row++) {
      const size = Math.abs(a[row * n + column] as number) / (largest[row] as number);
      if (size > best) {
        best = size;
        pivot = row;
      }
    }
    if (!(best > 0)) singular(keyword);
    if (pivot !== column) {
      swapRows(a, n, pivot, column);
      swapRows(inverse, n, pivot, column);
      [largest[pivot], largest[column]] = [largest[column] as number, largest[pivot] as number];
    }
    const p = a[column * n + column] as number;
    for (let row = 0; row < n; row++) {
      const factor = (a[row * n + column] as number) / p;
      if (row === column || factor === 0) continue;
      for (let j = 0; j < n; j++) {
        a[row * n + j] = (a[row * n + j] as number) - factor * (a[column * n + j] as number);
        inverse[row * n + j] =
          (inverse[row * n + j] as number) - factor * (inverse[column * n + j] as number);
      }
      a[row * n + column] = 0;
    }
  }
  for (let i = 0; i < n; i++) {
    const p = a[i * n + i] as number;
    for (let j = 0; j < n; j++) inverse[i * n + j] = (inverse[i * n + j] as number) / p;
  }
  if (!inverse.every(Number.isFinite)) singular(keyword);
  return inverse;
}

function swapRows(a: Float64Array, n: number, i: number, j: number): void {
  for (let k = 0; k < n; k++) {
    const held = a[i * n + k] as number;
    a[i * n + k] = a[j * n + k] as number;
    a[j * n + k] = held;
  }
}

function singular(keyword: string): never {
  throw new WcsError(
    'SINGULAR',
    'the matrix of pixel scales has no inverse; some axis has no scale',
    keyword,
  );
}
