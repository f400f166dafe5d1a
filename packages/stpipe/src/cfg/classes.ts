import { ConfigError } from '../config/errors.ts';
import { strip } from '../config/text.ts';
import type { ClassEntry } from './class-entry.ts';
import { LIGER_STEP_CLASSES } from './liger-step-classes.ts';
import { PIPELINE_CLASSES } from './pipeline-classes.ts';
import { STEP_CLASSES } from './step-classes.ts';

const CLASS_TABLE: readonly ClassEntry[] = [...PIPELINE_CLASSES, ...STEP_CLASSES, ...LIGER_STEP_CLASSES];

/** Every spelling; of a short one that several classes share the first in the table. */
const BY_NAME: ReadonlyMap<string, ClassEntry> = (() => {
  const found = new Map<string, ClassEntry>();
  const enter = (name: string, entry: ClassEntry): void => {
    if (!found.has(name)) found.set(name, entry);
  };
  for (const entry of CLASS_TABLE) for (const name of entry.classes) enter(name, entry);
  for (const entry of CLASS_TABLE) {
    for (const alias of entry.aliases) enter(alias, entry);
    for (const name of entry.classes) enter(name.slice(name.lastIndexOf('.') + 1), entry);
  }
  return found;
})();

/** A class as the user named it, and the pipeline or step of ours that it stands for. */
export interface KnownClass extends ClassEntry {
  /** `Image2Pipeline`: what logs and default names say. */
  readonly className: string;
  /** `iris_pipeline.Image2Pipeline`. */
  readonly fullName: string;
}

/**
 * What a class name stands for: full, without its package, or a class alias, which may be `package::alias`.
 * Undefined for names that nobody here knows.
 */
export const findClass = (name: string): KnownClass | undefined => {
  const wanted = strip(name).replace(/^.*::/, '');
  const entry = BY_NAME.get(wanted);
  // A module of iris_pipeline that did not export the class: its top-level name is meant.
  const [, top, own] = /^(iris_pipeline|liger_iris_pipeline)(?:\.\w+)+\.(\w+)$/.exec(wanted) ?? [];
  if (!entry)
    return top === undefined || !BY_NAME.has(`${top}.${own}`) ? undefined : findClass(`${top}.${own}`);
  const [first] = entry.classes as [string];
  const fullName = entry.classes.find((full) => full === wanted || full.endsWith(`.${wanted}`)) ?? first;
  return { ...entry, fullName, className: fullName.slice(fullName.lastIndexOf('.') + 1) };
};

/**
 * The same, for names that must be known.
 * @throws ConfigError CLASS_UNKNOWN
 */
export const resolveClass = (name: string): KnownClass => {
  const found = findClass(name);
  if (found) return found;
  const pipelines = PIPELINE_CLASSES.map(({ classes }) => classes[0]!);
  throw new ConfigError(
    'CLASS_UNKNOWN',
    `'${name}' is not a path to a config file or a Step class; pipelines are: ${pipelines.join(', ')}.`,
  );
};
