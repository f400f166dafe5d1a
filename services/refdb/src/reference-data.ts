import { setImmediate as breathe } from 'node:timers/promises';
import { serviceErrorOf, streamFile } from '@iris-drs/bus';
import {
  type BestReference,
  bestReferences,
  CrdsError,
  type CrdsErrorCode,
  type LocalReferences,
  localReferences,
} from '@iris-drs/crds';
import type { BestReference as Answer, ReferenceDataServer } from '@iris-drs/proto';

/** Canonical codes of gRPC for what a client can be told apart by; the rest as every service maps errors. */
const STATUS: Partial<Record<CrdsErrorCode, number>> = {
  UnsafeName: 3, // INVALID_ARGUMENT
  ContextNotFound: 5, // NOT_FOUND
  MappingNotFound: 5,
  ReferenceNotFound: 5,
  ReferenceIsPointer: 9, // FAILED_PRECONDITION
};

const statusOf = (error: unknown): ReturnType<typeof serviceErrorOf> => {
  const answer = serviceErrorOf(error);
  const code = error instanceof CrdsError ? STATUS[error.code] : undefined;
  return code === undefined ? answer : { ...answer, code };
};

const HELD_CONTEXTS = 4;

/** Sources of the contexts asked for by name, the most recent few. */
const contextSources = (path: string, inForce: LocalReferences) => {
  const named = new Map<string, LocalReferences>();
  return (context: string): LocalReferences => {
    if (context === '') return inForce;
    const source = named.get(context) ?? localReferences({ path, context });
    named.delete(context);
    named.set(context, source);
    if (named.size > HELD_CONTEXTS) named.delete(named.keys().next().value!);
    return source;
  };
};

/** With the place of the file for readers that share the cache; empty when the cache lacks it. */
const answerOf = async (best: BestReference, source: LocalReferences): Promise<Answer> => {
  const referenceType = best.type;
  switch (best.answer) {
    case 'notApplicable':
      return { referenceType, answer: { $case: 'notApplicable', value: true }, path: '', size: 0 };
    case 'error': {
      const { kind, message } = best;
      return { referenceType, answer: { $case: 'error', value: { kind, message } }, path: '', size: 0 };
    }
    default: {
      const answer = { $case: 'file', value: best.file } as const;
      try {
        return { referenceType, answer, ...(await source.locate(best.file)) };
      } catch (error) {
        if (!(error instanceof CrdsError)) throw error;
        return { referenceType, answer, path: '', size: 0 };
      }
    }
  }
};

/**
 * The gRPC service ReferenceData over a CRDS cache directory. A context that has changed is loaded at the next call.
 *
 * @param path     the cache
 * @param inForce  its context in force
 */
export const referenceData = (path: string, inForce: LocalReferences): ReferenceDataServer => {
  const sourceOf = contextSources(path, inForce);
  return {
    bestReferences({ request }, reply) {
      const run = async () => {
        const source = sourceOf(request.context);
        const context = await source.loaded();
        const datasets = [];
        for (const { keywords } of request.headers) {
          const best = bestReferences(context, keywords, request.referenceTypes);
          datasets.push({ references: await Promise.all(best.map((each) => answerOf(each, source))) });
          // A batch of thousands must not keep health checks waiting.
          await breathe();
        }
        return { context: context.name, datasets };
      };
      run().then(
        (response) => reply(null, response),
        (error: unknown) => reply(statusOf(error)),
      );
    },

    fetch(call) {
      const run = async () => streamFile(await inForce.fetch(call.request.file), call);
      run().catch((error: unknown) => call.emit('error', statusOf(error)));
    },

    getContext(_call, reply) {
      inForce.loaded().then(
        (context) =>
          reply(null, { context: context.name, mappings: [...context.mappings], source: context.path }),
        (error: unknown) => reply(statusOf(error)),
      );
    },
  };
};
