import { ConfigError } from './errors.ts';
import { addSection, type ConfigSection, type ConfigValue } from './section.ts';

/** Names that one value may lead through, and substitutions and characters in all: hostile files double at each. */
const MAX_DEPTH = 900;
const MAX_SUBSTITUTIONS = 100_000;
const MAX_CHARACTERS = 20_000_000;

interface Budget {
  substitutions: number;
  characters: number;
}

const pythonType = (value: ConfigValue): string => (Array.isArray(value) ? 'list' : 'str');

/**
 * The value that a name stands for, seen from a section: its own, then that of its DEFAULT, then the parent's.
 * Also the section in which it was found, which is the one above a DEFAULT.
 */
const lookUp = (key: string, from: ConfigSection): { value: ConfigValue; section: ConfigSection } => {
  for (let section: ConfigSection | undefined = from; section; section = section.parent) {
    let value = section.scalars.get(key);
    if (value === undefined) {
      const scalar = section.scalars.get('DEFAULT');
      if (scalar !== undefined) {
        const type = pythonType(scalar);
        throw new ConfigError('AttributeError', `'${type}' object has no attribute 'get'`);
      }
      value = section.sections.get('DEFAULT')?.scalars.get(key);
    }
    if (value !== undefined) return { value, section };
  }
  throw new ConfigError('MissingInterpolationOption', `missing option "${key}" in interpolation.`);
};

const spend = (budget: Budget, characters: number): void => {
  budget.substitutions++;
  budget.characters += characters;
  if (budget.substitutions > MAX_SUBSTITUTIONS || budget.characters > MAX_CHARACTERS) {
    throw new ConfigError(
      'RecursionError',
      `Interpolation takes more than ${MAX_SUBSTITUTIONS} substitutions or ${MAX_CHARACTERS} characters.`,
    );
  }
};

/** Replaces every %(name)s. `trail` holds the names being replaced, with the section each was found in. */
const expand = (
  key: string,
  text: ConfigValue,
  found: ConfigSection,
  from: ConfigSection,
  trail: Set<string>,
  budget: Budget,
): string => {
  const mark = JSON.stringify([key, found.name]);
  if (trail.has(mark)) {
    throw new ConfigError('InterpolationLoopError', `interpolation loop detected in value "${key}".`);
  }
  if (trail.size >= MAX_DEPTH) throw new ConfigError('RecursionError', 'maximum recursion depth exceeded');
  if (typeof text !== 'string') {
    throw new ConfigError('TypeError', `expected string or bytes-like object, got '${pythonType(text)}'`);
  }
  trail.add(mark);
  let result = '';
  let done = 0;
  let close = -1;
  for (let open = text.indexOf('%('); open >= 0; open = text.indexOf('%(', open + 1)) {
    if (close < open) close = text.indexOf(')', open);
    if (close < 0) break;
    if (text[close + 1] !== 's') continue;
    const name = text.slice(open + 2, close);
    const { value, section } = lookUp(name, from);
    const replacement = expand(name, value, section, from, trail, budget);
    spend(budget, replacement.length);
    result += text.slice(done, open) + replacement;
    done = close + 2;
    open = close + 1;
  }
  trail.delete(mark);
  return result + text.slice(done);
};

const interpolateInto = (into: ConfigSection, from: ConfigSection, budget: Budget): void => {
  for (const [key, value] of from.scalars) {
    const one = (text: ConfigValue): ConfigValue =>
      typeof text === 'string' && text.includes('%')
        ? expand(key, text, from, from, new Set(), budget)
        : text;
    into.scalars.set(key, Array.isArray(value) ? value.map(one) : one(value));
  }
  for (const [key, comments] of from.comments) into.comments.set(key, comments);
  for (const [key, section] of from.sections) interpolateInto(addSection(into, key), section, budget);
};

/**
 * A copy in which every `%(name)s` is replaced by the value of that name: from the section itself, its DEFAULT,
 * then the sections around it. `%%` stays as it is.
 * @throws ConfigError MissingInterpolationOption, InterpolationLoopError, RecursionError, TypeError, AttributeError
 */
export const interpolate = (root: ConfigSection): ConfigSection => {
  const copy = addSection(undefined, root.name);
  interpolateInto(copy, root, { substitutions: 0, characters: 0 });
  return copy;
};
