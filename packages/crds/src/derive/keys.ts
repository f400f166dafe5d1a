import { conditionValue } from '../condition.ts';
import { CrdsError } from '../errors.ts';
import { globList } from '../match/glob.ts';
import { hashKey, isKind, type PyLiteral, type PyNode } from '../python/literal.ts';
import type { SelectorName } from '../python/parse.ts';
import { parseFloatText, str } from '../python/text.ts';
import { conditionKey } from '../selectors/conditionKey.ts';
import type { Rules } from '../selectors/selector.ts';
import { DateError, reformatDate } from '../timestamp.ts';

const compressed = (value: string): string => globList(value).join('|');

/**
 * Key of the rule under which a reference with this header belongs, as CRDS writes it.
 * @throws CrdsError MappingInsertionError when the header lacks a parameter or its value does not serve
 */
export const makeKey = (
  selector: SelectorName,
  parameters: readonly string[],
  header: ReadonlyMap<string, string>,
  rmap: string,
): PyLiteral => {
  const values = parameters.map((name) => {
    const value = header.get(name);
    if (value !== undefined && value !== '') return value;
    const dated = selector === 'UseAfter' || selector === 'ClosestTime';
    const what = dated ? 'USEAFTER' : name;
    throw new CrdsError(
      'MappingInsertionError',
      `the reference's header has no ${what}, which ${rmap} is chosen by; give it, N/A where it does not count`,
      { file: rmap },
    );
  });
  switch (selector) {
    case 'UseAfter':
    case 'ClosestTime': {
      const date = values.join(' ');
      try {
        reformatDate(date);
      } catch (error) {
        if (!(error instanceof DateError)) throw error;
        throw new CrdsError('MappingInsertionError', `'${date}' is no date for ${rmap}`, { cause: error });
      }
      return date;
    }
    case 'VersionAfter':
      return compressed(values.join('.'));
    case 'GeometricallyNearest':
    case 'Bracket': {
      const x = parseFloatText(values[0] ?? '');
      if (x !== undefined) return x;
      throw new CrdsError(
        'MappingInsertionError',
        `'${values[0]}' is no number for ${parameters[0]} in ${rmap}`,
      );
    }
    default: {
      const parts = values.map(compressed);
      return parts.length === 1 ? parts[0]! : { kind: 'tuple', items: parts };
    }
  }
};

/** True when two keys of a level mean the same rule. Parameters that are only comments do not count. */
export const sameKey = (
  selector: SelectorName,
  parameters: readonly string[],
  a: PyLiteral,
  b: PyLiteral,
  spellings: Rules['spellings'],
  comments: ReadonlySet<string>,
): boolean => {
  if (selector === 'Match') {
    const [x, y] = [conditionKey(a), conditionKey(b)];
    return (
      x.length === y.length &&
      x.every((part, i) => {
        const name = parameters[i] ?? '';
        return part === y[i] || comments.has(name.toUpperCase()) || spellings(name)(part).includes(y[i]!);
      })
    );
  }
  if (selector === 'GeometricallyNearest') return conditionValue(a) === conditionValue(b);
  return hashKey(a) === hashKey(b);
};

/** The key as text, part by part. */
export const keyText = (key: PyLiteral): string[] =>
  isKind(key, 'tuple') ? key.items.map((part: PyNode) => str(part)) : [str(key)];
