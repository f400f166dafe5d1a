import { FitsError, type FitsPlace } from './errors.ts';
import type { Fits } from './open.ts';
import { exactStorage, type Pixels, STORAGE, type Storage } from './pixels.ts';
import type { Hdu, PixelFormat } from './scan.ts';
import { readBytes } from './source.ts';
import { flipSign, swapInPlace } from './swap.ts';

/** Small enough to be decoded while still in the processor's cache. */
const CHUNK = 1 << 20;

export interface ReadImageOptions {
  /** Rows `[a, b)`, 0-based, along the last but one axis, of every plane. */
  readonly rows?: readonly [a: number, b: number];
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
 * The pixels of an image HDU as physical values: `BZERO + BSCALE × stored`.
 *
 * - integers without scale, and the unsigned conventions: exact, in the array type of that name;
 * - scaled integers: float32 (8 and 16 bit) or float64 (32 and 64 bit), computed in that precision as astropy does;
 * - an integer image with a BLANK keyword: float of the same rule, NaN where blank;
 * - floats: as stored, NaN bit for bit, scaled in their own precision if BSCALE or BZERO ask for it.
 *
 * @throws FitsError HDU_KIND, UNSUPPORTED, SECTION_RANGE, BUFFER_SIZE, DATA_TRUNCATED
 */
export async function readImage(
  fits: Pick<Fits, 'source' | 'name'>,
  hdu: Hdu,
  options: ReadImageOptions = {},
): Promise<Image> {
  const place: FitsPlace = { file: fits.name, hdu: hdu.index, offset: hdu.dataOffset };
  const format = formatOf(hdu, place);
  const elementBytes = Math.abs(format.bitpix) / 8;
  const { shape, runs } = select(hdu, elementBytes, options.rows, place);
  const length = count(shape);

  const plain = options.raw || (format.bscale === 1 && format.bzero === 0 && format.blank === undefined);
  const exact = plain
    ? exactStorage(format.bitpix, 1, 0)
    : format.blank === undefined
      ? exactStorage(format.bitpix, format.bscale, format.bzero)
      : undefined;
  if (exact) {
    const data = allocate(exact, length, options.into, place);
    const bytes = new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
    await decodeInPlace(fits, runs, bytes, exact, place);
    return { shape, data };
  }
  const wide = format.bitpix === -64 || format.bitpix > 16;
  const data = allocate(STORAGE[wide ? 'float64' : 'float32'], length, options.into, place);
  await decodeScaled(fits, runs, data as Float32Array | Float64Array, format, place);
  return { shape, data };
}

interface Run {
  readonly start: number;
  readonly end: number;
}

function formatOf(hdu: Hdu, place: FitsPlace): PixelFormat {
  if (hdu.pixels) return hdu.pixels;
  const compressed = hdu.kind === 'compressed' && hdu.header.get('ZIMAGE') === true;
  if (compressed || hdu.kind === 'groups') {
    const what = compressed ? 'a tile-compressed image' : 'random groups';
    const text = `this HDU holds ${what}, which is not decoded; unpack it first (funpack, astropy)`;
    throw new FitsError('UNSUPPORTED', text, place);
  }
  throw new FitsError('HDU_KIND', `this HDU is a ${hdu.kind}, expected an image`, place);
}

/** Elements of a shape; [] is "no data", not a scalar. A zero axis wins over others too long to multiply. */
function count(shape: readonly number[]): number {
  return shape.length === 0 || shape.includes(0) ? 0 : shape.reduce((a, b) => a * b, 1);
}

/** The shape of a section and the byte ranges it consists of. */
function select(
  hdu: Hdu,
  elementBytes: number,
  rows: readonly [number, number] | undefined,
  place: FitsPlace,
): { shape: number[]; runs: Run[] } {
  const shape = [...hdu.shape];
  const bytes = count(shape) * elementBytes;
  if (!rows) return { shape, runs: [{ start: hdu.dataOffset, end: hdu.dataOffset + bytes }] };
  const [a, b] = rows;
  const ny = shape.at(-2) ?? 0;
  if (!(Number.isInteger(a) && Number.isInteger(b) && 0 <= a && a <= b && b <= ny)) {
    const text = `rows [${a}, ${b}) of an image of shape [${shape}]; expected 0 ≤ a ≤ b ≤ ${ny}`;
    throw new FitsError('SECTION_RANGE', text, place);
  }
  const rowBytes = (shape.at(-1) ?? 0) * elementBytes;
  const planes = bytes === 0 ? 0 : bytes / (ny * rowBytes);
  shape[shape.length - 2] = b - a;
  const runs: Run[] = [];
  for (let plane = 0; plane < planes && b > a; plane++) {
    const start = hdu.dataOffset + (plane * ny + a) * rowBytes;
    runs.push({ start, end: start + (b - a) * rowBytes });
  }
  return { shape, runs };
}

function allocate(to: Storage, length: number, into: ArrayBufferLike | undefined, place: FitsPlace): Pixels {
  const bytes = length * to.bytes;
  if (into && into.byteLength < bytes) {
    const text = `the buffer holds ${into.byteLength} bytes, the image needs ${bytes} as ${to.dtype}`;
    throw new FitsError('BUFFER_SIZE', text, place);
  }
  return to.view(into ?? new ArrayBuffer(bytes), 0, length);
}

async function decodeInPlace(
  fits: Pick<Fits, 'source'>,
  runs: readonly Run[],
  target: Uint8Array,
  from: Storage,
  place: FitsPlace,
): Promise<void> {
  let at = 0;
  for (const run of runs) {
    for (let start = run.start; start < run.end; start += CHUNK) {
      const chunk = target.subarray(at, at + Math.min(CHUNK, run.end - start));
      await readBytes(fits.source, chunk, start, place);
      swapInPlace(chunk, from.bytes);
      if (from.flip) flipSign(chunk, from.bytes);
      at += chunk.length;
    }
  }
}

async function decodeScaled(
  fits: Pick<Fits, 'source'>,
  runs: readonly Run[],
  target: Float32Array | Float64Array,
  format: PixelFormat,
  place: FitsPlace,
): Promise<void> {
  const stored = exactStorage(format.bitpix, 1, 0) as Storage;
  const scratch = new Uint8Array(CHUNK);
  const single = target instanceof Float32Array;
  const scale = single ? Math.fround(format.bscale) : format.bscale;
  const zero = single ? Math.fround(format.bzero) : format.bzero;
  let at = 0;
  for (const run of runs) {
    for (let start = run.start; start < run.end; start += CHUNK) {
      const bytes = scratch.subarray(0, Math.min(CHUNK, run.end - start));
      await readBytes(fits.source, bytes, start, place);
      swapInPlace(bytes, stored.bytes);
      const numbers = stored.view(scratch.buffer, 0, bytes.length / stored.bytes);
      scaleInto(target, at, numbers, scale, zero, format.blank);
      at += numbers.length;
    }
  }
}

function scaleInto(
  target: Float32Array | Float64Array,
  at: number,
  stored: Pixels,
  scale: number,
  zero: number,
  blank: number | bigint | undefined,
): void {
  if (stored instanceof BigInt64Array) {
    const nothing = blank === undefined ? undefined : BigInt(blank);
    for (let i = 0; i < stored.length; i++) {
      const value = stored[i] as bigint;
      target[at + i] = value === nothing ? Number.NaN : Number(value) * scale + zero;
    }
    return;
  }
  const numbers = stored as Float32Array;
  const nothing = typeof blank === 'number' ? blank : Number.NaN;
  const round = target instanceof Float32Array ? Math.fround : (x: number) => x;
  for (let i = 0; i < numbers.length; i++) {
    const value = numbers[i] as number;
    target[at + i] = value === nothing ? Number.NaN : round(value * scale) + zero;
  }
}
