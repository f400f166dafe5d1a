import type { AxisTypes } from './axes.ts';
import { WcsError } from './errors.ts';
import type { WcsKeywords } from './keywords.ts';
import { type Linear, makeLinear } from './linear.ts';
import { cosd, sind } from './trig.ts';
import { unitScale } from './units.ts';

/** Factors from the units of the header to deg, m, Hz … */
export function scalesToCanonical({ cunit, of }: WcsKeywords, { axes }: AxisTypes): number[] {
  return axes.map(({ unit, algorithm }, i) => {
    const given = cunit[i] as string;
    // On a tabular axis CDELT and CRVAL are elements of the table.
    if (unit === undefined || given === '' || algorithm === 'table') return 1;
    return unitScale(given, unit, of('CUNIT', i));
  });
}

/**
 * The linear transformation from pixel offsets to intermediate world coordinates in canonical units.
 *
 * @throws WcsError SINGULAR
 */
export function readLinear(keywords: WcsKeywords, types: AxisTypes, scales: readonly number[]): Linear {
  const { cd, pc, axes, of } = keywords;
  const keyword = cd && !pc ? of('CD', 0, 1) : of('CDELT', 0);
  return makeLinear(linearMatrix(keywords, types, scales), axes, keyword);
}

/** CDELT·PC, CD, or CDELT with CROTA, in that order of precedence, in canonical units. */
function linearMatrix(keywords: WcsKeywords, types: AxisTypes, scales: readonly number[]): Float64Array {
  const { axes: n, pc, cd, cdelt, crota } = keywords;
  const matrix = new Float64Array(n * n);
  const scaled = (i: number) => (cdelt[i] as number) * (scales[i] as number);
  if (cd && !pc) {
    matrix.set(cd);
    for (let i = 0; i < n; i++) {
      // An axis that no CD mentions has the scale 1.
      let mentioned = false;
      for (let k = 0; k < n; k++) mentioned ||= matrix[i * n + k] !== 0 || matrix[k * n + i] !== 0;
      if (!mentioned) matrix[i * n + i] = 1;
    }
    return matrix.map((cell, k) => cell * (scales[Math.floor(k / n)] as number));
  }
  if (pc) {
    matrix.set(pc);
  } else {
    for (let i = 0; i < n; i++) matrix[i * n + i] = 1;
    if (crota && types.celestial) rotate(matrix, n, keywords, types.celestial, scaled);
  }
  return matrix.map((cell, k) => cell * scaled(Math.floor(k / n)));
}

/** CROTA of the latitude axis turns the pair (Paper II §6.1). */
function rotate(
  matrix: Float64Array,
  n: number,
  { crota, of }: WcsKeywords,
  { longitude: i, latitude: j }: { readonly longitude: number; readonly latitude: number },
  scaled: (axis: number) => number,
): void {
  const rho = crota?.[j] ?? 0;
  if (scaled(i) === 0) throw new WcsError('SINGULAR', 'found 0, expected a scale', of('CDELT', i));
  const lambda = scaled(j) / scaled(i);
  matrix[i * n + i] = cosd(rho);
  matrix[j * n + j] = cosd(rho);
  matrix[i * n + j] = -sind(rho) * lambda;
  matrix[j * n + i] = sind(rho) / lambda;
}
