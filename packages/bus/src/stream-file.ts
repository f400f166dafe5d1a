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

/**
 * Streams a file in chunks of 1 MiB, reading on only as fast as the client takes them: without waiting for `drain`
 * the server would hold the whole file.
 */
export const streamFile = async (path: string, call: ServerWritableStream<unknown, Chunk>): Promise<void> => {
  const gone = new AbortController();
  const leave = () => gone.abort();
  call.once('cancelled', leave);
  call.once('close', leave);
  const file = await open(path, 'r');
  try {
    const { size } = await file.stat();
    if (size === 0) call.write({ offset: 0, data: new Uint8Array(0), totalSize: 0 });
    for (let offset = 0; offset < size && !call.cancelled; ) {
      // A new buffer each time: the call may still hold the one before.
      const { bytesRead, buffer } = await file.read(
        Buffer.allocUnsafe(Math.min(CHUNK_BYTES, size - offset)),
        0,
        undefined,
        offset,
      );
      if (bytesRead === 0) throw new Error(`${path} became shorter while it was read`);
      const more = call.write({ offset, data: buffer.subarray(0, bytesRead), totalSize: size });
      offset += bytesRead;
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
