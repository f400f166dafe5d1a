import { FitsError, type FitsPlace } from '../errors.ts';
import { groupBytes, visitCells } from '../heap.ts';
import type { Image, ReadImageOptions } from '../image.ts';
import type { Fits } from '../open.ts';
import { allocate, conversionOf } from '../physical.ts';
import type { Pixels } from '../pixels.ts';
import type { Hdu } from '../scan.ts';
import { countOf, sectionOf, shapeOf } from '../section.ts';
import { acquireCodec, type Codec, releaseCodec } from './codec.ts';
import { decodeTile, freePixels, mostPixels, SLACK, type Workshop } from './decode.ts';
import { describeTiles, type TiledImage } from './describe.ts';
import { type Directory, readDirectory } from './directory.ts';
import { placeTile, putter, type Tile, tilesOf } from './place.ts';
import { restore } from './quantise.ts';

/** The image in a table of compressed tiles; see `readImage`. Only the tiles that the section touches are read. */
export async function readTiles(
  fits: Pick<Fits, 'source'>,
  hdu: Hdu,
  options: ReadImageOptions,
  place: FitsPlace,
): Promise<Image> {
  const image = describeTiles(hdu, place);
  const raw = options.raw ?? false;
  const conversion = conversionOf(image.format, raw);
  const section = sectionOf(image.shape, options, place);
  const shape = shapeOf(section);
  const tiles = tilesOf(image.tile, image.shape, image.counts, section);
  const rows = tiles.map(({ row }) => row);
  const directory = await readDirectory(fits, hdu, image, rows, place);
  const largest = checkPlausible(image, tiles, directory, place);
  const data = allocate(conversion.result, countOf(shape), options.into, place);
  if (tiles.length === 0) return { shape, data };

  const inKernel = image.method === 'RICE_1' && image.rice.bytes === conversion.stored.bytes;
  const flip = conversion.exact && conversion.result.flip && inKernel ? 2 ** (8 * image.rice.bytes - 1) : 0;
  const codec = acquireCodec();
  try {
    const workshop = prepare(codec, image, groupBytes(directory.cells), largest, flip, place);
    const floats = image.scale === undefined ? undefined : floatsOf(image, largest);
    await visitCells(fits, image.heap, directory.cells, workshop.memory, place, (index, bytes, at) => {
      const tile = tiles[index] as Tile;
      const as = directory.as[index] as Directory['as'][number];
      const pixels = countOf(tile.shape);
      const keep = (numbers: Pixels) => {
        const quantised = floats !== undefined && as === 'method';
        const physical = quantised
          ? restoreTile(image, directory, index, tile, numbers, floats, raw)
          : numbers;
        const done = quantised || (flip !== 0 && codec !== undefined && as === 'method');
        placeTile(tile, section, putter(data, conversion, physical, done));
      };
      const where = { ...place, offset: image.heap.start + (directory.cells.offsets[index] as number) };
      const numbers = decodeTile(image, { bytes, at: workshop.input + at, as }, pixels, workshop, where);
      return numbers instanceof Promise ? numbers.then(keep) : keep(numbers);
    });
  } finally {
    releaseCodec(codec);
  }
  return { shape, data };
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

/** Memory for packed bytes, one tile and what its decoder needs, in the codec's memory if there is one. */
function prepare(
  codec: Codec | undefined,
  image: TiledImage,
  inputBytes: number,
  pixels: number,
  flip: number,
  place: FitsPlace,
): Workshop & { readonly memory: Uint8Array } {
  if (!codec) {
    return { codec, input: 0, output: 0, scratch: 0, flip: 0, memory: new Uint8Array(inputBytes) };
  }
  const align = (n: number) => Math.ceil(n / 16) * 16;
  const { method, rice } = image;
  const input = codec.base;
  const output = align(input + inputBytes + SLACK);
  const scratch = align(output + pixels * (method === 'RICE_1' ? rice.bytes : 4));
  const end = scratch + (method === 'HCOMPRESS_1' ? 13 * pixels + 64 : 0);
  const needsOutput = method === 'RICE_1' || method === 'HCOMPRESS_1';
  if (end >= 2 ** 32 || !codec.reserve(needsOutput ? end : output)) {
    throw new FitsError('TOO_LARGE', `a tile of ${pixels} pixels needs ${end} bytes of memory`, place);
  }
  const memory = new Uint8Array(codec.memory.buffer, input, inputBytes);
  return { codec, input, output, scratch, flip, memory };
}

function floatsOf({ format }: TiledImage, pixels: number): Float32Array | Float64Array {
  return format.bitpix === -32 ? new Float32Array(pixels) : new Float64Array(pixels);
}

/** Quantised numbers as floats; BSCALE and BZERO, if any, go into the tile's own scale as cfitsio has it. */
function restoreTile(
  { format, dither, seed }: TiledImage,
  directory: Directory,
  index: number,
  { row }: Tile,
  numbers: Pixels,
  floats: Float32Array | Float64Array,
  raw: boolean,
): Float32Array | Float64Array {
  const { bscale, bzero } = raw ? { bscale: 1, bzero: 0 } : format;
  const out = floats.subarray(0, numbers.length);
  restore(numbers as Int32Array, out, {
    scale: directory.scale(index) * bscale,
    zero: directory.zero(index) * bscale + bzero,
    blank: directory.blank(index),
    dither,
    seed: row + seed - 1,
  });
  return out;
}
