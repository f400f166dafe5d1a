import { FitsError } from '../errors.ts';
import { countOf, sectionOf } from '../section.ts';
import { flipSign } from '../swap.ts';
import type { Codec } from './codec.ts';
import { placeTile, type Tile, tilesOf } from './place.ts';
import { type Integers, riceEncode } from './rice.ts';

/** Numbers a block; the standard's default. */
export const BLOCK = 32;

/** Integers to pack, and how they are divided into tiles. */
export interface Packing {
  readonly numbers: Integers;
  readonly shape: readonly number[];
  /** No longer than the image. */
  readonly tile: readonly number[];
  /** Tiles along each axis. */
  readonly counts: readonly number[];
  /** The sign bit is turned over. */
  readonly flip: boolean;
}

export interface Packer {
  /** In the order of the table. */
  readonly tiles: readonly Tile[];
  /** The stream of a tile; valid until the next one. */
  pack(tile: Tile): Uint8Array;
}

/** Streams behind each other. */
export interface Streams {
  /** Bytes so far. */
  readonly length: number;
  add(stream: Uint8Array): void;
  bytes(): Uint8Array<ArrayBuffer>;
}

/** @throws FitsError TOO_LARGE */
export function packerOf({ numbers, shape, tile, counts, flip }: Packing, codec: Codec | undefined): Packer {
  const whole = sectionOf(shape, {}, {});
  const pixels = countOf(tile);
  const press = codec ? kernel(codec, numbers, pixels, flip) : twin(numbers, pixels, flip);
  return {
    tiles: tilesOf(tile, shape, counts, whole),
    pack(one) {
      placeTile(one, whole, (inTile, inImage, count) => {
        press.input.set(numbers.subarray(inImage, inImage + count), inTile);
      });
      return press.encode(countOf(one.shape));
    },
  };
}

/** @param likely  bytes that will probably do */
export function streams(likely: number): Streams {
  let packed = new Uint8Array(likely);
  let length = 0;
  return {
    get length() {
      return length;
    },
    add(stream) {
      if (length + stream.length > packed.length) {
        const larger = new Uint8Array(2 * packed.length + stream.length);
        larger.set(packed.subarray(0, length));
        packed = larger;
      }
      packed.set(stream, length);
      length += stream.length;
    },
    bytes: () => packed.subarray(0, length),
  };
}

/** The bits of integers, as signed numbers. */
export function signed(buffer: ArrayBufferLike, at: number, length: number, bytes: number): Integers {
  if (bytes === 1) return new Int8Array(buffer, at, length);
  return bytes === 2 ? new Int16Array(buffer, at, length) : new Int32Array(buffer, at, length);
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
