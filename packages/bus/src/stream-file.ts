import { once } from 'node:events';
import { open } from 'node:fs/promises';
import type { ServerWritableStream } from '@grpc/grpc-js';

/** A part of a file on a gRPC stream. */
export interface Chunk {
  readonly offset: number;
  readonly data: Uint8Array;
  readonly totalSize: number;
}

const CHUNK_BYTES = 2 ** 20;

export interface StreamFileOptions<C> {
  /** First byte; default 0. */
  readonly from?: number;
  /** The message of a part; `last` for the one that ends the file. */
  readonly message: (part: Chunk, last: boolean) => C;
}

/**
 * Streams a file in chunks of 1 MiB, reading on only as fast as the client takes them: without waiting for `drain`
 * the server would hold the whole file.
 */
export const streamFile = async <C>(
  path: string,
  call: ServerWritableStream<unknown, C>,
  { from = 0, message }: StreamFileOptions<C>,
): Promise<void> => {
  const gone = new AbortController();
  const leave = () => gone.abort();
  call.once('cancelled', leave);
  call.once('close', leave);
  const file = await open(path, 'r');
  try {
    const { size } = await file.stat();
    if (from >= size) call.write(message({ offset: size, data: new Uint8Array(0), totalSize: size }, true));
    for (let offset = from; offset < size && !call.cancelled; ) {
      // A new buffer each time: the call may still hold the one before.
      const { bytesRead, buffer } = await file.read(
        Buffer.allocUnsafe(Math.min(CHUNK_BYTES, size - offset)),
        0,
        undefined,
        offset,
      );
      if (bytesRead === 0) throw new Error(`${path} became shorter while it was read`);
      const part = { offset, data: buffer.subarray(0, bytesRead), totalSize: size };
      offset += bytesRead;
      const more = call.write(message(part, offset === size));
      if (!more) await once(call, 'drain', { signal: gone.signal });
    }
    call.end();
  } catch (error) {
    if (!gone.signal.aborted) throw error;
  } finally {
    await file.close();
    call.off('cancelled', leave);
    call.off('close', leave);
  }
};
