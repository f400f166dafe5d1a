import { FitsError } from './errors.ts';
import type { ByteSource } from './source.ts';

/**
 * A file behind a web server that answers ranges of bytes: only what is read is transferred.
 *
 * @param init  for every request: headers, credentials, signal …
 * @throws FitsError HTTP; errors of the network as they are
 */
export async function httpSource(url: string | URL, init: RequestInit = {}): Promise<ByteSource> {
  const get = async (start: number, end: number): Promise<{ bytes: Uint8Array; total: number }> => {
    const headers = new Headers(init.headers);
    headers.set('Range', `bytes=${start}-${end - 1}`);
    const response = await fetch(url, { ...init, headers });
    const range = /^bytes (\d+)-(\d+)\/(\d+)$/.exec(response.headers.get('Content-Range') ?? '');
    const [, from, to, total] = (range ?? []).map(Number);
    if (response.status !== 206 || from !== start || to !== end - 1 || total === undefined) {
      await response.body?.cancel();
      const answer = `${response.status} with Content-Range ${response.headers.get('Content-Range')}`;
      const text = `the server answered ${answer} to a request of bytes ${start}-${end - 1}, expected 206 and that range`;
      throw new FitsError('HTTP', text, { file: String(url), offset: start });
    }
    return { bytes: new Uint8Array(await response.arrayBuffer()), total };
  };
  const { total: byteLength } = await get(0, 1);
  const slice = async (start: number, end: number) => {
    const stop = Math.min(end, byteLength);
    if (stop <= start) return new Uint8Array();
    const { bytes, total } = await get(start, stop);
    if (total === byteLength) return bytes;
    const text = `the file had ${byteLength} bytes and now has ${total}; open it again`;
    throw new FitsError('HTTP', text, { file: String(url), offset: start });
  };
  return { byteLength, slice };
}
