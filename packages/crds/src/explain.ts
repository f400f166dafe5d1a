import { type Applicability, applicabilityOf } from './choose.ts';
import { bestReference, type Context, headerFor, instrumentOf, routeOf, rulesOf } from './context.ts';
import { CrdsError } from './errors.ts';
import type { Trace } from './selectors/selector.ts';
import type { BestReference } from './source.ts';

/** What one parameter of a rule says to the header. */
export interface Condition {
  readonly parameter: string;
  /** As the rule has it, conditioned: a value, a pattern, `N/A` for one that does not count. */
  readonly wanted: string;
  /** The header's, conditioned; `UNDEFINED` where it has none. */
  readonly found: string;
  readonly verdict: 'matches' | 'does not count' | 'fails';
}

/** One level of rules, as it was tried. Several rules: those were equally good and counted as one. */
export interface ExplainedLevel {
  readonly selector: string;
  readonly parameters: readonly string[];
  readonly values: readonly string[];
  readonly rules: readonly { readonly key: readonly string[]; readonly conditions: readonly Condition[] }[];
  /** Why there is no answer here; `rules` are then the nearest ones. */
  readonly error?: { readonly kind: string; readonly message: string };
}

/** Why a header gets the reference it gets, or none. Plain data, fit for JSON. */
export interface Explanation {
  readonly context: string;
  readonly type: string;
  readonly answer: BestReference;
  readonly instrument?: string;
  /** The files that decided, as far as they were reached: .pmap, .imap, .rmap. */
  readonly mappings: readonly string[];
  /** Expressions of the .rmap that decided whether the type applies at all. */
  readonly applicability: readonly Applicability[];
  /** In the order in which they were tried. */
  readonly levels: readonly ExplainedLevel[];
  /** For a miss: the parameters of the nearest rule that fail. */
  readonly failed: readonly Condition[];
}

const VERDICTS = { '1': 'matches', '0': 'does not count', '-1': 'fails' } as const;

const explainedLevels = (trace: Trace): ExplainedLevel[] =>
  trace.map(({ selector, parameters, values, rules, error }) => ({
    selector,
    parameters,
    values,
    rules: rules.map(({ key, verdicts = [] }) => ({
      key,
      conditions: verdicts.map((verdict, i) => ({
        parameter: parameters[i]!,
        wanted: key[i]!,
        found: values[i]!,
        verdict: VERDICTS[`${verdict}`],
      })),
    })),
    ...(error ? { error: { kind: error.code, message: error.message } } : {}),
  }));

/** What fails in the nearest rule of the level that stopped the search. */
const failedIn = (levels: readonly ExplainedLevel[]): Condition[] => {
  const deepest = levels.filter((level) => level.error !== undefined);
  // The last Match says only that no other rule was left when a date below it had failed.
  const miss = deepest.find((level) => level.selector !== 'Match') ?? deepest.at(-1);
  if (!miss) return [];
  const [nearest] = miss.rules;
  if (miss.selector === 'Match')
    return nearest?.conditions.filter(({ verdict }) => verdict === 'fails') ?? [];
  const parameter = miss.parameters.join(' ');
  return [
    { parameter, wanted: nearest?.key[0] ?? 'any rule', found: miss.values.join(' '), verdict: 'fails' },
  ];
};

/**
 * Why a header gets its reference of one type: the path through .pmap, .imap and .rmap to the rule; for a miss the
 * nearest rule and what fails in it.
 *
 * @param header  CRDS parameter names or FITS keywords to values
 */
export const explain = (
  context: Context,
  header: Readonly<Record<string, string>>,
  type: string,
): Explanation => {
  const parameters = headerFor(context, header);
  const trace: Trace = [];
  const answer = bestReference(context, parameters, type, trace);
  const levels = explainedLevels(trace);
  const mappings = [context.name];
  let instrument: string | undefined;
  let applicability: readonly Applicability[] = [];
  try {
    instrument = instrumentOf(context, parameters);
    const imap = context.pipeline.instruments.get(instrument.toLowerCase());
    if (imap?.endsWith('.imap')) mappings.push(imap);
    const { rmap, special } = routeOf(context, instrument, type);
    if (rmap !== undefined && special === undefined) {
      mappings.push(rmap);
      applicability = applicabilityOf(rulesOf(context, rmap), parameters);
    }
  } catch (error) {
    if (!(error instanceof CrdsError)) throw error;
  }
  return {
    context: context.name,
    type,
    answer,
    ...(instrument === undefined ? {} : { instrument }),
    mappings,
    applicability,
    levels,
    failed: answer.answer === 'file' ? [] : failedIn(levels),
  };
};

const shown = ({ parameter, wanted, found, verdict }: Condition): string => {
  if (verdict === 'does not count') return `${parameter} does not count`;
  if (verdict === 'matches')
    return `${parameter} = ${found}${wanted === found ? '' : ` (the rule: ${wanted})`}`;
  return `${parameter} = ${found}, the rule wants ${wanted}`;
};

const levelText = (level: ExplainedLevel): string[] => {
  const { selector, rules, values, error } = level;
  const lines = rules.map(({ key, conditions }) => {
    const what = error ? 'nearest rule' : rules.length > 1 ? 'one of equally good rules' : 'rule';
    const because =
      conditions.length > 0 ? conditions.map(shown).join('; ') : `the header has ${values.join(' ')}`;
    return `${selector}: ${what} (${key.join(', ')}): ${because}`;
  });
  return error ? [...lines, `${selector}: ${error.kind}: ${error.message}`] : lines;
};

const answerText = (answer: BestReference): string => {
  if (answer.answer === 'file') return answer.file;
  return answer.answer === 'notApplicable'
    ? `not applicable: ${answer.reason}`
    : `${answer.kind}: ${answer.message}`;
};

/** The explanation as lines for people, the answer first. */
export const explanationText = (explanation: Explanation): string[] => {
  const { type, answer, mappings, applicability, levels, failed, instrument } = explanation;
  return [
    `${type}: ${answerText(answer)}`,
    `${mappings.join(' → ')}${instrument === undefined ? '' : ` for ${instrument}`}`,
    ...applicability.map(({ name, source, holds }) => `${name} ${source} is ${holds ? 'true' : 'false'}`),
    ...levels.flatMap(levelText),
    ...failed.map(
      ({ parameter, wanted, found }) => `failed: ${parameter} is ${found}, the nearest rule wants ${wanted}`,
    ),
  ];
};
