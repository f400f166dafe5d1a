import { homedir } from 'node:os';
import { basename, join } from 'node:path';
import { KNOWN_SUFFIXES } from './suffixes.ts';

/**
 * Takes a known suffix off a name without extension, and says which separator stood before it (`_` when none did).
 * The longest known suffix goes; `flat` and `sci` are not among them.
 */
export const removeSuffix = (name: string): { root: string; separator: string } => {
  for (let at = 1; at < name.length; at++) {
    const separator = name[at]!;
    if (separator !== '_' && separator !== '-') continue;
    if (KNOWN_SUFFIXES.has(name.slice(at + 1))) return { root: name.slice(0, at), separator };
  }
  return { root: name, separator: '_' };
};

/** Is a file an exposure by its name, and no association? */
export const isFitsName = (file: string): boolean => /\.(fits|fit|fts)(\.gz|\.fz)?$/i.test(file);

/** The ending of a data file, `.fits` or `.fits.gz`. Other dots belong to the name, so that `a.1` and `a.2` stay apart. */
export const fileExtension = (file: string): string =>
  /(?<=[^/])(\.(fits|fit|fts)(\.gz|\.fz)?|\.(asdf|json|ecsv))$/i.exec(file)?.[0] ?? '';

/** What of a step and its pipeline decides how a product is called; undefined and null both mean "not given". */
export interface NamingRules {
  /** Name of the step: the suffix where none is given. */
  readonly name: string;
  readonly outputExtension?: string | null;
  readonly suffix?: string | null | false;
  readonly outputFile?: string | null;
  /** True unless told otherwise: take the output file of the pipeline where the step has none. */
  readonly searchOutputFile?: boolean;
  readonly outputDirectory?: string | null;
  /** Primary input: the name where no output file is given. */
  readonly inputFile?: string | null;
  readonly parent?: NamingRules;
}

/** Own value, else that of the nearest pipeline around. */
const search = <K extends 'suffix' | 'outputFile' | 'outputDirectory' | 'inputFile'>(
  rules: NamingRules,
  key: K,
): NonNullable<NamingRules[K]> | undefined => {
  for (let at: NamingRules | undefined = rules; at; at = at.parent) {
    const value = at[key];
    if (value !== undefined && value !== null) return value as NonNullable<NamingRules[K]>;
  }
  return undefined;
};

export interface NamingRequest {
  /** Name to start from; of a path only the last part counts. */
  readonly base?: string | null;
  /** False: keep the name, suffix and all. */
  readonly suffix?: string | null | false;
  readonly extension?: string;
  /** Parts between name and suffix, such as an index. */
  readonly components?: readonly (string | number | undefined)[];
}

/** `~` and `$NAME`, `${NAME}` of an output directory; unknown names stay. */
const expandDirectory = (text: string, environment: Readonly<Record<string, string | undefined>>): string =>
  text
    .replace(/^~(?=\/|$)/, () => environment.HOME ?? homedir())
    .replace(
      /\$(?:(\w+)|\{(\w+)\})/g,
      (whole, bare?: string, braced?: string) => environment[bare ?? braced ?? ''] ?? whole,
    );

/**
 * Path of a product as stpipe names it: `{name}{_component…}{separator}{suffix}.{extension}` in the output
 * directory. A known suffix of the name gives way to the new one and its separator is kept.
 * @see stpipe Step._make_output_path
 */
export const makeOutputPath = (
  rules: NamingRules,
  request: NamingRequest = {},
  environment: Readonly<Record<string, string | undefined>> = process.env,
): string => {
  const outputFile = rules.searchOutputFile === false ? undefined : search(rules, 'outputFile');
  const extension = request.extension ?? rules.outputExtension ?? undefined;
  const base =
    request.base ?? outputFile ?? search(rules, 'inputFile') ?? `step_${rules.name}${extension ?? ''}`;
  const file = basename(base);
  const ownExtension = fileExtension(file);
  const ending = (extension ?? ownExtension).replace(/^\./, '');
  let name = ownExtension === '' ? file : file.slice(0, -ownExtension.length);
  const suffix = request.suffix ?? search(rules, 'suffix') ?? rules.name.toLowerCase();
  let tail = '';
  if (suffix !== false) {
    const { root, separator } = removeSuffix(name);
    name = root;
    tail = separator + suffix;
  }
  const components = (request.components ?? [])
    .filter((part) => part !== undefined)
    .map((part) => `_${part}`);
  const directory = expandDirectory(search(rules, 'outputDirectory') ?? '', environment);
  return join(directory, `${name}${components.join('')}${tail}.${ending}`);
};

/** An input without a directory lies in the input directory. */
export const makeInputPath = (file: string, inputDirectory: string | null | undefined): string =>
  basename(file) === file && inputDirectory ? join(inputDirectory, file) : file;
