import { FitsError, type FitsPlace } from '../errors.ts';
import { groupBytes, visitCells } from '../heap.ts';
import type { Image, ReadImageOptions } from '../image.ts';
import type { Fits } from '../open.ts';
import { allocate, conversionOf } from '../physical.ts';
import type { Hdu } from '../scan.ts';
import { countOf, sectionOf, shapeOf } from '../section.ts';
import { acquireCodec, releaseCodec } from './codec.ts';
import { freePixels, mostPixels } from './decode.ts';
import { describeTiles, type TiledImage } from './describe.ts';
import { type Directory, readDirectory } from './directory.ts';
import { type Tile, tilesOf } from './place.ts';
import { type Unpacking, unpackerOf } from './unpack.ts';

/** The image in a table of compressed tiles; see `readImage`. Only the tiles that the section touches are read. */
export async function readTiles(
  fits: Pick<Fits, 'source'>,
  hdu: Hdu,
  options: ReadImageOptions,
  place: FitsPlace,
): Promise<Image> {
  const unpacking = await planUnpacking(fits, hdu, options, place);
  const { image, tiles, directory } = unpacking;
  const result = resultOf(unpacking, options.into, place);
  if (tiles.length === 0) return result;
  const codec = acquireCodec();
  try {
    const { cells } = directory;
    const { memory, unpack } = unpackerOf(unpacking, codec, groupBytes(cells), result.data, place);
    await visitCells(fits, image.heap, cells, memory, place, unpack);
  } finally {
    releaseCodec(codec);
  }
  return result;
}

/** Which tiles are wanted, and where they are; nothing that the tiles' bytes cannot fill. */
export async function planUnpacking(
  fits: Pick<Fits, 'source'>,
  hdu: Hdu,
  options: ReadImageOptions,
  place: FitsPlace,
): Promise<Unpacking> {
  const image = describeTiles(hdu, place);
  const section = sectionOf(image.shape, options, place);
  const tiles = tilesOf(image.tile, image.shape, image.counts, section);
  const rows = tiles.map(({ row }) => row);
  const directory = await readDirectory(fits, hdu, image, rows, place);
  const largest = checkPlausible(image, tiles, directory, place);
  return { image, raw: options.raw ?? false, section, tiles, directory, largest };
}

/** Memory for the image, not filled yet. @throws FitsError BUFFER_SIZE */
export function resultOf(
  { image, raw, section }: Pick<Unpacking, 'image' | 'raw' | 'section'>,
  into: ArrayBufferLike | undefined,
  place: FitsPlace,
): Image {
  const shape = shapeOf(section);
  return { shape, data: allocate(conversionOf(image.format, raw).result, countOf(shape), into, place) };
}

/** Nothing is allocated that the tiles' bytes cannot fill. Returns the pixels of the largest tile. */
function checkPlausible(
  image: TiledImage,
  tiles: readonly Tile[],
  { cells, as }: Directory,
  place: FitsPlace,
): number {
  let free = freePixels(image);
  let largest = 0;
  tiles.forEach((tile, index) => {
    const pixels = countOf(tile.shape);
    const bytes = cells.sizes[index] as number;
    free -= Math.max(0, pixels - mostPixels(image, as[index] as Directory['as'][number], bytes));
    largest = Math.max(largest, pixels);
    if (free < 0) {
      const text = `tile ${tile.row} claims ${pixels} pixels in ${bytes} bytes, which is more than they can hold`;
      throw new FitsError('TOO_LARGE', text, place);
    }
  });
  return largest;
}
