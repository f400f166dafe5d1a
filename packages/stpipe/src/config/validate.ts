import { parseCheck } from './check.ts';
import { applyCheck, type ExtraCheck, type Outcome } from './checks.ts';
import { ConfigError } from './errors.ts';
import { addSection, type ConfigSection, type ConfigValue } from './section.ts';
import type { ConfigSpec } from './spec.ts';
import { reprOf } from './text.ts';

/** Of one entry: fine, missing, or what is wrong; of a section, that of each entry that is not fine. */
type Result = true | false | { readonly problem: string } | Map<string, Result>;

const typeName = (value: ConfigValue): string => {
  if (value === null) return 'NoneType';
  if (typeof value === 'string') return 'str';
  if (typeof value === 'boolean') return 'bool';
  if (Array.isArray(value)) return 'list';
  return typeof value === 'bigint' || Number.isInteger(value) ? 'int' : 'float';
};

/** Values of one section under its spec, one after the other. Typed values and defaults are put into `section`. */
class SectionCheck {
  readonly results = new Map<string, Result>();
  readonly extra: string[] = [];
  readonly #section: ConfigSection;
  readonly #spec: ConfigSpec;
  readonly #checks: ReadonlyMap<string, ExtraCheck>;

  constructor(section: ConfigSection, spec: ConfigSpec, checks: ReadonlyMap<string, ExtraCheck>) {
    this.#section = section;
    this.#spec = spec;
    this.#checks = checks;
  }

  scalars(): void {
    const { scalars, sections } = this.#section;
    for (const key of scalars.keys()) {
      if (!this.#spec.scalars.has(key) && !this.#spec.sections.has(key)) this.extra.push(key);
    }
    for (const [key, text] of this.#spec.scalars) {
      const outcome = applyCheck(parseCheck(String(text)), scalars.get(key), this.#checks);
      if (sections.has(key)) this.#sectionForValue(key, outcome);
      else if (!outcome) this.results.set(key, false);
      else if ('problem' in outcome) this.results.set(key, outcome);
      else {
        this.results.set(key, true);
        scalars.set(key, outcome.value);
      }
    }
    for (const key of this.#spec.sections.keys()) {
      if (!scalars.has(key)) continue;
      this.results.set(key, { problem: `Section ${reprOf(key)} was provided as a single value` });
    }
  }

  /** ConfigObj puts the default where the section was and then stumbles over it. */
  #sectionForValue(key: string, outcome: Outcome | undefined): void {
    if (outcome && 'value' in outcome) {
      const type = typeName(outcome.value);
      throw new ConfigError('AttributeError', `'${type}' object has no attribute 'configspec'`);
    }
    this.results.set(key, { problem: `Value ${reprOf(key)} was provided as a section` });
  }
}

interface Extra {
  readonly path: readonly string[];
  readonly name: string;
}

/** @param created the section was not in the file */
const validateSection = (
  section: ConfigSection,
  spec: ConfigSpec,
  checks: ReadonlyMap<string, ExtraCheck>,
  path: readonly string[],
  created: boolean,
): { result: Result; extra: Extra[] } => {
  const made = new Set<string>();
  for (const key of spec.sections.keys()) {
    if (section.sections.has(key) || section.scalars.has(key)) continue;
    addSection(section, key);
    made.add(key);
  }
  const check = new SectionCheck(section, spec, checks);
  check.scalars();
  const extra: Extra[] = check.extra.map((name) => ({ path, name }));
  const below: Extra[] = [];
  for (const [key, inner] of section.sections) {
    if (path.length === 0 && key === 'DEFAULT') continue;
    const innerSpec = spec.sections.get(key);
    if (!innerSpec) {
      extra.push({ path, name: key });
      continue;
    }
    const one = validateSection(inner, innerSpec, checks, [...path, key], made.has(key));
    check.results.set(key, one.result);
    for (const each of one.extra) below.push(each);
  }
  const results = [...check.results.values()];
  const result = results.every((one) => one === true)
    ? true
    : created && results.every((one) => one === false)
      ? false
      : check.results;
  return { result, extra: [...extra, ...below] };
};

interface Failure {
  readonly path: readonly string[];
  /** Undefined when a section is missing or is none. */
  readonly key: string | undefined;
  readonly problem: string;
}

const problemOf = (result: false | { problem: string }): string =>
  result === false ? 'missing' : result.problem;

const failuresOf = (section: ConfigSection, result: Result, path: readonly string[]): Failure[] => {
  if (result === true) return [];
  if (!(result instanceof Map)) return [{ path, key: undefined, problem: problemOf(result) }];
  return [...result].flatMap(([key, one]): Failure[] => {
    if (one === true) return [];
    const inner = section.sections.get(key);
    if (inner) return failuresOf(inner, one, [...path, key]);
    return one instanceof Map ? [] : [{ path, key, problem: problemOf(one) }];
  });
};

const byText = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

const inOrder = (a: Failure, b: Failure): number => {
  for (let at = 0; at < Math.min(a.path.length, b.path.length); at++) {
    const order = byText(a.path[at]!, b.path[at]!);
    if (order !== 0) return order;
  }
  return a.path.length - b.path.length || byText(a.key ?? '', b.key ?? '');
};

const copyOf = (section: ConfigSection, parent?: ConfigSection): ConfigSection => {
  const copy = addSection(parent, section.name, parent?.comments.get(section.name ?? ''));
  for (const [key, value] of section.scalars) copy.scalars.set(key, value);
  for (const [key, comments] of section.comments) copy.comments.set(key, comments);
  for (const inner of section.sections.values()) copyOf(inner, copy);
  return copy;
};

/** Typed values of a configuration, and every complaint about it in stpipe's words. */
export interface Validated {
  readonly config: ConfigSection;
  /** "Config parameter 'steps/x/y': the value …", then of the keys that the spec lacks the first. */
  readonly messages: readonly string[];
}

/**
 * Applies a spec to a configuration: checks and converts every value, fills in defaults, finds keys and sections
 * that the spec lacks. The configuration itself is left alone.
 * @param checks checks beside those of ConfigObj
 * @throws ConfigError SpecError for a spec that is wrong; AttributeError, as ConfigObj, for a section in place of a
 *   value with a default
 */
export const validateConfig = (
  config: ConfigSection,
  spec: ConfigSpec,
  checks: ReadonlyMap<string, ExtraCheck> = new Map(),
): Validated => {
  const copy = copyOf(config);
  const { result, extra } = validateSection(copy, spec, checks, [], false);
  const messages = failuresOf(copy, result, [])
    .sort(inOrder)
    .map(({ path, key, problem }) => {
      const name = [...path, key ?? '[missing section]'].join('/');
      return `Config parameter ${reprOf(name)}: ${problem}`;
    });
  const [first] = extra;
  if (first) messages.push(`Extra value ${reprOf(first.name)} in ${first.path.join('/') || 'root'}`);
  return { config: copy, messages };
};
