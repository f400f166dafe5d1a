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

/**
 * The parts of a Match rule's key in the form in which they are compared.
 * @param known  parts that were conditioned before, for many keys of the same few values
 */
export const conditionKey = (key: PyLiteral, known?: Map<string, string>): string[] =>
  (isKind(key, 'tuple') ? key.items : [key]).map((part) => {
    if (typeof part !== 'string' || !known) return conditionPart(part);
    const before = known.get(part);
    if (before !== undefined) return before;
    const conditioned = conditionPart(part);
    known.set(part, conditioned);
    return conditioned;
  });
