import { once } from 'node:events';
import { basename } from 'node:path';
import { Metadata, type ServiceError } from '@grpc/grpc-js';
import { fileChecksum, readRegular } from '@iris-drs/crds';
import type { IngestReference, IngestRequest, IngestResponse, ReferenceDataClient } from '@iris-drs/proto';
import { bearer } from './tokens.ts';

export interface RemoteIngestOptions {
  readonly references: readonly {
    readonly path: string;
    /** Name in the cache; default the last part of the path. */
    readonly file?: string | undefined;
    /** Reference type; default REFTYPE of its header. */
    readonly type?: string | undefined;
  }[];
  readonly by: string;
  readonly why: string;
  readonly dryRun?: boolean | undefined;
  /** What the service knows the caller by. */
  readonly token?: string | undefined;
  /** How long the whole may take, ms; default 10 min. */
  readonly deadlineMs?: number | undefined;
  readonly onProgress?: ((file: string, sent: number, size: number) => void) | undefined;
}

type Part = NonNullable<IngestRequest['part']>;

/**
 * Sends references to the reference service, which takes in all of them or none. Asking again after a lost answer is
 * safe: what is there already changes nothing.
 * @throws ServiceError of gRPC; CrdsError NotAReference for what cannot be read here
 */
export const ingestRemotely = async (
  client: ReferenceDataClient,
  options: RemoteIngestOptions,
): Promise<IngestResponse> => {
  const { references, by, why, dryRun = false, deadlineMs = 600_000, onProgress } = options;
  const files: { readonly path: string; readonly reference: IngestReference }[] = [];
  for (const { path, file = basename(path), type: referenceType = '' } of references)
    files.push({ path, reference: { file, referenceType, path: '', ...(await fileChecksum(path)) } });

  const metadata = bearer(options.token, new Metadata({ waitForReady: true }));
  const { promise, resolve, reject } = Promise.withResolvers<IngestResponse>();
  const ended = new AbortController();
  const call = client.ingest(
    metadata,
    { deadline: Date.now() + deadlineMs },
    (error: ServiceError | null, response) => {
      ended.abort();
      if (error) reject(error);
      else resolve(response);
    },
  );
  // The answer tells what went wrong.
  call.on('error', () => ended.abort());
  const send = async (part: Part): Promise<void> => {
    if (!ended.signal.aborted && !call.write({ part })) await once(call, 'drain', { signal: ended.signal });
  };
  const sendAll = async (): Promise<void> => {
    await send({ $case: 'start', value: { by, why, dryRun, references: files.length } });
    for (const { path, reference } of files) {
      await send({ $case: 'reference', value: reference });
      let sent = 0;
      for await (const bytes of readRegular(path)) {
        if (ended.signal.aborted) return;
        // Its buffer is used again for the next part.
        await send({ $case: 'data', value: Buffer.from(bytes) });
        sent += bytes.length;
        onProgress?.(reference.file, sent, reference.size);
      }
    }
    call.end();
  };
  sendAll().catch((error: unknown) => {
    if (ended.signal.aborted) return;
    reject(error);
    call.cancel();
  });
  return promise;
};
