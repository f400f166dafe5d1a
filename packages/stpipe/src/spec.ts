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

const TRUE = new Set(['true', 'on', '1', 'yes']);
const FALSE = new Set(['false', 'off', '0', 'no']);

const wrongType = (step: string, name: string, text: string, expected: string): StepError =>
  new StepError(
    'STEP_OPTION_TYPE',
    step,
    `Config parameter '${step}/${name}': the value "${text}" is of the wrong type; expected ${expected}.`,
  );

const parseNumber = (
  step: string,
  name: string,
  text: string,
  spec: Extract<OptionSpec, { type: 'integer' | 'float' }>,
): number => {
  const pattern = spec.type === 'integer' ? /^[+-]?\d+$/ : /^[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?$/;
  const value = Number(text);
  if (!pattern.test(text.trim()) || !Number.isFinite(value)) throw wrongType(step, name, text, spec.type);
  if ((spec.min !== undefined && value < spec.min) || (spec.max !== undefined && value > spec.max)) {
    throw wrongType(step, name, text, `${spec.type} from ${spec.min ?? '-inf'} to ${spec.max ?? 'inf'}`);
  }
  return value;
};

const parseValue = (step: string, name: string, text: string, spec: OptionSpec): unknown => {
  switch (spec.type) {
    case 'integer':
    case 'float':
      return parseNumber(step, name, text, spec);
    case 'boolean': {
      const word = text.trim().toLowerCase();
      if (TRUE.has(word)) return true;
      if (FALSE.has(word)) return false;
      throw wrongType(step, name, text, 'boolean (true/on/1/yes or false/off/0/no)');
    }
    case 'option':
      if (!spec.choices.includes(text))
        throw wrongType(step, name, text, `one of ${spec.choices.join(', ')}`);
      return text;
    case 'string':
      return text;
  }
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
  for (const [name, text] of Object.entries(texts)) {
    const option = spec[name];
    if (!option) {
      const known = Object.keys(spec).join(', ') || 'none';
      throw new StepError(
        'STEP_OPTION_UNKNOWN',
        step,
        `Extra value '${name}' in steps/${step}; its options are: ${known}.`,
      );
    }
    options[name] = parseValue(step, name, text, option);
  }
  return options as OptionsOf<S>;
};

/** Names of the options whose value differs from the default: what provenance records. */
export const nonDefaultOptions = <S extends Spec>(
  spec: S,
  options: OptionsOf<S>,
): [name: string, value: unknown][] =>
  Object.entries(options).filter(([name, value]) => value !== spec[name]?.default);
