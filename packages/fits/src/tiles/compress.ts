import { FitsError } from '../errors.ts';
import type { HeaderEntry } from '../header.ts';
import type { CompressedHdu, ImageHdu } from '../init.ts';
import { bzeroOf, scalingOf, storageOf } from '../layout.ts';
import { countOf, sectionOf } from '../section.ts';
import { flipSign } from '../swap.ts';
import { acquireCodec, type Codec, releaseCodec } from './codec.ts';
import { placeTile, tilesOf } from './place.ts';
import { type Integers, riceEncode } from './rice.ts';

export interface CompressOptions {
  /** Shape of a tile, slowest axis first; default one row. */
  readonly tile?: readonly number[];
}

/** Numbers a block; the standard's default. */
const BLOCK = 32;

/**
 * Pack an image of integers of 8, 16 or 32 bits without loss by RICE_1, into an HDU to write. Twofold smaller and
 * more for detector frames, whose noise is what remains. An image that was primary comes behind an empty primary HDU.
 *
 * @throws FitsError WRITE_SHAPE for floats, 64-bit integers, and images without data
 */
export function compressImage(image: ImageHdu, options: CompressOptions = {}): CompressedHdu {
  const { shape, data, header } = image;
  const refuse = (text: string) => new FitsError('WRITE_SHAPE', text);
  const storage = storageOf(image);
  if (!data || data.length === 0 || data.length !== countOf(shape)) {
    throw refuse(`${data?.length ?? 0} elements of data for shape [${shape}]; nothing to compress`);
  }
  if (storage.bitpix < 0 || storage.bitpix === 64) {
    throw refuse(`RICE_1 packs integers of 8, 16 and 32 bits, not ${storage.dtype}`);
  }
  const tile = options.tile ?? shape.map((n, i) => (i === shape.length - 1 ? n : 1));
  if (tile.length !== shape.length || !tile.every((n) => Number.isSafeInteger(n) && n > 0)) {
    throw refuse(`tiles of [${tile}] for an image of [${shape}]`);
  }
  const clipped = tile.map((n, i) => Math.min(n, shape[i] as number));
  const numbers = signed(data.buffer, data.byteOffset, data.length, storage.bytes);
  const { packed, offsets } = packTiles(numbers, shape, clipped, storage.flip);

  const was = header?.has('SIMPLE') ?? false;
  const reversed = (axes: readonly number[], keyword: string): HeaderEntry[] =>
    [...axes].reverse().map((n, i) => [`${keyword}${i + 1}`, n]);
  const tiling: HeaderEntry[] = [
    ['ZIMAGE', true, 'extension contains a compressed image'],
    was
      ? ['ZSIMPLE', true, 'the image was a primary HDU']
      : ['ZTENSION', 'IMAGE', 'the image was an extension'],
    ['ZBITPIX', storage.bitpix, 'data type of the image'],
    ['ZNAXIS', shape.length, 'dimensions of the image'],
    ...reversed(shape, 'ZNAXIS'),
    ...((was
      ? []
      : [
          ['ZPCOUNT', 0],
          ['ZGCOUNT', 1],
        ]) satisfies HeaderEntry[]),
    ...reversed(clipped, 'ZTILE'),
    ['ZCMPTYPE', 'RICE_1', 'compression algorithm'],
    ['ZNAME1', 'BLOCKSIZE', 'numbers a block'],
    ['ZVAL1', BLOCK],
    ['ZNAME2', 'BYTEPIX', 'bytes a number'],
    ['ZVAL2', storage.bytes],
    ...(storage.flip
      ? ([
          ['BSCALE', 1, 'no scale'],
          ['BZERO', bzeroOf(storage), 'offset of unsigned integers'],
        ] as const)
      : image.raw
        ? scalingOf(image)
        : []),
  ];
  const { name, version } = image;
  return {
    kind: 'compressed',
    ...(name !== undefined && { name }),
    ...(version !== undefined && { version }),
    ...(header && { header }),
    columns: [{ name: 'COMPRESSED_DATA', data: packed, format: 'PB', offsets }],
    tiling,
  };
}

/** The streams of all tiles behind each other. */
function packTiles(
  data: Integers,
  shape: readonly number[],
  tile: readonly number[],
  flip: boolean,
): { packed: Uint8Array; offsets: Float64Array } {
  const counts = shape.map((n, i) => Math.ceil(n / (tile[i] as number)));
  const whole = sectionOf(shape, {}, {});
  const tiles = tilesOf(tile, shape, counts, whole);
  const offsets = new Float64Array(tiles.length + 1);
  let packed = new Uint8Array(data.byteLength >> 1);
  let length = 0;
  const codec = acquireCodec();
  try {
    const press = codec ? kernel(codec, data, countOf(tile), flip) : twin(data, countOf(tile), flip);
    tiles.forEach((t, index) => {
      placeTile(t, whole, (inTile, inImage, count) => {
        press.input.set(data.subarray(inImage, inImage + count), inTile);
      });
      const stream = press.encode(countOf(t.shape));
      if (length + stream.length > packed.length) {
        const larger = new Uint8Array(2 * packed.length + stream.length);
        larger.set(packed.subarray(0, length));
        packed = larger;
      }
      packed.set(stream, length);
      length += stream.length;
      offsets[index + 1] = length;
    });
  } finally {
    releaseCodec(codec);
  }
  return { packed: packed.subarray(0, length), offsets };
}

/** Takes the pixels of a tile in `input`; the stream is valid until the next one. */
interface Press {
  readonly input: Integers;
  encode(pixels: number): Uint8Array;
}

function kernel(codec: Codec, like: Integers, pixels: number, flip: boolean): Press {
  const bytes = like.BYTES_PER_ELEMENT;
  const encode = bytes === 1 ? codec.riceEncode8 : bytes === 2 ? codec.riceEncode16 : codec.riceEncode32;
  const scratch = codec.base;
  const input = scratch + 4 * BLOCK;
  const output = Math.ceil((input + pixels * bytes) / 16) * 16;
  // No block is longer than its numbers as they are by more than its head.
  const end = output + 1.5 * pixels * bytes + 1024;
  if (end >= 2 ** 32 || !codec.reserve(end)) {
    throw new FitsError(
      'TOO_LARGE',
      `a tile of ${pixels} pixels needs ${end} bytes of memory; use smaller tiles`,
    );
  }
  const { buffer } = codec.memory;
  const sign = flip ? 2 ** (8 * bytes - 1) : 0;
  return {
    input: signed(buffer, input, pixels, bytes),
    encode: (n) => new Uint8Array(buffer, output, encode(input, n, output, BLOCK, sign, scratch)),
  };
}

function twin(like: Integers, pixels: number, flip: boolean): Press {
  const bytes = like.BYTES_PER_ELEMENT;
  const input = signed(new ArrayBuffer(pixels * bytes), 0, pixels, bytes);
  const encode = (n: number) => {
    const numbers = input.subarray(0, n);
    if (flip)
      flipSign(new Uint8Array(numbers.buffer, numbers.byteOffset, numbers.byteLength), bytes as 1 | 2 | 4);
    return riceEncode(numbers, BLOCK);
  };
  return { input, encode };
}

function signed(buffer: ArrayBufferLike, at: number, length: number, bytes: number): Integers {
  if (bytes === 1) return new Int8Array(buffer, at, length);
  return bytes === 2 ? new Int16Array(buffer, at, length) : new Int32Array(buffer, at, length);
}
