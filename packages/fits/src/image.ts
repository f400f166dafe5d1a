import { FitsError, type FitsPlace } from './errors.ts';
import { readGroupArrays } from './groups.ts';
import type { Fits } from './open.ts';
import { allocate, conversionOf } from './physical.ts';
import type { Pixels } from './pixels.ts';
import { readRun } from './run.ts';
import type { Hdu, PixelFormat } from './scan.ts';
import { countOf, runsOf, type SectionOptions, sectionOf, shapeOf } from './section.ts';
import { readTiles } from './tiles/read.ts';

export interface ReadImageOptions extends SectionOptions {
  /** The stored numbers, without BSCALE, BZERO and BLANK. */
  readonly raw?: boolean;
  /** Memory to decode into, from its first byte on; a fresh buffer costs more than the decoding. */
  readonly into?: ArrayBufferLike;
}

export interface Image {
  /** Slowest axis first. */
  readonly shape: number[];
  readonly data: Pixels;
}

/**
 * The pixels of an image HDU, plain or tile-compressed, as physical values: `BZERO + BSCALE × stored`.
 *
 * - integers without scale, and the unsigned conventions: exact, in the array type of that name;
 * - scaled integers: float32 (8 and 16 bit) or float64 (32 and 64 bit), computed in that precision as astropy does;
 * - an integer image with a BLANK keyword: float of the same rule, NaN where blank;
 * - floats: as stored, NaN bit for bit, scaled in their own precision if BSCALE or BZERO ask for it;
 * - floats that were quantised for compression: as cfitsio restores them, dither and all, NaN where ZBLANK.
 *
 * Of a section only the bytes, or the tiles, that it touches are read. Random groups give the arrays
 * of all groups, `[groups, …shape]`; `readGroups` gives their parameters too.
 *
 * @throws FitsError HDU_KIND, UNSUPPORTED, SECTION_RANGE, BUFFER_SIZE, DATA_TRUNCATED, TILE_LAYOUT, HEAP_RANGE,
 *   COMPRESSED_DATA, TOO_LARGE
 */
export async function readImage(
  fits: Pick<Fits, 'source' | 'name'>,
  hdu: Hdu,
  options: ReadImageOptions = {},
): Promise<Image> {
  const place: FitsPlace = { file: fits.name, hdu: hdu.index, offset: hdu.dataOffset };
  if (hdu.kind === 'compressed' && hdu.header.get('ZIMAGE') === true) {
    return readTiles(fits, hdu, options, place);
  }
  if (hdu.kind === 'groups') return readGroupArrays(fits, hdu, options, place);
  const conversion = conversionOf(formatOf(hdu, place), options.raw ?? false);
  const section = sectionOf(hdu.shape, options, place);
  const shape = shapeOf(section);
  const data = allocate(conversion.result, countOf(shape), options.into, place);
  let at = 0;
  for (const { start, length } of runsOf(hdu.shape, section)) {
    const from = hdu.dataOffset + start * conversion.stored.bytes;
    await readRun(fits, from, data, at, length, conversion, place);
    at += length;
  }
  return { shape, data };
}

function formatOf(hdu: Hdu, place: FitsPlace): PixelFormat {
  if (hdu.pixels) return hdu.pixels;
  const what = hdu.kind === 'compressed' ? 'compressed table' : hdu.kind;
  throw new FitsError('HDU_KIND', `this HDU is a ${what}, expected an image`, place);
}
