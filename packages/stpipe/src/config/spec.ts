import type { Spec as StepSpec } from '../spec.ts';
import { parseConfig } from './parse.ts';
import { addSection, type ConfigSection, emptyConfig, mergeSections } from './section.ts';
import { strip } from './text.ts';

/** Checks by key, section by section: a configuration whose values are checks. Inline comments are the help. */
export type ConfigSpec = ConfigSection;

/**
 * Reads a spec as steps hold it: `threshold = float(default=3.0, min=0)  # Clipping threshold`.
 * @throws ConfigError as `parseConfig`
 */
export const parseSpec = (text: string): ConfigSpec => parseConfig(strip(text), { lists: false }).root;

/** One spec of several, base class first: later ones replace checks and help of earlier ones. */
export const mergeSpecs = (...specs: readonly ConfigSpec[]): ConfigSpec => {
  const merged = emptyConfig();
  for (const spec of specs) mergeSections(merged, spec);
  return merged;
};

const quoted = (text: string): string => `'${text}'`;

/** A typed spec of ours in the spec language, so that .cfg files meet the checks and messages they know. */
export const specOf = (spec: StepSpec): ConfigSpec => {
  const section = emptyConfig();
  for (const [name, option] of Object.entries(spec)) {
    const text = (value: string | number | boolean | null): string => {
      if (value === null) return 'None';
      if (typeof value === 'boolean') return value ? 'True' : 'False';
      if (typeof value === 'string') return quoted(value);
      return option.type === 'float' && Number.isInteger(value) ? `${value}.0` : String(value);
    };
    const args = [
      ...(option.type === 'option' ? option.choices.map(quoted) : []),
      ...('min' in option && option.min !== undefined ? [`min=${option.min}`] : []),
      ...('max' in option && option.max !== undefined ? [`max=${option.max}`] : []),
      `default=${text(option.default)}`,
    ];
    section.scalars.set(name, `${option.type}(${args.join(', ')})`);
    section.comments.set(name, { before: [], inline: `# ${option.doc}` });
  }
  return section;
};

/** A section of a spec put under another, as a pipeline does with its steps'. */
export const nestSpec = (into: ConfigSpec, name: string, spec: ConfigSpec): void => {
  mergeSections(into.sections.get(name) ?? addSection(into, name), spec);
};

/** The check of an option under its dotted name; undefined where the spec has none. */
export const checkAt = (spec: ConfigSpec, name: string): string | undefined => {
  const path = name.split('.');
  const key = path.pop()!;
  let section: ConfigSpec | undefined = spec;
  for (const part of path) section = section?.sections.get(part);
  const check = section?.scalars.get(key);
  return check === undefined ? undefined : String(check);
};

/** What `--help` says of one option. */
export interface OptionHelp {
  /** Dotted path: `steps.flat_field.skip`. */
  readonly name: string;
  readonly help: string;
}

/** Help of one check: its comment, then its arguments unless the default is empty. */
const helpOf = (check: string, comment: string): string => {
  const text = strip(comment.replace(/^#+/, ''));
  const args = strip((check.split('(')[1] ?? '').replace(/\)+$/, ''));
  const shown = args.replace(/^[default=]+/, '');
  return shown === '' || ['None', "''", '""'].includes(shown) ? text : `${text} [${args}]`;
};

/** Every option of a spec under its dotted name, values before sections. */
export const specHelp = (spec: ConfigSpec, path = ''): OptionHelp[] => [
  ...[...spec.scalars].map(([key, check]) => ({
    name: path + key,
    help: strip(helpOf(String(check), spec.comments.get(key)?.inline ?? '')),
  })),
  ...[...spec.sections].flatMap(([key, section]) => specHelp(section, `${path}${key}.`)),
];

/** A spec as text, section by section, with its help. */
export const formatSpec = (spec: ConfigSpec): string => {
  const margin = '  '.repeat(spec.depth);
  const lines = [...spec.scalars].map(([key, check]) => {
    const inline = spec.comments.get(key)?.inline ?? '';
    return `${margin}${key} = ${String(check)}${inline === '' ? '' : `  ${inline}`}`;
  });
  const sections = [...spec.sections].map(
    ([key, section]) =>
      `${margin}${'['.repeat(section.depth)}${key}${']'.repeat(section.depth)}\n${formatSpec(section)}`,
  );
  return [...lines, ...sections].filter((part) => part !== '').join('\n');
};
