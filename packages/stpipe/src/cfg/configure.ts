import { statSync } from 'node:fs';
import { resolve } from 'node:path';
import { type ExtraCheck, wrongType } from '../config/checks.ts';
import { ConfigError } from '../config/errors.ts';
import { type ConfigSection, type ConfigValue, emptyConfig, mergeSections } from '../config/section.ts';
import type { ConfigSpec } from '../config/spec.ts';
import { reprOf } from '../config/text.ts';
import { validateConfig } from '../config/validate.ts';
import { findClass, type KnownClass, resolveClass } from './classes.ts';
import { commandLineConfig, directoryOf, loadCfg, loadStepFiles } from './load.ts';
import { overridePath, type PathBase, resolveFiles } from './paths.ts';
import { classSpec, type StepLookup, stepNames } from './shape.ts';

export interface ConfigureRequest {
  /** Path of a .cfg file, or a class name. */
  readonly target: string;
  /** Command line: dotted key and text, later ones win. */
  readonly options?: Iterable<readonly [key: string, text: string]>;
  /** Parameters from the reference system: below the .cfg, above the spec. */
  readonly parameters?: ConfigSection;
  /** Our steps, whose specs say what their options are. */
  readonly steps: StepLookup;
  readonly cwd: string;
}

/** What the user asks of one step, or of the pipeline itself. */
export interface StepSettings {
  /** Section of [steps]; undefined for the pipeline, or the step that runs alone. */
  readonly section: string | undefined;
  /** Pipeline or step of ours. */
  readonly name: string;
  /** Typed values of all options. */
  readonly values: ReadonlyMap<string, ConfigValue>;
  /** Options of our step that were given, as texts: what `runSteps` takes. */
  readonly given: Readonly<Record<string, string>>;
  /** Path or N/A by reference type. */
  readonly overrides: ReadonlyMap<string, string>;
  /** A step that the user's class had not. */
  readonly extra: boolean;
  /** Options that the user's class had and our step has not. */
  readonly ignored: readonly string[];
}

/** An option as the command line knows it: `steps.flat_field.suffix`, of the run itself `suffix`. */
export const optionPath = ({ section }: Pick<StepSettings, 'section'>, key: string): string =>
  section === undefined ? key : `steps.${section}.${key}`;

/** The text of an option; null where it has none, or is no text. */
export const textOption = ({ values }: Pick<StepSettings, 'values'>, key: string): string | null => {
  const value = values.get(key);
  return typeof value === 'string' ? value : null;
};

export interface Configured {
  readonly known: KnownClass;
  /** What logs and default suffixes say. */
  readonly name: string;
  /** Absolute; undefined when a class was named. */
  readonly file: string | undefined;
  readonly spec: ConfigSpec;
  /** Typed values: what --save-parameters writes. */
  readonly config: ConfigSection;
  readonly own: StepSettings;
  /** Of a pipeline: its steps in order. */
  readonly steps: readonly StepSettings[];
}

const text: ExtraCheck = (value) => (typeof value === 'string' ? { value } : wrongType(value));

/** Checks that stpipe adds to ConfigObj's. Paths are made absolute afterwards. */
const CHECKS: ReadonlyMap<string, ExtraCheck> = new Map([
  ['input_file', text],
  ['output_file', text],
  ['is_datamodel', text],
  ['is_string_or_datamodel', text],
]);

/** Sections that stand where a value belongs: ConfigObj's own message for them says nothing to a user. */
const misplacedSections = (config: ConfigSection, spec: ConfigSpec, path = ''): string[] =>
  [...config.sections].flatMap(([key, section]) => {
    const inner = spec.sections.get(key);
    if (inner) return misplacedSections(section, inner, `${path}${key}/`);
    if (!spec.scalars.has(key)) return [];
    return [`Config parameter ${reprOf(path + key)}: Value ${reprOf(key)} was provided as a section`];
  });

