import { createHash, randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { createWriteStream, existsSync, mkdirSync, renameSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { finished } from 'node:stream/promises';
import { Metadata, type ServiceError, status as Status } from '@grpc/grpc-js';
import type { BestReference, ReferenceSource } from '@iris-drs/crds';
import type {
  BestReference as Answer,
  BestReferencesResponse,
  FetchChunk,
  GetContextResponse,
  ReferenceDataClient,
} from '@iris-drs/proto';
import { BusError } from './errors.ts';

export interface RemoteReferencesOptions {
  readonly client: ReferenceDataClient;
  /** Where fetched files are kept. */
  readonly cacheDir: string;
  /** A .pmap name; empty for the context in force. */
  readonly context?: string | undefined;
  /** How long one call may take, ms. */
  readonly deadlineMs?: number;
}

type Callback<T> = (error: ServiceError | null, response: T) => void;

const unary = <T>(call: (answer: Callback<T>) => unknown): Promise<T> =>
  new Promise((resolve, reject) => call((error, response) => (error ? reject(error) : resolve(response))));

/** An answer of the service for a type in the form of the library. */
export const bestReferenceOf = (type: string, answer: Answer | undefined): BestReference => {
  switch (answer?.answer?.$case) {
    case 'file':
      return { type, answer: 'file', file: answer.answer.value };
    case 'notApplicable':
      return { type, answer: 'notApplicable', reason: answer.reason || 'the rules say that none applies' };
    case 'error':
      return { type, answer: 'error', kind: answer.answer.value.kind, message: answer.answer.value.message };
    default:
      return {
        type,
        answer: 'error',
        kind: 'ServiceError',
        message: `the reference service gave no answer for ${type}`,
      };
  }
};

/** The reference service as a source of references: rules there, files read in place where the path is shared. */
export const remoteReferences = (options: RemoteReferencesOptions): ReferenceSource => {
  const { client, cacheDir, deadlineMs = 30_000 } = options;
  const shared = new Map<string, { path: string; size: number }>();
  const fetching = new Map<string, Promise<string>>();
  // A service that is just starting is waited for.
  const metadata = () => new Metadata({ waitForReady: true });
  const limits = () => ({ deadline: Date.now() + deadlineMs });

  const download = async (file: string): Promise<string> => {
    const target = join(cacheDir, file);
    if (existsSync(target)) return target;
    mkdirSync(cacheDir, { recursive: true });
    const partial = join(cacheDir, `.${file}.${randomUUID()}.part`);
    const out = createWriteStream(partial, { flags: 'wx', flush: true });
    const hash = createHash('sha1');
    let received = 0;
    let total = 0;
    let announced = '';
    try {
      for await (const chunk of client.fetch(
        { file, offset: 0 },
        metadata(),
        limits(),
      ) as AsyncIterable<FetchChunk>) {
        received += chunk.data.length;
        total = chunk.totalSize;
        announced = chunk.sha1;
        hash.update(chunk.data);
        if (!out.write(chunk.data)) await once(out, 'drain');
      }
      out.end();
      await finished(out);
      if (received !== total) throw new Error(`got ${received} of ${total} bytes`);
      const sha1 = hash.digest('hex');
      // A service that is older tells none.
      if (announced !== '' && sha1 !== announced) throw new Error(`its sha1 is ${sha1}, not ${announced}`);
      renameSync(partial, target);
      return target;
    } catch (error) {
      out.destroy();
      rmSync(partial, { force: true });
      const { message, details, code } = error as ServiceError;
      const missing = code === Status.NOT_FOUND;
      throw new BusError(
        missing ? 'REFERENCE_MISSING' : 'REFERENCE_FETCH',
        file,
        `reference ${file} could not be fetched: ${details || message}.`,
        error,
      );
    }
  };

  return {
    async context() {
      const { context } = await unary<GetContextResponse>((answer) =>
        client.getContext({}, metadata(), limits(), answer),
      );
      return options.context || context;
    },
    async best(header, types) {
      const request = {
        context: options.context ?? '',
        headers: [{ keywords: { ...header } }],
        referenceTypes: [...types],
      };
      const { datasets } = await unary<BestReferencesResponse>((answer) =>
        client.bestReferences(request, metadata(), limits(), answer),
      );
      const references = datasets[0]?.references ?? [];
      for (const { answer, path, size } of references) {
        if (answer?.$case === 'file' && path !== '') shared.set(answer.value, { path, size });
      }
      return types.map((type) =>
        bestReferenceOf(
          type,
          references.find(({ referenceType }) => referenceType === type),
        ),
      );
    },
    async fetch(file) {
      if (!/^[\w][\w.+-]*$/.test(file)) {
        throw new BusError('REFERENCE_MISSING', file, `'${file}' is no name of a reference file.`);
      }
      const here = shared.get(file);
      if (here && statSync(here.path, { throwIfNoEntry: false })?.size === here.size) return here.path;
      const running = fetching.get(file) ?? download(file).finally(() => fetching.delete(file));
      fetching.set(file, running);
      return running;
    },
  };
};
