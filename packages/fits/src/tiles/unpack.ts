import { FitsError, type FitsPlace } from '../errors.ts';
import { conversionOf } from '../physical.ts';
import type { Pixels } from '../pixels.ts';
import { countOf, type Range } from '../section.ts';
import type { Codec } from './codec.ts';
import { decodeTile, SLACK, type Workshop } from './decode.ts';
import type { TiledImage } from './describe.ts';
import type { Directory } from './directory.ts';
import { placeTile, putter, type Tile } from './place.ts';
import { restore } from './quantise.ts';

/** Tiles that are wanted, before any of them is unpacked. */
export interface Unpacking {
  readonly image: TiledImage;
  readonly raw: boolean;
  readonly section: readonly Range[];
  readonly tiles: readonly Tile[];
  readonly directory: Directory;
  /** Pixels of the largest tile. */
  readonly largest: number;
}

export interface Unpacker {
  /** For packed bytes. */
  readonly memory: Uint8Array;
  /** Put a tile into the result. @param at  where in `memory` its bytes are */
  unpack(index: number, bytes: Uint8Array, at: number): void | Promise<void>;
}

/**
 * @param inputBytes  of `memory`
 * @param data        the result, of the whole section
 * @throws FitsError TOO_LARGE; `unpack` COMPRESSED_DATA, UNSUPPORTED, TILE_LAYOUT
 */
export function unpackerOf(
  { image, raw, section, tiles, directory, largest }: Unpacking,
  codec: Codec | undefined,
  inputBytes: number,
  data: Pixels,
  place: FitsPlace,
): Unpacker {
  const conversion = conversionOf(image.format, raw);
  const inKernel = image.method === 'RICE_1' && image.rice.bytes === conversion.stored.bytes;
  const flip = conversion.exact && conversion.result.flip && inKernel ? 2 ** (8 * image.rice.bytes - 1) : 0;
  const workshop = prepare(codec, image, inputBytes, largest, flip, place);
  const floats = image.scale === undefined ? undefined : floatsOf(image, largest);
  const unpack = (index: number, bytes: Uint8Array, at: number) => {
    const tile = tiles[index] as Tile;
    const as = directory.as[index] as Directory['as'][number];
    const pixels = countOf(tile.shape);
    const keep = (numbers: Pixels) => {
      const quantised = floats !== undefined && as === 'method';
      const physical = quantised ? restoreTile(image, directory, index, tile, numbers, floats, raw) : numbers;
      const done = quantised || (flip !== 0 && codec !== undefined && as === 'method');
      placeTile(tile, section, putter(data, conversion, physical, done));
    };
    const where = { ...place, offset: image.heap.start + (directory.cells.offsets[index] as number) };
    const numbers = decodeTile(image, { bytes, at: workshop.input + at, as }, pixels, workshop, where);
    return numbers instanceof Promise ? numbers.then(keep) : keep(numbers);
  };
  return { memory: workshop.memory, unpack };
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
