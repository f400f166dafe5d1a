import { isDeepStrictEqual } from 'node:util';
import { parseCheck } from '../config/check.ts';
import { applyCheck } from '../config/checks.ts';
import type { Configured, StepSettings } from './configure.ts';

/** Has an option the value that it has where nobody gives one? False for options that the spec lacks. */
export const isDefault = (
  { spec }: Pick<Configured, 'spec'>,
  { section, values }: Pick<StepSettings, 'section' | 'values'>,
  key: string,
): boolean => {
  const inner = section === undefined ? spec : spec.sections.get('steps')?.sections.get(section);
  const check = inner?.scalars.get(key);
  if (check === undefined) return false;
  const outcome = applyCheck(parseCheck(String(check)), undefined);
  return outcome !== undefined && 'value' in outcome && isDeepStrictEqual(outcome.value, values.get(key));
};
