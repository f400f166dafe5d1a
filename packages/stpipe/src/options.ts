import { StepError } from './errors.ts';
import { COMMON_OPTIONS, type OptionsOf, parseOptions, type Spec } from './spec.ts';
import type { StepDescription } from './step.ts';

/** What the user asks of one step. */
export interface StepOptions {
  readonly own: OptionsOf<Spec>;
  readonly skip: boolean;
  /** Path of the file to use for a reference type, or N/A for none. */
  readonly overrides: ReadonlyMap<string, string>;
}

export const referenceTypesOf = (step: StepDescription): string[] => [
  ...step.referenceTypes,
  ...(step.optionalReferenceTypes ?? []),
];

/** Empty and None stand for "no override", as in a .cfg. */
const overrideOf = (text: string): string | undefined => {
  const value = text.trim();
  if (value === '' || value === 'None') return undefined;
  return /^n\/a$/i.test(value) ? 'N/A' : value;
};

const optionsOf = (step: StepDescription, texts: Readonly<Record<string, string>>): StepOptions => {
  const own: Record<string, string> = {};
  const common: Record<string, string> = {};
  const overrides = new Map<string, string>();
  const types = new Set(referenceTypesOf(step));
  for (const [key, text] of Object.entries(texts)) {
    if (!key.startsWith(`${step.name}.`)) continue;
    const name = key.slice(step.name.length + 1);
    if (name in COMMON_OPTIONS) common[name] = text;
    else if (name.startsWith('override_') && types.has(name.slice(9))) {
      const override = overrideOf(text);
      if (override !== undefined) overrides.set(name.slice(9), override);
    } else own[name] = text;
  }
  return {
    own: parseOptions(step.name, step.spec, own),
    overrides,
    skip: parseOptions(step.name, COMMON_OPTIONS, common).skip,
  };
};

/**
 * Options of each step, in their order, from texts under keys "step.option".
 * @throws StepError STEP_UNKNOWN, STEP_OPTION_UNKNOWN, STEP_OPTION_TYPE
 */
export const planOptions = (
  steps: readonly StepDescription[],
  texts: Readonly<Record<string, string>>,
): StepOptions[] => {
  const names = new Set(steps.map((step) => step.name));
  for (const key of Object.keys(texts)) {
    const step = key.split('.', 1)[0] ?? key;
    if (names.has(step)) continue;
    throw new StepError(
      'STEP_UNKNOWN',
      step,
      `Extra value '${key}': no step '${step}'; the steps are: ${[...names].join(', ')}.`,
    );
  }
  return steps.map((step) => optionsOf(step, texts));
};
