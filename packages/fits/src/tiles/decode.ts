import { FitsError, type FitsPlace } from '../errors.ts';
import { inflate, mostInflated } from '../inflate.ts';
import { exactStorage, type Pixels, type Storage } from '../pixels.ts';
import { flipSign, swapInPlace } from '../swap.ts';
import type { Codec } from './codec.ts';
import type { TiledImage } from './describe.ts';
import { plioDecode } from './plio.ts';
import { riceDecode } from './rice.ts';

/** Bytes behind the input that the RICE kernel may look at before it sees the end: a block of the largest size. */
export const SLACK = 1 << 14;

/** HCOMPRESS can say "all equal" of any image in a few bytes: beyond so many pixels, and pixels a byte, it is not believed. */
const HCOMPRESS_FREE = 1 << 20;
const HCOMPRESS_RATIO = 8192;

/** Where a tile of so many pixels is unpacked. */
export interface Workshop {
  readonly codec: Codec | undefined;
  /** Addresses in the codec's memory. */
  readonly input: number;
  readonly output: number;
  readonly scratch: number;
  /** What the RICE kernel turns over in every number it writes: the sign bit, or 0. */
  readonly flip: number;
}

/** A tile's bytes, and where the codec finds them. */
export interface Packed {
  readonly bytes: Uint8Array;
  readonly at: number;
  readonly as: 'method' | 'gzip' | 'plain';
}

const INTEGERS = { 1: 8, 2: 16, 4: 32, 8: 64 } as const;
const storedAs = (bitpix: number) => exactStorage(bitpix, 1, 0) as Storage;

/** The most pixels that so many packed bytes can hold. */
export function mostPixels({ method, rice }: TiledImage, as: Packed['as'], bytes: number): number {
  if (as === 'plain') return bytes;
  if (as === 'gzip') return mostInflated(bytes);
  switch (method) {
    case 'RICE_1':
      return Math.ceil((8 * bytes) / (rice.bytes + (rice.bytes === 4 ? 1 : 2))) * rice.block;
    case 'GZIP_1':
    case 'GZIP_2':
      return mostInflated(bytes);
    case 'PLIO_1':
      return bytes * 2048;
    case 'HCOMPRESS_1':
      return bytes * HCOMPRESS_RATIO;
    case 'NOCOMPRESS':
      return bytes;
  }
}

/** Pixels that an image may have beyond that. */
export function freePixels({ method }: TiledImage): number {
  return method === 'HCOMPRESS_1' ? HCOMPRESS_FREE : 0;
}

/**
 * The stored numbers of one tile, of any integer type, or floats if they were not quantised.
 * They may lie in the codec's memory, until the next tile.
 *
 * @throws FitsError COMPRESSED_DATA, UNSUPPORTED
 */
export function decodeTile(
  image: TiledImage,
  packed: Packed,
  pixels: number,
  workshop: Workshop,
  place: FitsPlace,
): Pixels | Promise<Pixels> {
  const { method } = image;
  const { bytes } = packed;
  const damaged = () => {
    const text = `${bytes.length} bytes do not unpack to a tile of ${pixels} pixels; the file is damaged`;
    return new FitsError('COMPRESSED_DATA', text, place);
  };
  const need = (numbers: Pixels | undefined): Pixels => {
    if (numbers) return numbers;
    throw damaged();
  };
  if (packed.as === 'plain' || (method === 'NOCOMPRESS' && packed.as === 'method')) {
    return need(numbersOf(image, bytes.slice(), pixels, packed.as === 'method'));
  }
  if (packed.as === 'gzip' || method === 'GZIP_1' || method === 'GZIP_2') {
    const unpacked = inflateTile(bytes, pixels);
    const finish = (flat: Uint8Array | undefined) => {
      const shuffled = method === 'GZIP_2' && packed.as === 'method';
      const inOrder = flat && (shuffled ? unshuffle(flat, pixels) : flat);
      return need(inOrder && numbersOf(image, inOrder, pixels, packed.as === 'method'));
    };
    return unpacked instanceof Promise ? unpacked.then(finish) : finish(unpacked);
  }
  if (method === 'RICE_1') return need(decodeRice(image, packed, pixels, workshop));
  if (method === 'PLIO_1') {
    const { bitpix, bzero } = image.format;
    const out =
      bitpix === 8 ? new Uint8Array(pixels) : bitpix === 16 ? new Int16Array(pixels) : new Int32Array(pixels);
    if (!plioDecode(bytes, out)) throw damaged();
    // Unsigned 16-bit numbers are kept as what they mean, not as what a plain image would store.
    if (bitpix === 16 && bzero === 32768) flipSign(new Uint8Array(out.buffer), 2);
    return out;
  }
  if (!workshop.codec) {
    throw new FitsError('UNSUPPORTED', 'HCOMPRESS_1 needs WebAssembly, which is forbidden here', place);
  }
  return need(decodeHcompress(image, packed, pixels, workshop, workshop.codec));
}