const validated = (
  config: ConfigSection,
  spec: ConfigSpec,
  commandLine: ConfigSection,
  base: PathBase,
  file: string | undefined,
): ConfigSection => {
  let messages: readonly string[] = misplacedSections(config, spec);
  if (messages.length === 0) {
    const outcome = validateConfig(config, spec, CHECKS);
    messages = outcome.messages;
    if (messages.length === 0) messages = resolveFiles(outcome.config, spec, commandLine, base);
    if (messages.length === 0) return outcome.config;
  }
  throw new ConfigError('VALIDATION', messages.join('\n'), file === undefined ? {} : { file });
};

const textOf = (value: ConfigValue): string => (Array.isArray(value) ? value.join(', ') : String(value));

interface Sources {
  readonly typed: ConfigSection;
  readonly raw: ConfigSection | undefined;
  readonly commandLine: ConfigSection | undefined;
}

/** Base options that have no meaning for the step itself. */
const isBase = (key: string): boolean =>
  /^(pre_hooks|post_hooks|output_\w+|save_results|suffix|search_output_file|input_dir|config_file|name|class)$/.test(
    key,
  );

const settingsOf = (
  section: string | undefined,
  name: string,
  { typed, raw, commandLine }: Sources,
  steps: StepLookup,
  base: PathBase,
  extra: boolean,
): StepSettings => {
  const step = steps(name);
  const given: Record<string, string> = {};
  const overrides = new Map<string, string>();
  const ignored: string[] = [];
  for (const [key, value] of raw?.scalars ?? []) {
    if (value === null) continue;
    if (key.startsWith('override_')) {
      const path = overridePath(textOf(value), commandLine?.scalars.has(key) ?? false, base);
      if (path !== undefined) overrides.set(key.slice('override_'.length), path);
    } else if (key === 'skip' || (step && key in step.spec)) given[key] = textOf(value);
    else if (step && !isBase(key)) ignored.push(key);
  }
  return { section, name, values: typed.scalars, given, overrides, extra, ignored };
};

/** The .cfg file that a target is: one that exists, or what can be nothing else, whose absence is then told. */
const fileOf = (target: string, cwd: string): string | undefined => {
  const path = resolve(cwd, target);
  if (statSync(path, { throwIfNoEntry: false })?.isFile()) return path;
  return findClass(target) === undefined && /[/\\]|\.(cfg|ini|asdf)$/i.test(target) ? path : undefined;
};

/**
 * Reads what the user wants to run: class and values of a .cfg file or a class name, with reference parameters and
 * the command line, each over the one before; checks all of it against the spec.
 *
 * @throws ConfigError CLASS_UNKNOWN, NOT_FOUND, any error of reading a file, or VALIDATION with one line for each
 *   value that is wrong and for the first key that the spec lacks
 */
export const configure = (request: ConfigureRequest): Configured => {
  const { target, cwd, steps } = request;
  const file = fileOf(target, cwd);
  const loaded = file === undefined ? undefined : loadCfg(file);
  const known = resolveClass(loaded?.className ?? target);
  const base: PathBase = { file: directoryOf(file, cwd), cwd };

  const spec = classSpec(known, steps);
  const commandLine = commandLineConfig(request.options ?? [], spec);
  loadStepFiles(commandLine, known, { file: cwd, cwd });
  const raw = loaded?.config ?? emptyConfig();
  loadStepFiles(raw, known, base);
  const merged = emptyConfig();
  if (request.parameters) mergeSections(merged, request.parameters);
  mergeSections(merged, raw);
  mergeSections(merged, commandLine);

  const config = validated(merged, spec, commandLine, base, file);
  const settings = (section: string | undefined, name: string): StepSettings => {
    const inner = (of: ConfigSection): ConfigSection | undefined =>
      section === undefined ? of : of.sections.get('steps')?.sections.get(section);
    const sources = { typed: inner(config)!, raw: inner(merged), commandLine: inner(commandLine) };
    const extra = section !== undefined && section in (known.extraSteps ?? {});
    return settingsOf(section, name, sources, steps, base, extra);
  };
  return {
    known,
    name: loaded?.name ?? known.className,
    file,
    spec,
    config,
    own: settings(undefined, known.name),
    steps: [...stepNames(known)].map(([section, name]) => settings(section, name)),
  };
};
