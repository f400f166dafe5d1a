import { FitsError } from './errors.ts';
import { inflateStream } from './inflate.ts';
import { type ByteSource, sliceBytes } from './source.ts';

const CHUNK = 1 << 18;

/** A source that is unpacked as far as it has been looked at. */
export interface GrowingSource extends ByteSource {
  /** Unpack up to this byte, or to the end; from then on `byteLength` is the length known so far. */
  reach(end: number): Promise<void>;
  /** What has been unpacked stays, the rest is not looked at any more. */
  finish(): Promise<void>;
}

/** Whether the bytes begin like a gzip'ed file. */
export function isGzip(first: Uint8Array): boolean {
  return first[0] === 0x1f && first[1] === 0x8b;
}

/**
 * A gzip'ed file as the file it holds, in memory. Only as much is unpacked as `reach` asks for.
 *
 * @param maxBytes   more is refused
 * @throws FitsError COMPRESSED_DATA, TOO_LARGE, from `reach`
 */
export function gunzipSource(packed: ByteSource, file: string, maxBytes: number): GrowingSource {
  async function* chunks() {
    for (let at = 0; at < packed.byteLength; at += CHUNK) {
      // A copy: a stream may keep a chunk longer than a source leaves it alone.
      yield (await sliceBytes(packed, at, Math.min(at + CHUNK, packed.byteLength), { file })).slice();
    }
  }
  const stream = inflateStream(chunks());
  let bytes = new Uint8Array(1 << 16);
  let length = 0;
  let ended = false;

  const reach = async (end: number): Promise<void> => {
    while (length < end && !ended) {
      const { done, value } = await next();
      if (done) {
        ended = true;
      } else {
        if (length + value.length > maxBytes) {
          const text = `the gzip'ed file holds more than ${maxBytes} bytes; unpack it first, or open it with a larger maxBytes`;
          throw new FitsError('TOO_LARGE', text, { file });
        }
        if (length + value.length > bytes.length) grow(length + value.length);
        bytes.set(value, length);
        length += value.length;
      }
    }
  };
  const next = async () => {
    try {
      return await stream.next();
    } catch (error) {
      const text = `the gzip'ed file is damaged behind byte ${length} of what it holds, or cut short`;
      throw new FitsError('COMPRESSED_DATA', text, { file }, error);
    }
  };
  const grow = (least: number) => {
    const larger = new Uint8Array(Math.max(least, 2 * bytes.length));
    larger.set(bytes.subarray(0, length));
    bytes = larger;
  };
  return {
    get byteLength() {
      return length;
    },
    slice: (start, end) => bytes.subarray(start, Math.min(end, length)),
    reach,
    finish: async () => {
      ended = true;
      await stream.return(undefined);
    },
  };
}
