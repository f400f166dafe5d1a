import { resolve } from 'node:path';
import type { Configured, StepSettings } from '@iris-drs/stpipe';
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

/** Options of a step as texts, those of liger's classes in our words. */
const textsOf = (settings: StepSettings, cwd: string): Record<string, string> => {
  const texts: Record<string, string> = { ...settings.given };
  for (const [key, type] of Object.entries(LIGER_OVERRIDES)) {
    const file = textOf(settings, key);
    if (file !== undefined) texts[`override_${type}`] = resolve(cwd, file);
  }
  for (const [type, path] of settings.overrides) texts[`override_${type}`] = path;
  const method = settings.name === 'readoutsamp' ? textOf(settings, 'method') : undefined;
  if (method !== undefined) texts.mode = method;
  return texts;
};

const UNDERSTOOD = new Set([...Object.keys(LIGER_OVERRIDES), 'method', 'background']);

/** Options that the user's class has and that change nothing here. */
export const withoutEffect = ({ configured }: Pick<Job, 'configured'>): string[] =>
  [configured.own, ...configured.steps].flatMap(({ section, ignored, values }) =>
    ignored
      .filter((key) => !UNDERSTOOD.has(key) && !/^(None)?$/.test(String(values.get(key) ?? '')))
      .map((key) => (section === undefined ? key : `steps.${section}.${key}`)),
  );

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

/** @throws PipelineError NO_REFERENCES when there are types that need a file */
export const refuseWithout = (types: readonly string[]): void => {
  if (types.length === 0) return;
  throw new PipelineError(
    'NO_REFERENCES',
    `References are needed (${types.join(', ')}) and CRDS_PATH names no CRDS cache. Set CRDS_PATH to one, give ` +
      'the files by override_<type>, or skip the steps.',
  );
};
