import { resolve } from 'node:path';
import {
  type Configured,
  isDefault,
  optionPath,
  type StepDescription,
  type StepSettings,
} from '@iris-drs/stpipe';
import { PipelineError } from './errors.ts';
import { type Job, settingsOf } from './job.ts';

/** Options of liger's classes that name a reference file in place of override_<type>. */
const LIGER_OVERRIDES: Readonly<Record<string, string>> = {
  dark: 'dark',
  flat: 'flat',
  nonlin: 'nonlincoeff',
};

const textOf = (settings: StepSettings, key: string): string | undefined => {
  const value = settings.values.get(key);
  return settings.ignored.includes(key) && typeof value === 'string' ? value : undefined;
};

/** Options of liger's CombineFramesStep that say something our step does in other words, or cannot do. */
const clippingOf = ({ values, given, ignored }: StepSettings): Record<string, string> => {
  const cannot = ignored.find((key) => /^(thresh|num_mask|min_batch)/.test(key) && values.get(key) != null);
  const [low, high] = ['sigma_thresh_low', 'sigma_thresh_high'].map((key) =>
    ignored.includes(key) ? Number(values.get(key)) : undefined,
  );
  if (cannot !== undefined || (low !== undefined && high !== undefined && low !== high)) {
    throw new PipelineError(
      'NOT_AVAILABLE',
      `${cannot ?? 'sigma_thresh_low, sigma_thresh_high'}: this version clips at one sigma to both sides. Use sigma.`,
    );
  }
  const sigma = low ?? high;
  return {
    ...(given.method === 'mean' && values.get('do_sigma_clip') === true ? { method: 'clipped' } : {}),
    ...(sigma === undefined ? {} : { sigma: String(sigma) }),
  };
};

/** Options of a step as texts, those of liger's classes in our words. */
const textsOf = (settings: StepSettings, cwd: string): Record<string, string> => {
  const texts: Record<string, string> = { ...settings.given };
  for (const [key, type] of Object.entries(LIGER_OVERRIDES)) {
    const file = textOf(settings, key);
    if (file !== undefined) texts[`override_${type}`] = resolve(cwd, file);
  }
  for (const [type, path] of settings.overrides) texts[`override_${type}`] = path;
  if (settings.name === 'create_mask' && texts.pixels !== undefined)
    texts.pixels = resolve(cwd, texts.pixels);
  if (settings.name === 'combine_frames') Object.assign(texts, clippingOf(settings));
  const method = settings.name === 'readoutsamp' ? textOf(settings, 'method') : undefined;
  if (method !== undefined) texts.mode = method;
  return texts;
};

const UNDERSTOOD = new Set([
  ...Object.keys(LIGER_OVERRIDES),
  ...['method', 'background', 'dark_output', 'dark_output_dir', 'flat_output_dir'],
  ...['do_sigma_clip', 'sigma_thresh_low', 'sigma_thresh_high'],
]);

/** Products are called by stpipe's rules here, never by what a model says or by an index. */
const NAMED_BY_RULE = ['output_use_model', 'output_use_index'];

/** Options that the user's class has and that change nothing here, where they are not as they would be anyway. */
export const withoutEffect = ({ configured }: Pick<Job, 'configured'>): string[] =>
  [configured.own, ...configured.steps].flatMap((settings) => {
    const { ignored, values } = settings;
    return [...ignored, ...NAMED_BY_RULE]
      .filter((key) => !UNDERSTOOD.has(key) && !isDefault(configured, settings, key))
      .filter((key) => !/^(None)?$/.test(String(values.get(key) ?? '')))
      .map((key) => optionPath(settings, key));
  });

/** What is to be told of these steps: texts under keys "step.option", overrides as absolute paths. */
export const stepTexts = (
  configured: Configured,
  cwd: string,
  steps: readonly string[],
): Record<string, string> => {
  const texts: Record<string, string> = {};
  for (const step of steps) {
    const settings = settingsOf({ configured }, step);
    if (settings?.name !== step) continue;
    for (const [key, text] of Object.entries(textsOf(settings, cwd))) texts[`${step}.${key}`] = text;
  }
  return texts;
};

/** The same for a run of steps, some of them skipped whatever the user says. */
export const textsFor = (
  { configured, cwd }: Pick<Job, 'configured' | 'cwd'>,
  steps: readonly StepDescription[],
  skip: readonly string[] = [],
): Record<string, string> => {
  const names = steps.map(({ name }) => name);
  return {
    ...stepTexts(configured, cwd, names),
    ...Object.fromEntries(
      skip.filter((name) => names.includes(name)).map((name) => [`${name}.skip`, 'True']),
    ),
  };
};

const isTrue = (text: string | undefined): boolean => /^(true|on|1|yes)$/i.test(text ?? '');

/** Types of references that steps which are not skipped need and that the user gives no file for. */
export const askedTypes = (
  steps: readonly StepDescription[],
  texts: Readonly<Record<string, string>>,
  all = ({ referenceTypes, optionalReferenceTypes = [] }: StepDescription): readonly string[] => [
    ...referenceTypes,
    ...optionalReferenceTypes,
  ],
): string[] => [
  ...new Set(
    steps
      .filter(({ name }) => !isTrue(texts[`${name}.skip`]))
      .flatMap((step) => all(step).filter((type) => !(`${step.name}.override_${type}` in texts))),
  ),
];

/** @throws PipelineError NO_REFERENCES when there are types that need a file */
export const refuseWithout = (types: readonly string[]): void => {
  if (types.length === 0) return;
  throw new PipelineError(
    'NO_REFERENCES',
    `References are needed (${types.join(', ')}) and CRDS_PATH names no CRDS cache. Set CRDS_PATH to one, give ` +
      'the files by override_<type>, or skip the steps.',
  );
};
