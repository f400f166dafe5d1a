import { basename, dirname, resolve } from 'node:path';
import { parseCheck } from '../config/check.ts';
import { ConfigError } from '../config/errors.ts';
import { interpolate } from '../config/interpolate.ts';
import { parseConfig } from '../config/parse.ts';
import { addSection, type ConfigSection, mergeSections } from '../config/section.ts';
import { type ConfigSpec, checkAt } from '../config/spec.ts';
import { scanValue } from '../config/value.ts';
import { isAsdf, parseAsdf } from './asdf-file.ts';
import { stepSections } from './class-entry.ts';
import type { KnownClass } from './classes.ts';
import { overridePath, type PathBase } from './paths.ts';
import { bytesOfFile, decodeText } from './text-file.ts';

/**
 * Reads a .cfg file, `%(name)s` replaced, or a parameter file in ASDF.
 * @throws ConfigError NOT_FOUND, UnicodeDecodeError, or as `parseConfig`, `interpolate` and `parseAsdf`
 */
export const loadConfigFile = (path: string): ConfigSection => {
  const bytes = bytesOfFile(path);
  if (isAsdf(bytes)) return parseAsdf(bytes, path);
  const { root } = parseConfig(decodeText(bytes, path), { file: path });
  try {
    return interpolate(root);
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    throw new ConfigError(error.code, error.message, { file: path, cause: error });
  }
};

const take = (section: ConfigSection, key: string): string | undefined => {
  const value = section.scalars.get(key);
  section.scalars.delete(key);
  return typeof value === 'string' && value !== '' ? value : undefined;
};

/** A pipeline or step file: what it names, and the rest. */
export interface CfgFile {
  readonly className: string;
  /** Its `name`, else the file's own without extension. */
  readonly name: string;
  readonly config: ConfigSection;
}

/**
 * Reads a .cfg file that names a class.
 * @throws ConfigError as `loadConfigFile`; CLASS_UNKNOWN when it names none
 */
export const loadCfg = (path: string): CfgFile => {
  const config = loadConfigFile(path);
  const name = take(config, 'name') ?? basename(path).replace(/(?<=.)\.[^.]*$/, '');
  const className = take(config, 'class');
  if (className !== undefined) return { className, name, config };
  throw new ConfigError('CLASS_UNKNOWN', `Config file ${path} names no class: add class = "…".`, {
    file: path,
  });
};

/** A step's file under the file that it names itself, and so on. */
const loadStepFile = (path: string, cwd: string, above: readonly string[] = []): ConfigSection => {
  if (above.includes(path)) {
    const way = [...above.slice(above.indexOf(path)), path].join(' → ');
    throw new ConfigError('ParseError', `Config file ${path} leads to itself by config_file: ${way}.`, {
      file: path,
    });
  }
  const own = loadConfigFile(path);
  take(own, 'name');
  take(own, 'class');
  for (const [key, value] of own.scalars) {
    if (!key.startsWith('override_') || typeof value !== 'string') continue;
    // Nobody knows later which file named it.
    const found = overridePath(value, false, { file: dirname(path), cwd });
    if (found !== undefined && found !== 'N/A' && found !== resolve(cwd, value.trim()))
      own.scalars.set(key, found);
  }
  const next = take(own, 'config_file');
  if (next === undefined) return own;
  const below = loadStepFile(resolve(dirname(path), next), cwd, [...above, path]);
  mergeSections(below, own);
  return below;
};

/**
 * Loads the file that a step's section names with `config_file`; the section's own values win.
 * @param base of the pipeline's file
 */
export const loadStepFiles = (config: ConfigSection, known: KnownClass, base: PathBase): void => {
  const steps = config.sections.get('steps');
  for (const alias of Object.keys(stepSections(known))) {
    const section = steps?.sections.get(alias);
    const file = section && take(section, 'config_file');
    if (!section || file === undefined) continue;
    const loaded = loadStepFile(resolve(base.file, file), base.cwd);
    mergeSections(loaded, section);
    mergeSections(section, loaded);
  }
};

/** Directory that relative paths in a .cfg file start from. */
export const directoryOf = (path: string | undefined, cwd: string): string =>
  path === undefined ? cwd : dirname(resolve(cwd, path));

/** Of an option with None for its default, None without quotes takes back what a file says: a .cfg has no word for it. */
const isNone = (spec: ConfigSpec, key: string, text: string): boolean =>
  text === 'None' && parseCheck(checkAt(spec, key) ?? '').default === 'None';

/** Of an option that is one text, what a .cfg file would need quotes for: `1,1,8,8` is no list there. */
const isText = (spec: ConfigSpec, key: string): boolean => /^string\s*(\(|$)/.test(checkAt(spec, key) ?? '');

/**
 * Options of the command line, keys dotted, values read as those of a .cfg file: `a,b` is a list unless the option is one
 * text, quotes go.
 * @throws ConfigError ParseError for a value with unbalanced quotes
 */
export const commandLineConfig = (
  options: Iterable<readonly [key: string, text: string]>,
  spec: ConfigSpec,
): ConfigSection => {
  const config = addSection(undefined, null);
  for (const [key, given] of options) {
    const text = given.trim();
    const scanned = scanValue(text);
    if (!scanned) throw new ConfigError('ParseError', `Parse error in value of --${key}: ${given}`);
    const path = key.split('.');
    const last = path.pop()!;
    let section = config;
    for (const name of path) section = section.sections.get(name) ?? addSection(section, name);
    const { value } = scanned;
    const whole = typeof value !== 'string' && isText(spec, key) ? text : value;
    section.scalars.set(last, isNone(spec, key, text) ? null : whole);
  }
  return config;
};
