import { readImage } from '@iris-drs/fits';
import { usageError } from '../../errors.ts';
import { hasData } from './files.ts';
import { type Change, runPack } from './pack.ts';

/** Compressed images become images; one that was primary becomes so again, in place of the empty HDU before it. */
const decompress: Change = async (fits, hdu) => {
  const next = fits.hdus[1];
  const wasPrimary = next?.kind === 'compressed' && next.header.get('ZSIMPLE') === true;
  if (hdu.index === 0 && wasPrimary && !hasData(hdu)) return 'nothing';
  if (hdu.kind !== 'compressed' || !hdu.header.has('ZIMAGE')) return undefined;
  const { shape, data } = await readImage(fits, hdu, { raw: true });
  return { kind: 'image', header: hdu.header, shape, data, raw: true };
};

const nameOf = (path: string): string => {
  if (/\.fz$/i.test(path)) return path.slice(0, -3);
  throw usageError(`${path} does not end in .fz; -o says what to write`);
};

/** `drs fits decompress`: FILE.fits.fz becomes FILE.fits. */
export const run = (args: readonly string[], usage: string): Promise<number> =>
  runPack(args, usage, nameOf, decompress);
