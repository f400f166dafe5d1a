import { once } from 'node:events';
import { basename } from 'node:path';
import { type CertifyFinding, fileChecksum, readRegular } from '@iris-drs/crds';
import type { Finding, IngestRequest, IngestResponse } from '@iris-drs/proto';
import { receivedEntry } from './entries.ts';
import type { IngestOutcome } from './ingest.ts';
import { withRemote } from './with-remote.ts';

/** The service takes so much in one message. */
const PART_BYTES = 1 << 20;

/** Without the empty texts that stand for nothing. */
const findingOf = ({
  severity,
  file,
  message,
  hdu,
  keyword,
  column,
  line,
  found,
  expected,
}: Finding): CertifyFinding => ({
  severity: severity === 'error' ? 'error' : 'warning',
  ...{ file, message },
  ...(hdu === '' ? {} : { hdu }),
  ...(keyword === '' ? {} : { keyword }),
  ...(column === '' ? {} : { column }),
  ...(line === 0 ? {} : { line }),
  ...(found === '' ? {} : { found }),
  ...(expected === '' ? {} : { expected }),
});

async function* partsOf(path: string): AsyncGenerator<Uint8Array> {
  for await (const bytes of readRegular(path)) {
    for (let at = 0; at < bytes.length; at += PART_BYTES) yield bytes.subarray(at, at + PART_BYTES);
  }
}

export interface SentIngest {
  readonly by: string;
  readonly why: string;
  readonly dryRun: boolean;
  readonly references: readonly { readonly path: string; readonly type?: string }[];
}

/** Sends references to the service, which takes all of them in or none. */
export const sendIngest = (address: string, request: SentIngest): Promise<IngestOutcome> =>
  withRemote(address, async ({ client, metadata, failure }) => {
    const { by, why, dryRun, references } = request;
    // Before anything is sent: a file that is not there, or no file, is told at once.
    const sums = [];
    for (const { path } of references) sums.push(await fileChecksum(path));

    let answered: (response: IngestResponse) => void = () => undefined;
    let refused: (error: unknown) => void = () => undefined;
    const answer = new Promise<IngestResponse>((resolve, reject) => {
      [answered, refused] = [resolve, reject];
    });
    const call = client.ingest(metadata, (error, response) => (error ? refused(error) : answered(response)));
    let isOver = false;
    const over = answer
      .catch(() => undefined)
      .then(() => {
        isOver = true;
      });
    const send = async (part: IngestRequest['part']): Promise<void> => {
      // The service may refuse before it has all: then the answer says why, and nothing drains any more.
      if (!isOver && !call.write({ part })) await Promise.race([once(call, 'drain'), over]);
    };
    try {
      await send({ $case: 'start', value: { by, why, dryRun, references: references.length } });
      for (const [i, { path, type = '' }] of references.entries()) {
        const { sha1, size } = sums[i]!;
        const value = { file: basename(path), referenceType: type, path: '', size, sha1 };
        await send({ $case: 'reference', value });
        for await (const data of partsOf(path)) {
          if (isOver) break;
          await send({ $case: 'data', value: data });
        }
      }
      call.end();
    } catch (error) {
      call.cancel();
      throw error;
    }
    try {
      const response = await answer;
      const { changed, findings } = response;
      return { entry: receivedEntry(response), changed, findings: findings.map(findingOf) };
    } catch (error) {
      throw failure(error);
    }
  });
