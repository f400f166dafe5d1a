/*
 * Inflating, bounded: never more bytes come out than asked for. Node's zlib where there is one,
 * the browser's DecompressionStream else.
 */

interface Zlib {
  gunzipSync(bytes: Uint8Array, options: { maxOutputLength: number }): Uint8Array;
  gzipSync(bytes: Uint8Array, options: { level: number }): Uint8Array;
}

/** Node hands out its modules without an import, which a browser could not resolve. */
const { process } = globalThis as { process?: { getBuiltinModule?: (name: string) => unknown } };
const zlib = process?.getBuiltinModule?.('node:zlib') as Zlib | undefined;

/** Deflate expands to no more than this. */
const MAX_RATIO = 1032;

/** The most that so many gzip'ed bytes can hold. */
export const mostInflated = (bytes: number): number => bytes * MAX_RATIO;

/**
 * Unpack one gzip member.
 *
 * @param expected  bytes it must unpack to
 * @returns         undefined if it is damaged or unpacks to more or fewer bytes
 */
export function inflate(
  bytes: Uint8Array,
  expected: number,
): Uint8Array | undefined | Promise<Uint8Array | undefined> {
  if (!zlib) return inflateInBrowser(bytes, expected);
  try {
    const out = zlib.gunzipSync(bytes, { maxOutputLength: Math.max(1, expected) });
    return out.length === expected ? out : undefined;
  } catch {
    return undefined;
  }
}

/** The same by DecompressionStream. */
export async function inflateInBrowser(bytes: Uint8Array, expected: number): Promise<Uint8Array | undefined> {
  const out = new Uint8Array(expected);
  let at = 0;
  try {
    for await (const chunk of inflateStream([bytes])) {
      if (at + chunk.length > expected) return undefined;
      out.set(chunk, at);
      at += chunk.length;
    }
  } catch {
    return undefined;
  }
  return at === expected ? out : undefined;
}

/** What gzip'ed chunks unpack to, piece by piece, as fast as the pieces are taken. */
export async function* inflateStream(
  chunks: Iterable<Uint8Array> | AsyncIterable<Uint8Array>,
): AsyncGenerator<Uint8Array> {
  const stream = new DecompressionStream('gzip');
  const writer = stream.writable.getWriter();
  const feed = async () => {
    for await (const chunk of chunks) await writer.write(chunk as Uint8Array<ArrayBuffer>);
    await writer.close();
  };
  // A failed write fails the reading side as well, which is where it is reported.
  const fed = feed().catch((error: unknown) => {
    writer.abort(error).catch(() => undefined);
  });
  const reader = stream.readable.getReader();
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) break;
      yield value;
    }
    await fed;
  } finally {
    reader.cancel().catch(() => undefined);
  }
}
