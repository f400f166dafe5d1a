import { join } from 'node:path';
import { DQ } from '@iris-drs/datamodels';
import { readImage } from '@iris-drs/fits';
import { openFile } from '@iris-drs/fits/node';
import type { ReducedFrame } from '../src/check.ts';

/** What may go wrong on purpose. */
export interface Mistakes {
  readonly gainReference?: number;
  readonly fluxScale?: number;
  readonly noDark?: boolean;
  readonly noFlat?: boolean;
  readonly noLinearity?: boolean;
}

async function plane(path: string, hdu: string): Promise<Float64Array> {
  using fits = await openFile(path);
  return Float64Array.from((await readImage(fits, fits.hdu(hdu))).data, Number);
}

const referencePath = (refs: string, type: string, detector = 'IMG1'): string =>
  join(refs, 'references', 'tmt', 'iris', `tmt_iris_${type}_${detector.toLowerCase()}_0001.fits`);

/**
 * The textbook reduction of one exposure of one ramp, in double precision: bias, non-linearity, equally
 * weighted least squares, dark, flat; variances as the product defines them.
 */
export async function reduce(reads: string, refs: string, mistakes: Mistakes = {}): Promise<ReducedFrame> {
  using fits = await openFile(reads);
  const sciHdu = fits.hdu('SCI');
  const [, n = 0, ny = 0, nx = 0] = sciHdu.shape;
  const { data } = await readImage(fits, sciHdu);
  const times = (await readImage(fits, fits.hdu('TIMES'))).data as Float64Array;
  const size = ny * nx;
  const get = (type: string, hdu = 'SCI') => plane(referencePath(refs, type), hdu);
  const [bias, saturation, coefficients, gain, noise, dark, darkErr, flat, flatErr, mask] = await Promise.all(
    [
      get('superbias'),
      get('saturation'),
      get('nonlincoeff', 'COEFFS'),
      get('gain'),
      get('readnoise'),
      get('dark'),
      get('dark', 'ERR'),
      get('flat'),
      get('flat', 'ERR'),
      get('mask', 'DQ'),
    ],
  );
  const mean = times.reduce((a, b) => a + b, 0) / n;
  const sxx = times.reduce((a, t) => a + (t - mean) ** 2, 0);
  const weights = Array.from(times, (t) => (t - mean) / sxx);
  let photon = 0;
  for (let k = 1; k < n; k++) {
    const after = weights.slice(k).reduce((a, b) => a + b, 0);
    photon += after * after * (times[k]! - times[k - 1]!);
  }
  const sci = new Float32Array(size);
  const poisson = new Float32Array(size);
  const rnoise = new Float32Array(size);
  const varFlat = new Float32Array(size);
  const dq = new Uint32Array(size);
  for (let i = 0; i < size; i++) {
    let slope = 0;
    dq[i] = mask[i]!;
    for (let r = 0; r < n; r++) {
      const raw = Number(data[r * size + i]);
      if (raw >= saturation[i]!) dq[i] = dq[i]! | DQ.SATURATED | DQ.DO_NOT_USE;
      const x = raw - bias[i]!;
      const [c0, c1, c2] = [coefficients[i]!, coefficients[size + i]!, coefficients[2 * size + i]!];
      slope += weights[r]! * (mistakes.noLinearity ? x : x * (1 + c0 + x * (c1 + x * c2)));
    }
    const f = mistakes.noFlat ? 1 : flat[i]!;
    const scale = mistakes.fluxScale ?? 1;
    const darkRate = mistakes.noDark ? 0 : dark[i]!;
    const reduced = (slope - darkRate) / f;
    poisson[i] = ((Math.max(slope, 0) / (gain[i]! * (mistakes.gainReference ?? 1))) * photon) / f ** 2;
    const reading = noise[i]! ** 2 * weights.reduce((a, w) => a + w * w, 0);
    rnoise[i] = (reading + (mistakes.noDark ? 0 : darkErr[i]! ** 2)) / f ** 2;
    varFlat[i] = mistakes.noFlat ? 0 : (reduced / f) ** 2 * flatErr[i]! ** 2;
    sci[i] = reduced * scale;
  }
  return { shape: [ny, nx], sci, variances: [poisson, rnoise, varFlat], dq };
}
