import { CrdsError, type CrdsErrorCode, isLookupError } from '../errors.ts';
import type { PyLiteral } from '../python/literal.ts';
import type { SelectorName } from '../python/parse.ts';
import { repr, stringRepr, strip, tupleRepr } from '../python/text.ts';
import { DateError, reformatDate } from '../timestamp.ts';
import {
  type Choice,
  compareText,
  lookupsFailed,
  type Parameters,
  required,
  resolve,
  type Selector,
  type Trace,
  valuesOf,
} from './selector.ts';

export interface Step<K> {
  readonly key: K;
  readonly choice: Choice;
}

/**
 * Picks a rule and takes the nested answer; a nested miss becomes a miss here. Of a level that misses, the trace
 * has the first rule and the last, between which its keys lie.
 */
export const follow = <S extends { readonly choice: Choice }>(
  selector: SelectorName,
  parameters: readonly string[],
  steps: readonly S[],
  text: (step: S) => string,
  header: Parameters,
  trace: Trace | undefined,
  pick: () => S,
): PyLiteral => {
  const level = (rules: readonly S[]) => ({
    selector,
    parameters,
    values: valuesOf(parameters, header),
    rules: rules.map((step) => ({ key: [text(step)] })),
  });
  let picked: S;
  try {
    picked = pick();
  } catch (error) {
    if (trace && error instanceof CrdsError) {
      trace.push({ ...level(steps.filter((_, i) => i === 0 || i === steps.length - 1)), error });
    }
    throw error;
  }
  trace?.push(level([picked]));
  try {
    return resolve(picked.choice, header, trace);
  } catch (error) {
    throw isLookupError(error) ? lookupsFailed(error) : error;
  }
};

/** The date of the header in CRDS form: the values of the parameters joined by a blank. */
export const dateOf = (selector: SelectorName, parameters: readonly string[], header: Parameters): string => {
  const parts = parameters.map((name) => strip(required(selector, name, header)));
  const undefinedAt = parts.indexOf('UNDEFINED');
  if (undefinedAt >= 0) {
    const name = stringRepr(parameters[undefinedAt]!);
    throw new CrdsError('InvalidDatetimeError', `UseAfter parameter ${name} is UNDEFINED.`);
  }
  const date = strip(parts.join(' '));
  try {
    return reformatDate(date);
  } catch (error) {
    if (!(error instanceof DateError)) throw error;
    throw new CrdsError(
      'ValidationError',
      `${selector} Invalid date/time format for ${tupleRepr(parameters)} value = ${stringRepr(date)} ` +
        `exception is ${stringRepr(error.message)}`,
      { cause: error },
    );
  }
};

/** Last step whose key is not after `wanted`; bisection over sorted steps. */
export const atOrBefore = <K>(steps: readonly Step<K>[], wanted: K, compare: (a: K, b: K) => number) => {
  let low = 0;
  let high = steps.length;
  // Most ask for the last.
  const last = steps[high - 1];
  if (last && compare(last.key, wanted) <= 0) return last;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (compare(steps[middle]!.key, wanted) <= 0) low = middle + 1;
    else high = middle;
  }
  return steps[low - 1];
};

/** A key as rules write it: a date, or the numbers of a version. */
const keyText = (key: unknown): string => (Array.isArray(key) ? key.join('.') : String(key));

/** All steps of both; on equal keys the greater file name, which by naming convention is the newer one. */
const merged = <K>(
  a: readonly Step<K>[],
  b: readonly Step<K>[],
  compare: (a: K, b: K) => number,
): Step<K>[] => {
  const out: Step<K>[] = [];
  let [i, j] = [0, 0];
  while (i < a.length && j < b.length) {
    const order = compare(a[i]!.key, b[j]!.key);
    if (order < 0) out.push(a[i++]!);
    else if (order > 0) out.push(b[j++]!);
    else {
      const [own, other] = [a[i++]!, b[j++]!];
      if (typeof own.choice !== 'string' || typeof other.choice !== 'string') {
        throw new CrdsError('AmbiguousMatchError', `More than one rule for ${keyText(own.key)}.`);
      }
      out.push(own.choice >= other.choice ? own : other);
    }
  }
  return [...out, ...a.slice(i), ...b.slice(j)];
};

/** What is common to all selectors of sorted steps of one name. */
export interface StepKind<K> {
  readonly selector: SelectorName;
  compare(a: K, b: K): number;
  pick(steps: readonly Step<K>[], parameters: readonly string[], header: Parameters): Step<K>;
}

/** Selectors of sorted steps that CRDS can merge. There are tens of thousands of them: none holds more than its own. */
export const stepSelector = <K>(
  kind: StepKind<K>,
  parameters: readonly string[],
  steps: readonly Step<K>[],
): Selector => ({
  selector: kind.selector,
  parameters,
  steps,
  get choices() {
    return steps.map((step) => step.choice);
  },
  choose: (header, trace) =>
    follow(
      kind.selector,
      parameters,
      steps,
      (step) => keyText(step.key),
      header,
      trace,
      () => kind.pick(steps, parameters, header),
    ),
  merge: (other) =>
    stepSelector(kind, parameters, merged(steps, (other.steps ?? []) as readonly Step<K>[], kind.compare)),
});

/** Rules of all mappings name the same few dates: one copy of each is quicker to compare with. */
const knownDates = new Map<string, string>();
const KNOWN_DATES = 4096;
const DATE_LENGTH = 32;
const oneCopy = (date: string): string => {
  if (date.length > DATE_LENGTH) return date;
  const before = knownDates.get(date);
  if (before !== undefined) return before;
  if (knownDates.size >= KNOWN_DATES) knownDates.clear();
  // A part of a string keeps the whole mapping in memory; this is one of itself.
  const copy = ` ${date}`.slice(1);
  knownDates.set(copy, copy);
  return copy;
};

export const dateSteps = (
  selector: SelectorName,
  entries: readonly (readonly [PyLiteral, Choice])[],
): Step<string>[] =>
  entries
    .map(([key, choice]) => {
      if (typeof key === 'string') return { key: oneCopy(key), choice };
      throw new CrdsError(
        'ValidationError',
        `${selector} key ${repr(key)} is no date; write 'YYYY-MM-DD HH:MM:SS'`,
      );
    })
    .sort((a, b) => compareText(a.key, b.key));

export const none = (code: CrdsErrorCode, wanted: string): CrdsError =>
  new CrdsError(code, `No selection <= ${wanted}`);
