import type { handleUnaryCall, Metadata } from '@grpc/grpc-js';
import type { Gatekeeper, Volume } from '@iris-drs/bus';
import { activate, type LocalReferences, rollback } from '@iris-drs/crds';
import type { ReferenceDataServer } from '@iris-drs/proto';
import { bestOfBatch } from './best.ts';
import { certify } from './certify.ts';
import { ingestedChecksums } from './checksums.ts';
import { contextSources } from './contexts.ts';
import { fetchReference } from './fetch.ts';
import { entryMessage, historyPage, watchContext } from './history.ts';
import { ingestStream } from './ingest.ts';
import { diff, listContexts, listReferences } from './lists.ts';
import { statusOf } from './status.ts';
import { why } from './why.ts';
import type { Writer } from './writer.ts';

/** What the service works with. */
export interface ReferenceDataDeps {
  /** Directory of the CRDS cache. */
  readonly path: string;
  /** Its context in force. */
  readonly inForce: LocalReferences;
  readonly writer: Writer;
  readonly gate: Gatekeeper;
  /** Where files lie that requests name by path. */
  readonly volume: Volume;
  /** Ends the streams that would go on for ever. */
  readonly stopping: AbortSignal;
}

/** A unary method of a function that answers or throws. */
const unary =
  <Q, R>(answer: (request: Q, metadata: Metadata) => Promise<R>): handleUnaryCall<Q, R> =>
  ({ request, metadata }, reply) => {
    const run = async () => answer(request, metadata);
    run().then(
      (response) => reply(null, response),
      (error: unknown) => reply(statusOf(error)),
    );
  };

/** Who a change is told to be by: what the caller says, and the token it was let in by. */
const signed = (by: string, token: string): string => {
  if (token === '' || by === token) return by;
  return by.trim() === '' ? token : `${by} (${token})`;
};

/** The gRPC service ReferenceData over a CRDS cache directory. A context that has changed is loaded at the next call. */
export const referenceData = (deps: ReferenceDataDeps): ReferenceDataServer => {
  const { path, inForce, writer, gate, volume } = deps;
  const sourceOf = contextSources(path, inForce);
  const checksums = ingestedChecksums(path);
  return {
    bestReferences: unary((request) => bestOfBatch(request, sourceOf(request.context))),

    why: unary((request) => why(request, sourceOf(request.context))),

    fetch(call) {
      fetchReference(inForce, checksums, call).catch((error: unknown) => call.emit('error', statusOf(error)));
    },

    getContext: unary(async () => {
      const { name, mappings, path: source } = await inForce.loaded();
      return { context: name, mappings: [...mappings], source };
    }),

    listContexts: unary(() => listContexts(path, inForce)),

    listReferences: unary((request) => listReferences(request, sourceOf(request.context), checksums)),

    diff: unary(({ from, to }) => diff(sourceOf(from), sourceOf(to))),

    certify: unary((request) => certify(request, inForce, volume)),

    ingest(call, reply) {
      const run = async () => {
        const token = gate.admit(call.metadata);
        return ingestStream(path, call, { volume, writer, sign: (by) => signed(by, token) });
      };
      run().then(
        (response) => reply(null, response),
        (error: unknown) => reply(statusOf(error)),
      );
    },

    activate: unary(async ({ context, by, why, expected }, metadata) => {
      const account = { by: signed(by, gate.admit(metadata)), why, expected };
      return { entry: entryMessage(await writer.run(() => activate(path, context, account))) };
    }),

    rollback: unary(async ({ by, why, expected }, metadata) => {
      const account = { by: signed(by, gate.admit(metadata)), why, expected };
      return { entry: entryMessage(await writer.run(() => rollback(path, account))) };
    }),

    history: unary(async ({ limit, before }) => ({ entries: historyPage(path, limit, before) })),

    watch(call) {
      watchContext(path, inForce, call, deps.stopping).catch((error: unknown) =>
        call.emit('error', statusOf(error)),
      );
    },
  };
};
