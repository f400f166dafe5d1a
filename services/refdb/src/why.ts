import { type Condition, explain, explanationText, type LocalReferences } from '@iris-drs/crds';
import type { WhyCondition, WhyRequest, WhyResponse } from '@iris-drs/proto';
import { answerOf } from './best.ts';

const condition = ({ ...fields }: Condition): WhyCondition => fields;

/** Why a header gets its reference, or none. */
export const why = async (request: WhyRequest, source: LocalReferences): Promise<WhyResponse> => {
  const context = await source.loaded();
  const explanation = explain(context, request.header?.keywords ?? {}, request.referenceType);
  const { answer, instrument = '', mappings, applicability, levels, failed } = explanation;
  return {
    context: explanation.context,
    best: await answerOf(answer, source),
    instrument,
    mappings: [...mappings],
    applicability: applicability.map((each) => ({ ...each })),
    levels: levels.map(({ selector, parameters, values, rules, error }) => ({
      selector,
      parameters: [...parameters],
      values: [...values],
      rules: rules.map(({ key, conditions }) => ({
        key: [...key],
        conditions: conditions.map(condition),
      })),
      error,
    })),
    failed: failed.map(condition),
    text: explanationText(explanation),
  };
};
