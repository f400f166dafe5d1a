import { createHash } from 'node:crypto';
import { createReadStream, statSync } from 'node:fs';
import type { ServerWritableStream } from '@grpc/grpc-js';
import { streamFile } from '@iris-drs/bus';
import { CrdsError, isMappingName, type LocalReferences, locateMapping } from '@iris-drs/crds';
import type { FetchChunk, FetchRequest } from '@iris-drs/proto';
import type { Checksums } from './checksums.ts';

/** A mapping or a reference of the cache. */
const placeOf = async (source: LocalReferences, file: string): Promise<{ path: string; size: number }> => {
  if (!isMappingName(file)) return source.locate(file);
  const path = locateMapping(await source.loaded(), file);
  return { path, size: statSync(path).size };
};

/**
 * Streams a reference or mapping from an offset on; the last chunk tells the SHA-1 of the whole file.
 * @throws CrdsError ReferenceDamaged in the place of the last chunk, when it is not what was ingested
 */
export const fetchReference = async (
  source: LocalReferences,
  checksums: Checksums,
  call: ServerWritableStream<FetchRequest, FetchChunk>,
): Promise<void> => {
  const { file, offset } = call.request;
  const { path, size } = await placeOf(source, file);
  const hash = createHash('sha1');
  const from = Math.min(offset, size);
  if (from > 0) for await (const part of createReadStream(path, { end: from - 1 })) hash.update(part);
  await streamFile(path, call, {
    from,
    message(part, last) {
      hash.update(part.data);
      if (!last) return { ...part, sha1: '' };
      const sha1 = hash.digest('hex');
      const ingested = checksums.of(file);
      if (ingested === undefined || ingested === sha1) return { ...part, sha1 };
      const message = `${file} is damaged: it has sha1 ${sha1}, ${ingested} was ingested. Put the file back into ${path}.`;
      throw new CrdsError('ReferenceDamaged', message, { file });
    },
  });
};
