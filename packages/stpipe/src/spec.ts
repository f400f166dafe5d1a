import { parseCheck } from './config/check.ts';
import { applyCheck } from './config/checks.ts';
import { specOf } from './config/spec.ts';
import { strip } from './config/text.ts';
import { StepError } from './errors.ts';

/** One option of a step: its type, default and one line of help. The only place where defaults stand. */
export type OptionSpec =
  | {
      readonly type: 'integer';
      readonly default: number | null;
      readonly doc: string;
      readonly min?: number;
      readonly max?: number;
    }
  | {
      readonly type: 'float';
      readonly default: number | null;
      readonly doc: string;
      readonly min?: number;
      readonly max?: number;
    }
  | { readonly type: 'boolean'; readonly default: boolean; readonly doc: string }
  | { readonly type: 'string'; readonly default: string | null; readonly doc: string }
  | {
      readonly type: 'option';
      readonly choices: readonly string[];
      readonly default: string;
      readonly doc: string;
    };

export type Spec = Readonly<Record<string, OptionSpec>>;

type ValueOf<O extends OptionSpec> = O extends { type: 'boolean' }
  ? boolean
  : O extends { type: 'integer' | 'float'; default: infer D }
    ? null extends D
      ? number | null
      : number
    : O extends { type: 'string'; default: infer D }
      ? null extends D
        ? string | null
        : string
      : string;

/** The typed options that a spec describes. */
export type OptionsOf<S extends Spec> = { readonly [K in keyof S]: ValueOf<S[K]> };

/** Options that every step has beside its own. */
export const COMMON_OPTIONS = {
  skip: { type: 'boolean', default: false, doc: 'Skip this step' },
} as const satisfies Spec;

/** The same checks and words that a .cfg file meets; NaN, which ConfigObj takes, is no setting of anything here. */
const parseValue = (step: string, name: string, text: string, check: string): unknown => {
  const parsed = parseCheck(check);
  const outcome = applyCheck(parsed, parsed.name === 'string' ? text : strip(text))!;
  const problem = 'problem' in outcome ? outcome.problem : undefined;
  const { value } = 'value' in outcome ? outcome : {};
  // Integers that a number cannot hold are no setting either.
  if (problem === undefined && !Number.isNaN(value) && typeof value !== 'bigint') return value;
  throw new StepError(
    'STEP_OPTION_TYPE',
    step,
    `Config parameter 'steps/${step}/${name}': ${problem ?? `the value "${text}" is unacceptable.`} Expected ${check}.`,
  );
};

/**
 * Validates option texts, as a .cfg or a task holds them, against a spec.
 * @throws StepError STEP_OPTION_TYPE for a bad value, STEP_OPTION_UNKNOWN for a name that the spec lacks
 */
export const parseOptions = <S extends Spec>(
  step: string,
  spec: S,
  texts: Readonly<Record<string, string>>,
): OptionsOf<S> => {
  const options: Record<string, unknown> = {};
  for (const [name, option] of Object.entries(spec)) options[name] = option.default;
  const checks = specOf(spec).scalars;
  for (const [name, text] of Object.entries(texts)) {
    const check = checks.get(name);
    if (check === undefined) {
      const known = Object.keys(spec).join(', ') || 'none';
      throw new StepError(
        'STEP_OPTION_UNKNOWN',
        step,
        `Extra value '${name}' in steps/${step}; its options are: ${known}.`,
      );
    }
    options[name] = parseValue(step, name, text, String(check));
  }
  return options as OptionsOf<S>;
};

/** Names of the options whose value differs from the default: what provenance records. */
export const nonDefaultOptions = <S extends Spec>(
  spec: S,
  options: OptionsOf<S>,
): [name: string, value: unknown][] =>
  Object.entries(options).filter(([name, value]) => value !== spec[name]?.default);
