import type { FitsPlace } from './errors.ts';
import type { Fits } from './open.ts';
import { type Conversion, scaleInto } from './physical.ts';
import type { Pixels } from './pixels.ts';
import { readBytes } from './source.ts';
import { flipSign, swapInPlace } from './swap.ts';

/** Small enough to be decoded while still in the processor's cache. */
const CHUNK = 1 << 20;

/** Read `length` consecutive numbers from byte `from` of the file into `data` from element `at` on. */
export async function readRun(
  fits: Pick<Fits, 'source'>,
  from: number,
  data: Pixels,
  at: number,
  length: number,
  { stored, result, exact, format }: Conversion,
  place: FitsPlace,
): Promise<void> {
  const step = CHUNK / stored.bytes;
  const scratch = exact ? undefined : new Uint8Array(Math.min(CHUNK, length * stored.bytes));
  for (let done = 0; done < length; done += step) {
    const count = Math.min(step, length - done);
    const target = data.subarray(at + done, at + done + count);
    const bytes =
      scratch?.subarray(0, count * stored.bytes) ??
      new Uint8Array(target.buffer, target.byteOffset, target.byteLength);
    await readBytes(fits.source, bytes, from + done * stored.bytes, place);
    swapInPlace(bytes, stored.bytes);
    if (exact && result.flip) flipSign(bytes, stored.bytes);
    if (scratch) {
      const numbers = stored.view(scratch.buffer, 0, count);
      scaleInto(data as Float32Array, at + done, numbers, format);
    }
  }
}
