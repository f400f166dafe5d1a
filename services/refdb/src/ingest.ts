import { basename } from 'node:path';
import type { ServerReadableStream } from '@grpc/grpc-js';
import { BusError, type Volume } from '@iris-drs/bus';
import { beginIngest, type IngestBatch } from '@iris-drs/crds';
import type { IngestReference, IngestRequest, IngestResponse, IngestStart } from '@iris-drs/proto';
import { findingMessage } from './certify.ts';
import { entryMessage } from './history.ts';
import type { Writer } from './writer.ts';

const MAX_REFERENCES = 1000;

type Part = NonNullable<IngestRequest['part']>;

const broken = (what: string): BusError =>
  new BusError(
    'MESSAGE_INVALID',
    'Ingest',
    `${what}. Send start, then each reference and its bytes, then the end.`,
  );

const described = (part: Part | undefined): string => (part === undefined ? 'the end' : `\`${part.$case}\``);

/** The parts of a stream one by one; undefined at its end. A client that leaves is an error, not an end. */
const partsOf = (call: ServerReadableStream<IngestRequest, IngestResponse>) => {
  call.once('cancelled', () => call.destroy(broken('the client left')));
  const requests = call[Symbol.asyncIterator]() as AsyncIterator<IngestRequest>;
  return async (): Promise<Part | undefined> => {
    const { value, done } = await requests.next();
    if (done) return undefined;
    if (value.part === undefined) throw broken('a message holds nothing');
    return value.part;
  };
};

const startOf = (part: Part | undefined): IngestStart => {
  if (part?.$case !== 'start') throw broken(`the stream begins with ${described(part)}`);
  const { references } = part.value;
  if (references > 0 && references <= MAX_REFERENCES) return part.value;
  throw broken(`${references} references are announced where 1 to ${MAX_REFERENCES} may be`);
};

async function* bytesOf(
  { file, size }: IngestReference,
  next: () => Promise<Part | undefined>,
): AsyncGenerator<Uint8Array> {
  for (let received = 0; received < size; ) {
    const part = await next();
    if (part?.$case !== 'data')
      throw broken(`after ${received} of ${size} bytes of ${file} comes ${described(part)}`);
    received += part.value.length;
    if (received > size) throw broken(`${file} has more than the ${size} bytes that were announced`);
    yield part.value;
  }
}

const addNext = async (
  batch: IngestBatch,
  next: () => Promise<Part | undefined>,
  volume: Volume,
): Promise<void> => {
  const part = await next();
  if (part?.$case !== 'reference') throw broken(`${described(part)} comes where a reference should`);
  const { path, file, size, sha1, referenceType } = part.value;
  const given = { type: referenceType || undefined, sha1: sha1 || undefined };
  if (path !== '') {
    await batch.addPath(volume.existing(path), { file: file || basename(path), ...given });
  } else {
    if (size === 0) throw broken(`${file || 'a reference'} has neither a path nor a size`);
    await batch.add({ file, bytes: bytesOf(part.value, next), ...given });
  }
};

/**
 * Takes references from a stream or from the volume into the cache. Files are copied, checked and flushed while others
 * write; only deriving and activating waits its turn. Whatever ends the stream early leaves nothing behind.
 */
export const ingestStream = async (
  path: string,
  call: ServerReadableStream<IngestRequest, IngestResponse>,
  {
    volume,
    writer,
    sign,
  }: { readonly volume: Volume; readonly writer: Writer; readonly sign: (by: string) => string },
): Promise<IngestResponse> => {
  const next = partsOf(call);
  const batch = beginIngest(path);
  try {
    const { by, why, dryRun, references } = startOf(await next());
    for (let count = 0; count < references; count++) await addNext(batch, next, volume);
    const rest = await next();
    if (rest !== undefined) throw broken(`after the last reference comes ${described(rest)}`);
    await batch.certify();
    const account = { by: sign(by), why, dryRun };
    const { entry, changed, findings } = await writer.run(() => batch.activate(account));
    return { entry: entryMessage(entry), changed, findings: findings.map(findingMessage) };
  } finally {
    batch.discard();
  }
};
