import { conditionValue } from '../condition.ts';
import { CrdsError } from '../errors.ts';
import { globList, isEsoteric } from '../match/glob.ts';
import { hashKey } from '../python/literal.ts';
import { listRepr, parseFloatText, stringRepr } from '../python/text.ts';
import type { Rules } from './selector.ts';

/** Values the rules name for each parameter; empty where a rule is an expression, so that anything may come. */
export const valuesInUse = (keys: readonly (readonly string[])[], count: number): string[][] =>
  Array.from({ length: count }, (_, i) => {
    const values = new Set<string>();
    for (const part of new Set(keys.map((key) => key[i]!))) {
      if (isEsoteric(part)) return [];
      for (const value of globList(part)) values.add(value);
    }
    return [...values].sort();
  });

/**
 * Refuses a header value that none of the rules names, unless a rule takes anything.
 * @see crds/core/selectors.py `_validate_value`
 */
export const validateValue = (
  name: string,
  value: string,
  known: readonly string[],
  rules: Rules,
  depth = 0,
): void => {
  const spellings = [value, ...rules.spellings(name)(value)];
  if (spellings.some((text) => known.includes(text) || known.includes(conditionValue(text)))) return;
  if (known.length === 0 || known.includes('*') || known.includes('ANY') || known.includes('N/A')) return;
  if (depth > 10) throw new CrdsError('ValidationError', ` parameter=${stringRepr(name)} is nested too deep`);
  if (value.startsWith('NOT')) {
    validateValue(name, value.slice(3).trim(), known, rules, depth + 1);
    return;
  }
  if (isEsoteric(value) || value === '*' || value === 'ANY' || value === 'N/A') return;
  const [only = ''] = known;
  if (known.length === 1 && only.includes(':')) {
    const [low, high, ...more] = only.split(':').map(parseFloatText);
    const x = parseFloatText(value);
    if (
      more.length > 0 ||
      low === undefined ||
      high === undefined ||
      x === undefined ||
      x < low ||
      x > high
    ) {
      const where = ` parameter=${stringRepr(name)} value =${stringRepr(value)}`;
      throw new CrdsError('ValidationError', `${where} is not in range [${low} .. ${high}]`);
    }
    return;
  }
  const instead = rules.substitutions.get(name)?.get(hashKey(value)!);
  if (typeof instead === 'string') {
    validateValue(name, instead, known, rules, depth + 1);
    return;
  }
  throw new CrdsError(
    'ValidationError',
    ` parameter=${stringRepr(name)} value=${stringRepr(value)} is not in ${listRepr(known)}`,
  );
};
