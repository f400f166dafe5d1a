import { conditionValue } from '../condition.ts';
import { CrdsError, isLookupError } from '../errors.ts';
import { globList, isEsoteric } from '../match/glob.ts';
import { type Matcher, matcherOf } from '../match/matcher.ts';
import { isKind, type PyLiteral, type PyNode } from '../python/literal.ts';
import { tupleRepr } from '../python/text.ts';
import {
  type Choice,
  compareText,
  isSelector,
  type Parameters,
  type Rules,
  required,
  resolve,
  type Selector,
} from './selector.ts';
import { validateValue, valuesInUse } from './validate.ts';

interface MatchRule {
  readonly key: readonly string[];
  readonly matchers: readonly Matcher[];
  readonly choice: Choice;
}

const conditionPart = (part: PyNode): string => {
  if (isKind(part, 'tuple') || isKind(part, 'list')) return part.items.map(conditionValue).join('|');
  if (typeof part !== 'string') return conditionValue(part);
  if ((part.startsWith('{') && part.endsWith('}')) || (part.startsWith('(') && part.endsWith(')')))
    return part;
  return part.includes('|') && !isEsoteric(part)
    ? globList(part).map(conditionValue).join('|')
    : conditionValue(part);
};

const compareKeys = (a: readonly string[], b: readonly string[]): number => {
  for (let i = 0; i < a.length; i++) {
    const order = compareText(a[i]!, b[i]!);
    if (order !== 0) return order;
  }
  return 0;
};

const compile = (
  parameters: readonly string[],
  entries: readonly (readonly [PyLiteral, Choice])[],
  { spellings }: Rules,
): MatchRule[] => {
  const seen = new Set<string>();
  const rules = entries.map(([raw, choice]) => {
    const key = (isKind(raw, 'tuple') ? raw.items : [raw]).map(conditionPart);
    const text = tupleRepr(key);
    if (key.length !== parameters.length) {
      const expected = tupleRepr(parameters);
      throw new CrdsError('ValidationError', `Match key=${text} is wrong length for parameters ${expected}`);
    }
    if (seen.has(text)) throw new CrdsError('ValidationError', `Key ${text} appears more than once `);
    seen.add(text);
    return { key, choice, matchers: key.map((part, i) => matcherOf(part, spellings(parameters[i]!))) };
  });
  return rules.sort((a, b) => compareKeys(a.key, b.key));
};

/** How many parameters match; undefined when one rejects. */
const weightOf = (rule: MatchRule, values: readonly string[]): number | undefined => {
  let weight = 0;
  for (let i = 0; i < values.length; i++) {
    const verdict = rule.matchers[i]!(values[i]!);
    if (verdict < 0) return undefined;
    weight += verdict;
  }
  return weight;
};

/** Rules that no parameter rejects, those with most matches first; equal ones together. */
const candidates = (
  rules: readonly MatchRule[],
  parameters: readonly string[],
  header: Parameters,
): MatchRule[][] => {
  const values = parameters.map((name) => header.get(name) ?? 'UNDEFINED');
  const byWeight = new Map<number, MatchRule[]>();
  for (const rule of rules) {
    const weight = weightOf(rule, values);
    if (weight === undefined) continue;
    const group = byWeight.get(weight);
    if (group) group.push(rule);
    else byWeight.set(weight, [rule]);
  }
  return [...byWeight].sort(([a], [b]) => b - a).map(([, group]) => group);
};

const ambiguous = (detail = ''): CrdsError =>
  new CrdsError('AmbiguousMatchError', `More than one match clause matched.${detail}`);

/** The one thing that equally good rules lead to. Plain answers become a tuple of all of them, as in CRDS. */
const united = (group: readonly MatchRule[], rules: Rules): Choice => {
  const [first, ...others] = group.map((rule) => rule.choice);
  if (others.length === 0) return first!;
  if (!rules.mergeOverlaps) throw ambiguous();
  if (!isSelector(first!)) {
    if (others.some(isSelector)) throw ambiguous(' They lead to files and to further rules.');
    return { kind: 'tuple', items: [first!, ...(others as PyLiteral[])] };
  }
  return others.reduce<Selector>((merged, other) => {
    if (!isSelector(other)) throw ambiguous(' They lead to files and to further rules.');
    if (merged.merge && other.selector === merged.selector) return merged.merge(other);
    throw new CrdsError(
      'AmbiguousMatchError',
      `More than one match was found at the same weight and ${merged.selector} does not support merging.`,
    );
  }, first!);
};

/**
 * Chooses by the values of several parameters. A rule is out when one of them rejects; of the others the one with
 * most matches wins, where N/A counts nothing and `*` counts as a match. Rules of equal weight are merged. When
 * the best leads nowhere, the next best is tried.
 * @see crds/core/selectors.py `MatchSelector`
 */
export const matchSelector = (
  parameters: readonly string[],
  entries: readonly (readonly [PyLiteral, Choice])[],
  rules: Rules,
): Selector => {
  const compiled = compile(parameters, entries, rules);
  const known = valuesInUse(
    compiled.map((rule) => rule.key),
    parameters.length,
  );

  const choose = (header: Parameters): PyLiteral => {
    parameters.forEach((name, i) => {
      if (!known[i]!.includes('N/A')) required('Match', name, header);
    });
    parameters.forEach((name, i) => {
      validateValue(name, header.get(name) ?? 'UNDEFINED', known[i]!, rules);
    });
    for (const group of candidates(compiled, parameters, header)) {
      const choice = united(group, rules);
      try {
        return resolve(choice, header);
      } catch (error) {
        if (!isLookupError(error)) throw error;
      }
    }
    throw new CrdsError('MatchingError', 'No match found.');
  };
  return { selector: 'Match', parameters, choices: compiled.map((rule) => rule.choice), choose };
};
