import type { ReferenceSource } from '@iris-drs/crds';
import type { Header } from '@iris-drs/fits';
import { addSection, type ConfigSection, emptyConfig, mergeSections } from '../config/section.ts';
import { headerTexts } from '../references.ts';
import { stepSections } from './class-entry.ts';
import { findClass, type KnownClass } from './classes.ts';
import { loadConfigFile } from './load.ts';

const typeOf = (className: string): string => `pars-${className.toLowerCase()}`;

const merged = (into: ConfigSection, path: string): void => {
  const parameters = loadConfigFile(path);
  for (const key of ['name', 'class']) parameters.scalars.delete(key);
  mergeSections(into, parameters);
};

/**
 * Parameters that the reference system has for a class and a frame: `pars-<class>` of each step, and over them that of
 * the pipeline. They stand between the spec and the user's file. Rules that know no such type give none.
 *
 * @param found  hears of each file
 * @throws ConfigError for a file that cannot be read; CrdsError of the rules themselves
 */
export const referenceParameters = async (
  known: KnownClass,
  header: Header,
  references: ReferenceSource,
  found: (type: string, path: string) => void,
): Promise<ConfigSection> => {
  const root = emptyConfig();
  const sections = new Map<string, string>(
    Object.entries(stepSections(known)).map(([section, name]) => [
      section,
      typeOf(findClass(name)!.className),
    ]),
  );
  const own = typeOf(known.className);
  const paths = new Map<string, string>();
  for (const best of await references.best(headerTexts(header), [...new Set([own, ...sections.values()])])) {
    if (best.answer !== 'file') continue;
    const path = await references.fetch(best.file);
    found(best.type, path);
    paths.set(best.type, path);
  }
  const steps = addSection(undefined, null);
  for (const [section, type] of sections) {
    const path = paths.get(type);
    if (path !== undefined) merged(addSection(steps, section), path);
  }
  if (steps.sections.size > 0) mergeSections(addSection(root, 'steps'), steps);
  const path = paths.get(own);
  if (path !== undefined) merged(root, path);
  return root;
};
