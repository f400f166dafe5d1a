import { FitsError, type FitsPlace } from '../errors.ts';
import type { Image, ReadImageOptions } from '../image.ts';
import type { Fits } from '../open.ts';
import type { Hdu } from '../scan.ts';

export async function readTiles(
  _fits: Pick<Fits, 'source'>,
  _hdu: Hdu,
  _options: ReadImageOptions,
  place: FitsPlace,
): Promise<Image> {
  throw new FitsError('UNSUPPORTED', 'this HDU holds a tile-compressed image', place);
}
