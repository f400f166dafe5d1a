/** Reads a part of a file again and again when told to, in pieces, into a buffer that stays in the cache. */
import { openSync, readSync } from 'node:fs';
import { parentPort, workerData } from 'node:worker_threads';

const { path, from, to, piece } = workerData as Readonly<Record<'from' | 'to' | 'piece', number>> & {
  readonly path: string;
};
const fd = openSync(path, 'r');
const buffer = new Uint8Array(piece);

parentPort!.on('message', () => {
  for (let at = from; at < to; ) {
    const got = readSync(fd, buffer, 0, Math.min(piece, to - at), at);
    if (got === 0) throw new Error(`${path} ends at ${at}`);
    at += got;
  }
  parentPort!.postMessage(0);
});
