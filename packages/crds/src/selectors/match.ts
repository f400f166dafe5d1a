import { CrdsError, isLookupError } from '../errors.ts';

import { type Matcher, matcherOf } from '../match/matcher.ts';
import type { PyLiteral } from '../python/literal.ts';
import { tupleRepr } from '../python/text.ts';
import { conditionKey } from './conditionKey.ts';
import {
  type Choice,
  compareText,
  isSelector,
  type LevelTrace,
  type Parameters,
  type Rules,
  type RuleTrace,
  required,
  resolve,
  type Selector,
  type Trace,
  valuesOf,
} from './selector.ts';
import { validateValue, valuesInUse } from './validate.ts';
import { KEPT_LENGTH, verdictsOf } from './verdicts.ts';

/** Merged rules and values of headers that are remembered; then all are forgotten. */
const KEPT_MERGERS = 256;
const KEPT_VALUES = 256;
/** Rules that come equally near to a header without matching it, told at most. */
const NEAREST_SHOWN = 3;

interface MatchRule {
  readonly key: readonly string[];
  readonly matchers: readonly Matcher[];
  readonly choice: Choice;
}

/** Rules that are equally good. */
interface Group {
  /** Their places. */
  readonly rules: readonly number[];
  /** The one thing that they lead to, once it was asked for. */
  choice?: Choice;
}

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
  const known = new Map<string, string>();
  const made = parameters.map(() => new Map<string, Matcher>());
  const matcher = (part: string, i: number): Matcher => {
    const known = made[i]!.get(part);
    if (known) return known;
    const fresh = matcherOf(part, spellings(parameters[i]!));
    made[i]!.set(part, fresh);
    return fresh;
  };
  const rules = entries.map(([raw, choice]) => {
    const key = conditionKey(raw, known);
    if (key.length !== parameters.length) {
      const [found, expected] = [tupleRepr(key), tupleRepr(parameters)];
      throw new CrdsError('ValidationError', `Match key=${found} is wrong length for parameters ${expected}`);
    }
    const text = key.join('\0');
    if (seen.has(text)) {
      throw new CrdsError('ValidationError', `Key ${tupleRepr(key)} appears more than once `);
    }
    seen.add(text);
    return { key, choice, matchers: key.map(matcher) };
  });
  return rules.sort((a, b) => compareKeys(a.key, b.key));
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
  const verdicts = verdictsOf(
    compiled.map((rule) => rule.matchers),
    parameters.length,
  );
  const known = valuesInUse(
    compiled.map((rule) => rule.key),
    parameters.length,
  );

  const valid = parameters.map(() => new Set<string>());
  const isRequired = known.map((values) => !values.includes('N/A'));
  const merged = new Map<string, Choice>();
  const unitedOf = (places: readonly number[]): Choice => {
    if (places.length === 1) return compiled[places[0]!]!.choice;
    const key = places.join();
    const before = merged.get(key);
    if (before !== undefined) return before;
    const choice = united(
      places.map((r) => compiled[r]!),
      rules,
    );
    if (merged.size >= KEPT_MERGERS) merged.clear();
    merged.set(key, choice);
    return choice;
  };
  /** Many headers lead to the same rules. */
  const choiceOf = (group: Group): Choice => (group.choice ??= unitedOf(group.rules));

  const level = (values: readonly string[], group: readonly number[]): LevelTrace => ({
    selector: 'Match',
    parameters,
    values,
    rules: group.map((r) => ({
      key: compiled[r]!.key,
      verdicts: values.map((value, i) => verdicts.verdict(r, i, value)),
    })),
  });
  /** The rules that the fewest parameters reject, of these those with most matches. */
  const nearest = (values: readonly string[]): LevelTrace => {
    const { rules: every } = level(
      values,
      compiled.map((_, r) => r),
    );
    const distance = ({ verdicts: of = [] }: RuleTrace): number =>
      of.reduce<number>((sum, verdict) => sum + (verdict < 0 ? 1000 : -verdict), 0);
    const distances = every.map(distance);
    const least = Math.min(...distances);
    const near = every.filter((_, r) => distances[r] === least).slice(0, NEAREST_SHOWN);
    return { selector: 'Match', parameters, values, rules: near };
  };

  const validate = (header: Parameters, values: readonly string[]): void => {
    parameters.forEach((name, i) => {
      if (isRequired[i]) required('Match', name, header);
    });
    parameters.forEach((name, i) => {
      const value = values[i]!;
      if (valid[i]!.has(value)) return;
      validateValue(name, value, known[i]!, rules);
      if (value.length > KEPT_LENGTH) return;
      if (valid[i]!.size >= KEPT_VALUES) valid[i]!.clear();
      valid[i]!.add(value);
    });
  };

  /** Groups of rules that each value lets pass, the best first. @throws CrdsError ValidationError */
  const rank = (header: Parameters, values: readonly string[]): readonly Group[] => {
    validate(header, values);
    return verdicts.candidates(values).map((places) => ({ rules: places }));
  };
  const ranked = new Map<string, readonly Group[]>();
  /** The same, remembered for headers that have every parameter. */
  const groupsOf = (header: Parameters): readonly Group[] => {
    let all = '';
    for (const name of parameters) {
      const value = header.get(name);
      if (value === undefined) return rank(header, valuesOf(parameters, header));
      // With its length: no two lists of values, whatever they hold, look the same.
      all += `${value.length}:${value}`;
    }
    const before = ranked.get(all);
    if (before !== undefined) return before;
    const groups = rank(header, valuesOf(parameters, header));
    if (all.length > KEPT_LENGTH) return groups;
    if (ranked.size >= KEPT_VALUES) ranked.clear();
    ranked.set(all, groups);
    return groups;
  };

  /** The error, written down with the level where somebody wants to know why. */
  const failed = (error: unknown, trace: Trace | undefined, at: () => LevelTrace): unknown => {
    if (trace && error instanceof CrdsError) trace.push({ ...at(), error });
    return error;
  };

  const choose = (header: Parameters, trace?: Trace): PyLiteral => {
    let groups: readonly Group[];
    try {
      groups = groupsOf(header);
    } catch (error) {
      throw failed(error, trace, () => nearest(valuesOf(parameters, header)));
    }
    for (const group of groups) {
      let choice: Choice;
      try {
        choice = choiceOf(group);
      } catch (error) {
        throw failed(error, trace, () => level(valuesOf(parameters, header), group.rules));
      }
      trace?.push(level(valuesOf(parameters, header), group.rules));
      try {
        return resolve(choice, header, trace);
      } catch (error) {
        if (!isLookupError(error)) throw error;
      }
    }
    const none = new CrdsError('MatchingError', 'No match found.');
    throw failed(none, trace, () => nearest(valuesOf(parameters, header)));
  };
  return { selector: 'Match', parameters, choices: compiled.map((rule) => rule.choice), choose };
};
