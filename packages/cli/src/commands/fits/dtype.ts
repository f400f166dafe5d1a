import type { Hdu } from '@iris-drs/fits';

const STORED: Readonly<Record<number, string>> = {
  8: 'uint8',
  16: 'int16',
  32: 'int32',
  64: 'int64',
  [-32]: 'float32',
  [-64]: 'float64',
};

/** BZERO of the conventions for the other signedness. */
const OTHER_SIGN: Readonly<Record<number, readonly [bzero: number, dtype: string]>> = {
  8: [-128, 'int8'],
  16: [2 ** 15, 'uint16'],
  32: [2 ** 31, 'uint32'],
  64: [2 ** 63, 'uint64'],
};

/**
 * Type of an image's physical values: as stored, unsigned by convention, or the float that scaled integers and
 * integers with BLANK become. Undefined for HDUs that are no images.
 */
export const dtypeOf = ({ pixels, kind, header }: Hdu): string | undefined => {
  if (kind === 'compressed' && header.get('ZIMAGE') === true) return STORED[header.integer('ZBITPIX') ?? 0];
  if (!pixels) return undefined;
  const { bitpix, bscale, bzero, blank } = pixels;
  if (bitpix < 0 || (bscale === 1 && bzero === 0 && blank === undefined)) return STORED[bitpix];
  const [zero, dtype] = OTHER_SIGN[bitpix] ?? [];
  if (bscale === 1 && bzero === zero && blank === undefined) return dtype;
  return bitpix > 16 ? 'float64' : 'float32';
};
