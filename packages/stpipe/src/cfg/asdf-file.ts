import { createRequire } from 'node:module';
import type { Document } from 'yaml';
import { ConfigError } from '../config/errors.ts';
import { addSection, type ConfigSection, type ConfigValue, emptyConfig } from '../config/section.ts';
import { decodeText } from './text-file.ts';

/** Loaded when a file asks for it: few do, and it takes a tenth of a start. */
const yaml = (): typeof import('yaml') => createRequire(import.meta.url)('yaml');

const MAGIC = '#ASDF';
/** Line that ends the YAML; blocks of bytes may follow. */
const END = /\n\.\.\.(\r?\n|$)/;

export const isAsdf = (bytes: Uint8Array): boolean =>
  Buffer.from(bytes.subarray(0, MAGIC.length)).toString('latin1') === MAGIC;

type Mapping = Readonly<Record<string, unknown>>;

const isMapping = (value: unknown): value is Mapping =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const wrong = (path: string, what: string, cause?: unknown): ConfigError =>
  new ConfigError('ParseError', `Parameter file ${path}: ${what}`, { file: path, cause });

const parameterOf = (value: unknown, path: string, name: string): ConfigValue => {
  if (value === null || ['string', 'number', 'boolean', 'bigint'].includes(typeof value))
    return value as ConfigValue;
  if (Array.isArray(value)) return value.map((item) => parameterOf(item, path, name));
  throw wrong(path, `parameter ${name} is a mapping; expected a value or a list of values.`);
};

const text = (mapping: Mapping, key: string): string | undefined =>
  typeof mapping[key] === 'string' ? mapping[key] : undefined;

/** Parameters of a step into a section; those of its own steps below. */
const enter = (section: ConfigSection, step: Mapping, path: string): void => {
  // Files of version 0.1.0 have class, name and steps among the parameters.
  const { parameters = {} } = step;
  if (!isMapping(parameters)) throw wrong(path, 'parameters is no mapping of names to values.');
  const whole: Mapping = { ...parameters, ...step };
  for (const key of ['name', 'class']) {
    const value = text(whole, key);
    if (value !== undefined) section.scalars.set(key, value);
  }
  for (const [name, value] of Object.entries(parameters)) {
    if (name !== 'steps' && name !== 'class' && name !== 'name')
      section.scalars.set(name, parameterOf(value, path, name));
  }
  const { steps = [] } = whole;
  if (!Array.isArray(steps)) throw wrong(path, 'steps is no list.');
  if (steps.length === 0) return;
  const below = addSection(section, 'steps');
  for (const inner of steps) {
    const name = isMapping(inner)
      ? (text(inner, 'name') ?? (isMapping(inner.parameters) ? text(inner.parameters, 'name') : undefined))
      : undefined;
    if (name === undefined) throw wrong(path, 'an entry of steps has no name.');
    enter(addSection(below, name), inner, path);
  }
};

const documentOf = (source: string, path: string): Document => {
  const document = yaml().parseDocument(source, { logLevel: 'silent' });
  const [error] = document.errors;
  if (error) throw wrong(path, `its YAML cannot be read: ${error.message.split('\n', 1)[0]}`, error);
  return document;
};

/**
 * Reads a parameter file in ASDF, as jwst writes them: class, name, parameters and steps.
 * @throws ConfigError ParseError, UnicodeDecodeError
 */
export const parseAsdf = (bytes: Uint8Array, path: string): ConfigSection => {
  const end = END.exec(Buffer.from(bytes).toString('latin1'))?.index ?? bytes.length;
  const document = documentOf(decodeText(bytes.subarray(0, end), path), path);
  let tree: unknown;
  try {
    tree = document.toJS();
  } catch (error) {
    throw wrong(path, `its YAML cannot be read: ${(error as Error).message}`, error);
  }
  if (!isMapping(tree) || !('parameters' in tree))
    throw wrong(path, 'it holds no parameters; expected class and parameters.');
  const root = emptyConfig();
  enter(root, tree, path);
  return root;
};

const tree = (section: ConfigSection): Record<string, unknown> => {
  const { name, class: className, ...parameters } = Object.fromEntries(section.scalars);
  const steps = [...(section.sections.get('steps')?.sections ?? [])].map(([key, inner]) => ({
    ...tree(inner),
    name: key,
  }));
  return {
    ...(className === undefined || className === '' ? {} : { class: className }),
    ...(name === undefined ? {} : { name }),
    parameters,
    ...(steps.length === 0 ? {} : { steps }),
  };
};

/** A configuration as a parameter file in ASDF. */
export const formatAsdf = (config: ConfigSection): string =>
  `#ASDF 1.0.0
#ASDF_STANDARD 1.5.0
%YAML 1.1
%TAG ! tag:stsci.edu:asdf/
--- !core/asdf-1.1.0
${yaml().stringify(tree(config), { version: '1.1', aliasDuplicateObjects: false })}...
`;
