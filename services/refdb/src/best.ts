import { setImmediate as breathe } from 'node:timers/promises';
import {
  type BestReference,
  bestReferences,
  CrdsError,
  type CrdsErrorCode,
  type LocalReferences,
  referenceTypes,
} from '@iris-drs/crds';
import type { BestReference as Answer, BestReferencesRequest, BestReferencesResponse } from '@iris-drs/proto';

const ABSENT: readonly CrdsErrorCode[] = ['ReferenceNotFound', 'ReferenceIsPointer', 'UnsafeName'];

/** With the place of the file for readers that share the cache; empty when the cache lacks it. */
export const answerOf = async (best: BestReference, source: LocalReferences): Promise<Answer> => {
  const bare = { referenceType: best.type, path: '', size: 0, reason: '' };
  switch (best.answer) {
    case 'notApplicable':
      return { ...bare, answer: { $case: 'notApplicable', value: true }, reason: best.reason };
    case 'error': {
      const { kind, message } = best;
      return { ...bare, answer: { $case: 'error', value: { kind, message } } };
    }
    default: {
      const answer = { $case: 'file', value: best.file } as const;
      try {
        return { ...bare, answer, ...(await source.locate(best.file)) };
      } catch (error) {
        if (!(error instanceof CrdsError) || !ABSENT.includes(error.code)) throw error;
        return { ...bare, answer };
      }
    }
  }
};

/** Best references for a batch of headers, all by one context whatever is activated meanwhile. */
export const bestOfBatch = async (
  request: BestReferencesRequest,
  source: LocalReferences,
): Promise<BestReferencesResponse> => {
  const context = await source.loaded();
  const datasets = [];
  for (const { keywords } of request.headers) {
    const types =
      request.referenceTypes.length > 0 ? request.referenceTypes : referenceTypes(context, keywords);
    const best = bestReferences(context, keywords, types);
    datasets.push({ references: await Promise.all(best.map((each) => answerOf(each, source))) });
    // A batch of thousands must not keep health checks waiting.
    await breathe();
  }
  return { context: context.name, datasets };
};
