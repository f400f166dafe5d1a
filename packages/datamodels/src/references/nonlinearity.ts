/** Non-linearity coefficients, whose two forms look alike in a file and must never be mixed up. */
import type { Hdu, Header } from '@iris-drs/fits';
import type { Engine, FlagPlane, FloatPlane } from '@iris-drs/kernels';
import { headersOf, type OpenFits, place } from '../access.ts';
import { DataModelError } from '../errors.ts';
import { text } from '../headers.ts';
import { type FrameGeometry, openReference, type Reference } from './open.ts';

/**
 * `relative`: y = x·(1 + Σ cᵢ xⁱ), i from 0, iris_readout's NONLINCOEFF.
 * `polynomial`: y = Σ cᵢ xⁱ, i from 0, LINEARITY of JWST and NONLIN of liger.
 */
export type NonlinearityForm = 'relative' | 'polynomial';

export interface NonlinearityReference extends Reference {
  readonly form: NonlinearityForm;
  /** Lowest power first, each `[ny, nx]`. */
  readonly coefficients: readonly FloatPlane[];
  readonly dq?: FlagPlane;
}

const BY_KEYWORD: readonly (readonly [keyword: string, pattern: RegExp, form: NonlinearityForm])[] = [
  ['NLFORM', /^(RELATIVE|NONLINCOEFF)$/, 'relative'],
  ['NLFORM', /^(POLYNOMIAL|LINEARITY)$/, 'polynomial'],
  ['REFTYPE', /^NONLINCOEFF$/, 'relative'],
  ['REFTYPE', /^(LINEARITY|NONLIN|NONLINEARITY)$/, 'polynomial'],
  ['DATAMODL', /^(LINEARITYMODEL|NONLINEAR(ITY)?CORRECTIONMODEL|NONLINEARITYMODEL)$/, 'polynomial'],
];

/**
 * Form of a coefficient file, told by NLFORM (RELATIVE or POLYNOMIAL), else REFTYPE, else DATAMODL, else `fallback`.
 *
 * @throws DataModelError KEYWORD_MISSING when none of them tells, or REFTYPE tells of something else
 */
function formOf(
  fits: OpenFits,
  hdu: Hdu,
  headers: readonly Header[],
  fallback: NonlinearityForm | undefined,
): NonlinearityForm {
  const found = BY_KEYWORD.find(([keyword, pattern]) =>
    pattern.test(text(headers, keyword)?.toUpperCase() ?? ''),
  );
  if (found) return found[2];
  const reftype = text(headers, 'REFTYPE');
  if (fallback && reftype === undefined) return fallback;
  throw new DataModelError('KEYWORD_MISSING', {
    ...place(fits, hdu),
    keyword: 'NLFORM',
    found: reftype ? `none, and REFTYPE '${reftype}'` : 'none, and no REFTYPE',
    expected: "'RELATIVE' for x(1+Σcx), 'POLYNOMIAL' for Σcx, or REFTYPE NONLINCOEFF or LINEARITY",
  });
}

/**
 * Opens non-linearity coefficients, a cube `[ncoef, ny, nx]` in COEFFS (JWST, liger) or SCI.
 *
 * @param fallback  form of a file that says nothing of itself: that of the type under which the rules know it
 * @throws DataModelError HDU_MISSING, SHAPE_MISMATCH, KEYWORD_MISSING, OUT_OF_BOUNDS
 */
export const openNonlinearity = (
  engine: Engine,
  path: string,
  frame?: FrameGeometry,
  fallback?: NonlinearityForm,
): Promise<NonlinearityReference> =>
  openReference(engine, path, frame, async (reading) => {
    const hdu = reading.image('COEFFS', 'SCI', 'DATA', 'PRIMARY');
    const headers = headersOf(reading.fits, hdu);
    const form = formOf(reading.fits, hdu, headers, fallback);
    const [ncoef] = hdu.shape;
    if (hdu.shape.length !== 3 || ncoef === undefined) {
      throw new DataModelError('SHAPE_MISMATCH', {
        ...place(reading.fits, hdu),
        found: `shape [${hdu.shape.join(', ')}]`,
        expected: '[ncoef, ny, nx]',
      });
    }
    const coefficients: FloatPlane[] = [];
    for (let power = 0; power < ncoef; power++) coefficients.push(await reading.floats(hdu, power));
    const dq = reading.find('DQ');
    return { form, coefficients, shape: reading.shape(hdu), ...(dq ? { dq: await reading.flags(dq) } : {}) };
  });
