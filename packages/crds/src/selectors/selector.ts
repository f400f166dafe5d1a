import { CrdsError } from '../errors.ts';
import type { PyLiteral } from '../python/literal.ts';
import type { SelectorName } from '../python/parse.ts';
import { repr } from '../python/text.ts';

/** Conditioned header values by parameter name. */
export type Parameters = ReadonlyMap<string, string>;

/** What a rule leads to: a file name, N/A, a tuple or dictionary of them, or the next selector. */
export type Choice = PyLiteral | Selector;

/** 1 the parameter matches the rule, 0 does not count, -1 rejects it. */
export type Verdict = 1 | 0 | -1;

/** One rule of a level, and what the header's values say to each part of its key. */
export interface RuleTrace {
  readonly key: readonly string[];
  /** Of a Match, one for each parameter. */
  readonly verdicts?: readonly Verdict[];
}

/** What one level of rules did with a header: several rules when equally good ones were merged. */
export interface LevelTrace {
  readonly selector: SelectorName;
  readonly parameters: readonly string[];
  /** The header's, one for each parameter. */
  readonly values: readonly string[];
  readonly rules: readonly RuleTrace[];
  /** Why the level has no answer; the rules are then those that came nearest. */
  readonly error?: CrdsError;
}

/** Levels as they were tried, written down when somebody wants to know why. */
export type Trace = LevelTrace[];

/** One level of rules of an rmap. */
export interface Selector {
  readonly selector: SelectorName;
  readonly parameters: readonly string[];
  readonly choices: readonly Choice[];
  /** Of selectors that can be merged: keys and choices, sorted by key. */
  readonly steps?: readonly { readonly key: unknown; readonly choice: Choice }[];
  /** @throws CrdsError, of a lookup kind when no rule applies */
  choose(header: Parameters, trace?: Trace): PyLiteral;
  /** Rules of this and of another selector of the same weight as one; absent where CRDS cannot. */
  merge?(other: Selector): Selector;
}

/** What every level of an rmap shares. */
export interface Rules {
  /** parameter → hash of a rule's value → the value CRDS puts in its place */
  readonly substitutions: ReadonlyMap<string, ReadonlyMap<string, PyLiteral>>;
  readonly mergeOverlaps: boolean;
  /** All spellings of a value of a parameter that mean the same, the value itself among them. */
  readonly spellings: (parameter: string) => (value: string) => readonly string[];
}

export const isSelector = (choice: Choice): choice is Selector =>
  typeof choice === 'object' && choice !== null && 'selector' in choice;

/** Goes down to the end of the tree. */
export const resolve = (choice: Choice, header: Parameters, trace?: Trace): PyLiteral =>
  isSelector(choice) ? choice.choose(header, trace) : choice;

export const valuesOf = (parameters: readonly string[], header: Parameters): string[] =>
  parameters.map((name) => header.get(name) ?? 'UNDEFINED');

/** Value of a parameter that the level cannot do without. */
export const required = (selector: SelectorName, name: string, header: Parameters): string => {
  const value = header.get(name);
  if (value === undefined) {
    throw new CrdsError(
      'ValidationError',
      `${selector} required lookup parameter ${repr(name)} is undefined.`,
    );
  }
  return value;
};

/** Lets the last found error of a nested lookup speak, as CRDS does. */
export const lookupsFailed = (last: unknown): CrdsError => {
  const info = last instanceof Error ? ` last exception: ${last.message}` : '';
  return new CrdsError('CrdsLookupError', `All lookup attempts failed.${info}`, { cause: last });
};

export const compareText = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);
