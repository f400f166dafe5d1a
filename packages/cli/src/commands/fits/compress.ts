import { compressImage, readImage } from '@iris-drs/fits';
import { hasData } from './files.ts';
import { type Change, runPack } from './pack.ts';

/** Images of integers of 8, 16 and 32 bits are packed by RICE_1, without loss; everything else is copied. */
const compress: Change = async (fits, hdu) => {
  const bitpix = hdu.pixels?.bitpix ?? 0;
  if (hdu.kind !== 'image' || !hasData(hdu) || bitpix <= 0 || bitpix > 32) return undefined;
  const { shape, data } = await readImage(fits, hdu, { raw: true });
  return compressImage({ kind: 'image', header: hdu.header, shape, data, raw: true });
};

/** `drs fits compress`: FILE.fits becomes FILE.fits.fz, as fpack names it. */
export const run = (args: readonly string[], usage: string): Promise<number> =>
  runPack(args, usage, (path) => `${path}.fz`, compress);
