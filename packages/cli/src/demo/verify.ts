import { readFileSync } from 'node:fs';
import { readImage } from '@iris-drs/fits';
import { openFile } from '@iris-drs/fits/node';
import { checkFrame, type FrameCheck, type FrameTruth } from '@iris-drs/simulator';

const asFloat = (data: unknown): Float32Array => {
  if (data instanceof Float32Array) return data;
  throw new TypeError('the plane is not float32');
};

/** The scatter must be what the product states within this and four standard errors: a wrong gain shows in it. */
const _NOISE_TOLERANCE = 0.01;

/** Compares a product with the truth of its exposure. */
export const verifyProduct = async (
  path: string,
  truth: FrameTruth,
  background: 'free' | 'known',
): Promise<FrameCheck> => {
  using fits = await openFile(path);
  const sci = await readImage(fits, fits.hdu('SCI'));
  const dq = await readImage(fits, fits.hdu('DQ'));
  const variances: Float32Array[] = [];
  for (const name of ['VAR_POISSON', 'VAR_RNOISE', 'VAR_FLAT']) {
    const hdu = fits.find(name);
    if (hdu) variances.push(asFloat((await readImage(fits, hdu)).data));
  }
  const [ny = 0, nx = 0] = sci.shape;
  if (!(dq.data instanceof Uint32Array)) throw new TypeError(`${path}: DQ is not uint32`);
  return checkFrame({ shape: [ny, nx], sci: asFloat(sci.data), variances, dq: dq.data }, truth, {
    background,
  });
};

export const readTruth = (path: string): FrameTruth => JSON.parse(readFileSync(path, 'utf8')) as FrameTruth;
