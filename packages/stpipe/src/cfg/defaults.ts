import { isDeepStrictEqual } from 'node:util';
import { parseCheck } from '../config/check.ts';
import { applyCheck } from '../config/checks.ts';
import { checkAt } from '../config/spec.ts';
import { type Configured, optionPath, type StepSettings } from './configure.ts';

/** Has an option the value that it has where nobody gives one? False for options that the spec lacks. */
export const isDefault = (
  { spec }: Pick<Configured, 'spec'>,
  settings: Pick<StepSettings, 'section' | 'values'>,
  key: string,
): boolean => {
  const check = checkAt(spec, optionPath(settings, key));
  if (check === undefined) return false;
  const outcome = applyCheck(parseCheck(check), undefined);
  if (outcome === undefined || 'problem' in outcome) return false;
  return isDeepStrictEqual(outcome.value, settings.values.get(key));
};
