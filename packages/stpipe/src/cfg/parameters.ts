import { addSection, type ConfigSection, emptyConfig } from '../config/section.ts';
import { formatConfig } from '../config/write.ts';
import { formatAsdf } from './asdf-file.ts';
import type { Configured, StepSettings } from './configure.ts';

/** Values that say something: a .cfg cannot say None, and an empty name or class is as good as none. */
const copyGiven = (into: ConfigSection, from: ConfigSection): void => {
  for (const [key, value] of from.scalars) {
    if (value !== null && !((key === 'name' || key === 'class') && value === ''))
      into.scalars.set(key, value);
  }
  for (const [key, section] of from.sections) copyGiven(addSection(into, key), section);
};

/** Where an override lies does not depend on where the new file will. */
const fixOverrides = (section: ConfigSection, { overrides }: StepSettings): void => {
  for (const [type, path] of overrides) section.scalars.set(`override_${type}`, path);
};

/** All parameters of a run as the text of a file, .cfg or ASDF, that gives the same run. */
export const parametersText = (
  { known, name, config, own, steps }: Configured,
  format: 'cfg' | 'asdf' = 'cfg',
): string => {
  const root = emptyConfig();
  root.scalars.set('name', name);
  root.scalars.set('class', known.fullName);
  copyGiven(root, config);
  fixOverrides(root, own);
  for (const step of steps) fixOverrides(root.sections.get('steps')!.sections.get(step.section!)!, step);
  return format === 'asdf' ? formatAsdf(root) : `${formatConfig({ root, indent: '  ' })}\n`;
};