/** Big-endian bytes as numbers: integers of their size, or floats where the image has floats that are not quantised. */
function numbersOf(
  { format, scale }: TiledImage,
  bytes: Uint8Array,
  pixels: number,
  quantisable: boolean,
): Pixels | undefined {
  const size = bytes.length / pixels;
  if (size !== 1 && size !== 2 && size !== 4 && size !== 8) return undefined;
  const float = format.bitpix < 0 && !(quantisable && scale !== undefined);
  if (float && size !== Math.abs(format.bitpix) / 8) return undefined;
  if (!float && (size === 8) !== (format.bitpix === 64)) return undefined;
  const storage = storedAs(float ? format.bitpix : INTEGERS[size]);
  const aligned = bytes.byteOffset % size === 0 ? bytes : bytes.slice();
  swapInPlace(aligned, size);
  return storage.view(aligned.buffer, aligned.byteOffset, pixels);
}

/** A gzip member says at its end what it unpacks to: one of the sizes that numbers may have, or it is damaged. */
function inflateTile(bytes: Uint8Array, pixels: number): ReturnType<typeof inflate> {
  if (bytes.length < 18) return undefined;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const size = view.getUint32(bytes.length - 4, true);
  return [1, 2, 4, 8].includes(size / pixels) ? inflate(bytes, size) : undefined;
}

/** GZIP_2: all first bytes, then all second bytes … */
function unshuffle(bytes: Uint8Array, pixels: number): Uint8Array {
  const size = bytes.length / pixels;
  const out = new Uint8Array(bytes.length);
  for (let k = 0; k < size; k++) {
    for (let i = 0, from = k * pixels, to = k; i < pixels; i++, from++, to += size) {
      out[to] = bytes[from] as number;
    }
  }
  return out;
}

function decodeRice(
  { rice }: TiledImage,
  { bytes, at }: Packed,
  pixels: number,
  { codec, output, flip }: Workshop,
): Pixels | undefined {
  const storage = storedAs(INTEGERS[rice.bytes]);
  if (!codec) {
    const out = storage.view(new ArrayBuffer(pixels * rice.bytes), 0, pixels);
    return riceDecode(bytes, out as Int32Array, rice.block) ? out : undefined;
  }
  const decode =
    rice.bytes === 1 ? codec.riceDecode8 : rice.bytes === 2 ? codec.riceDecode16 : codec.riceDecode32;
  if (decode(at, at + bytes.length, output, pixels, rice.block, flip) < 0) return undefined;
  return storage.view(codec.memory.buffer, output, pixels);
}

function decodeHcompress(
  { format, smooth }: TiledImage,
  { bytes, at }: Packed,
  pixels: number,
  { output, scratch }: Workshop,
  codec: Codec,
): Pixels | undefined {
  if (bytes.length < 25) return undefined;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const ny = view.getInt32(2);
  const nx = view.getInt32(6);
  if (ny <= 0 || nx <= 0 || ny * nx !== pixels) return undefined;
  const end = at + bytes.length;
  const wide = scratch;
  if (codec.hdecompress(at, end, output, ny, nx, smooth ? 1 : 0, wide, wide + 8 * pixels) < 0)
    return undefined;
  const out = new Int32Array(codec.memory.buffer, output, pixels);
  // A lossy transform may go beyond the numbers that the image can hold.
  const low = format.bitpix === 8 ? 0 : -32768;
  const high = format.bitpix === 8 ? 255 : 32767;
  for (let i = 0; i < pixels && (format.bitpix === 8 || format.bitpix === 16); i++) {
    const value = out[i] as number;
    if (value < low || value > high) out[i] = value < low ? low : high;
  }
  return out;
}
