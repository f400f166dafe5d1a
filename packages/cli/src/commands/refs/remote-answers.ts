import type { BestReference } from '@iris-drs/crds';
import type { BestReference as Message } from '@iris-drs/proto';

/** An answer of the service in the form of the library. */
export const answerOf = ({ referenceType: type, answer }: Message): BestReference => {
  switch (answer?.$case) {
    case 'file':
      return { type, answer: 'file', file: answer.value };
    case 'error':
      return { type, answer: 'error', kind: answer.value.kind, message: answer.value.message };
    default:
      return { type, answer: 'notApplicable', reason: 'the rules say that none applies' };
  }
};
