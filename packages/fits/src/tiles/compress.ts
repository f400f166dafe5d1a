import { FitsError } from '../errors.ts';
import type { HeaderEntry } from '../header.ts';
import type { CompressedHdu, ImageHdu } from '../init.ts';
import { bzeroOf, scalingOf, storageOf } from '../layout.ts';
import { countOf } from '../section.ts';
import { acquireCodec, releaseCodec } from './codec.ts';
import { BLOCK, type Packing, packerOf, signed, streams } from './pack.ts';

export interface CompressOptions {
  /** Shape of a tile, slowest axis first; default one row. */
  readonly tile?: readonly number[];
}

export interface PackedTiles {
  /** The streams of the tiles behind each other. */
  readonly packed: Uint8Array;
  /** Where each of them begins, and where the last one ends. */
  readonly offsets: Float64Array;
}

/**
 * Pack an image of integers of 8, 16 or 32 bits without loss by RICE_1, into an HDU to write. Twofold smaller and
 * more for detector frames, whose noise is what remains. An image that was primary comes behind an empty primary HDU.
 *
 * @throws FitsError WRITE_SHAPE for floats, 64-bit integers, and images without data
 */
export function compressImage(image: ImageHdu, options: CompressOptions = {}): CompressedHdu {
  const packing = planPacking(image, options);
  return packedHdu(image, packing, packTiles(packing));
}

/** @throws FitsError WRITE_SHAPE as `compressImage` */
export function planPacking(image: ImageHdu, options: CompressOptions): Packing {
  const { shape, data } = image;
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
  const counts = shape.map((n, i) => Math.ceil(n / (clipped[i] as number)));
  return { numbers, shape, tile: clipped, counts, flip: storage.flip };
}

/** The HDU to write, of the image and its packed tiles. */
export function packedHdu(
  image: ImageHdu,
  { tile }: Packing,
  { packed, offsets }: PackedTiles,
): CompressedHdu {
  const { shape, header } = image;
  const storage = storageOf(image);
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
    ...reversed(tile, 'ZTILE'),
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
function packTiles(packing: Packing): PackedTiles {
  const codec = acquireCodec();
  try {
    const { tiles, pack } = packerOf(packing, codec);
    const offsets = new Float64Array(tiles.length + 1);
    const packed = streams(packing.numbers.byteLength >> 1);
    tiles.forEach((tile, index) => {
      packed.add(pack(tile));
      offsets[index + 1] = packed.length;
    });
    return { packed: packed.bytes(), offsets };
  } finally {
    releaseCodec(codec);
  }
}
