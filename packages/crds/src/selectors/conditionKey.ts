import { conditionValue } from '../condition.ts';
import { globList, isEsoteric } from '../match/glob.ts';
import { isKind, type PyLiteral, type PyNode } from '../python/literal.ts';

const conditionPart = (part: PyNode): string => {
  if (isKind(part, 'tuple') || isKind(part, 'list')) return part.items.map(conditionValue).join('|');
  if (typeof part !== 'string') return conditionValue(part);
  if ((part.startsWith('{') && part.endsWith('}')) || (part.startsWith('(') && part.endsWith(')')))
    return part;
  return part.includes('|') && !isEsoteric(part)
    ? globList(part).map(conditionValue).join('|')
    : conditionValue(part);
};

/** The parts of a Match rule's key in the form in which they are compared. */
export const conditionKey = (key: PyLiteral): string[] =>
  (isKind(key, 'tuple') ? key.items : [key]).map(conditionPart);
