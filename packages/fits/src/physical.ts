import { FitsError, type FitsPlace } from './errors.ts';
import { exactStorage, type Pixels, STORAGE, type Storage } from './pixels.ts';
import type { PixelFormat } from './scan.ts';

/** How stored numbers become what the caller gets. */
export interface Conversion {
  readonly format: PixelFormat;
  /** The type of the numbers in the file, in host order. */
  readonly stored: Storage;
  /** The type of the result. */
  readonly result: Storage;
  /** Set if the stored bits are the result but for the sign bit; else the numbers are scaled. */
  readonly exact: boolean;
}

/** The rule that `readImage` documents. */
export function conversionOf(format: PixelFormat, raw: boolean): Conversion {
  const { bitpix, bscale, bzero, blank } = format;
  const stored = exactStorage(bitpix, 1, 0) as Storage;
  const plain = raw || (bscale === 1 && bzero === 0 && blank === undefined);
  if (plain) return { format, stored, result: stored, exact: true };
  const flipped = blank === undefined ? exactStorage(bitpix, bscale, bzero) : undefined;
  if (flipped) return { format, stored, result: flipped, exact: true };
  const wide = bitpix === -64 || bitpix > 16;
  return { format, stored, result: STORAGE[wide ? 'float64' : 'float32'], exact: false };
}

/** Memory for the result: the caller's from its first byte on, or fresh. @throws FitsError BUFFER_SIZE */
export function allocate(
  to: Storage,
  length: number,
  into: ArrayBufferLike | undefined,
  place: FitsPlace,
): Pixels {
  const bytes = length * to.bytes;
  if (into && into.byteLength < bytes) {
    const text = `the buffer holds ${into.byteLength} bytes, the image needs ${bytes} as ${to.dtype}`;
    throw new FitsError('BUFFER_SIZE', text, place);
  }
  return to.view(into ?? new ArrayBuffer(bytes), 0, length);
}

/** `target[at …] = BZERO + BSCALE × stored`, in the precision of the target; NaN where blank. */
export function scaleInto(
  target: Float32Array | Float64Array,
  at: number,
  stored: Pixels,
  format: PixelFormat,
): void {
  const single = target instanceof Float32Array;
  const scale = single ? Math.fround(format.bscale) : format.bscale;
  const zero = single ? Math.fround(format.bzero) : format.bzero;
  const { blank } = format;
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
  const round = single ? Math.fround : (x: number) => x;
  for (let i = 0; i < numbers.length; i++) {
    const value = numbers[i] as number;
    target[at + i] = value === nothing ? Number.NaN : round(value * scale) + zero;
  }
}
