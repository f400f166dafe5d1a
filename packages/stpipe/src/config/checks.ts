import type { Check } from './check.ts';
import { ConfigError } from './errors.ts';
import type { ConfigValue } from './section.ts';
import { floatText, reprOf, strip } from './text.ts';

/** What a check says of a value: the typed value, or what is wrong in the words that users know. */
export type Outcome = { readonly value: ConfigValue } | { readonly problem: string };

/** A check that a caller adds to those of ConfigObj, as stpipe does for files. */
export type ExtraCheck = (value: ConfigValue) => Outcome;

/** Python's `str` of a value. */
const shown = (value: ConfigValue): string => {
  const inner = (item: ConfigValue): string => (typeof item === 'string' ? reprOf(item) : shown(item));
  if (typeof value === 'string') return value;
  if (value === null) return 'None';
  if (typeof value === 'boolean') return value ? 'True' : 'False';
  return isList(value) ? `[${value.map(inner).join(', ')}]` : String(value);
};

const isList = (value: ConfigValue): value is readonly ConfigValue[] => Array.isArray(value);

/** The complaint about a value that is not even of the right kind. */
export const wrongType = (value: ConfigValue): Outcome => ({
  problem: `the value "${shown(value)}" is of the wrong type.`,
});
const unacceptable = (value: ConfigValue): Outcome => ({
  problem: `the value "${shown(value)}" is unacceptable.`,
});

const INTEGER = /^[+-]?\d+(_\d+)*$/;
const FLOAT = /^[+-]?(\d+(_\d+)*\.?(\d+(_\d+)*)?|\.\d+(_\d+)*)(e[+-]?\d+(_\d+)*)?$/i;
const NOT_FINITE = /^[+-]?(inf|infinity|nan)$/i;

const toInteger = (value: ConfigValue): number | bigint | undefined => {
  if (typeof value === 'boolean') return value ? 1 : 0;
  if (typeof value === 'bigint' || (typeof value === 'number' && Number.isInteger(value))) return value;
  if (typeof value !== 'string') return undefined;
  const text = strip(value);
  if (!INTEGER.test(text)) return undefined;
  const exact = BigInt(text.replace(/[+_]/g, ''));
  const near = Number(exact);
  return Number.isSafeInteger(near) ? near : exact;
};

const toFloat = (value: ConfigValue): number | undefined => {
  if (typeof value === 'boolean' || typeof value === 'bigint') return Number(value);
  if (typeof value === 'number') return value;
  if (typeof value !== 'string') return undefined;
  const text = strip(value);
  if (FLOAT.test(text)) return Number(text.replaceAll('_', ''));
  if (!NOT_FINITE.test(text)) return undefined;
  if (/nan/i.test(text)) return Number.NaN;
  return text.startsWith('-') ? Number.NEGATIVE_INFINITY : Number.POSITIVE_INFINITY;
};

type Convert = (value: ConfigValue) => number | bigint | undefined;

/** The two bounds of a check, by position or by name. */
const bounds = (check: Check, convert: Convert): (number | bigint | undefined)[] =>
  ['min', 'max'].map((name, index) => {
    const text = check.named.get(name) ?? check.args[index];
    if (text === undefined || text === 'None') return undefined;
    const bound = convert(text);
    if (bound !== undefined) return bound;
    throw new ConfigError('SpecError', `passed an incorrect value "${shown(text)}" for parameter "${name}".`);
  });

const inBounds = (check: Check, value: number | bigint, convert: Convert, show: string): Outcome => {
  const [min, max] = bounds(check, convert);
  if (min !== undefined && value < min) return { problem: `the value "${show}" is too small.` };
  if (max !== undefined && value > max) return { problem: `the value "${show}" is too big.` };
  return { value };
};

const ofLength = (check: Check, value: ConfigValue, length: number): Outcome => {
  const [min, max] = bounds(check, toInteger);
  if (min !== undefined && length < min) return { problem: `the value "${shown(value)}" is too short.` };
  if (max !== undefined && length > max) return { problem: `the value "${shown(value)}" is too long.` };
  return { value };
};

const integer = (check: Check, value: ConfigValue): Outcome => {
  const number = toInteger(value);
  return number === undefined ? wrongType(value) : inBounds(check, number, toInteger, String(number));
};

const float = (check: Check, value: ConfigValue): Outcome => {
  const number = toFloat(value);
  return number === undefined ? wrongType(value) : inBounds(check, number, toFloat, floatText(number));
};

const BOOLEANS = new Map([
  ...['true', 'on', '1', 'yes'].map((word) => [word, true] as const),
  ...['false', 'off', '0', 'no'].map((word) => [word, false] as const),
]);

const boolean = (_check: Check, value: ConfigValue): Outcome => {
  const found =
    typeof value === 'string'
      ? BOOLEANS.get(value.toLowerCase())
      : value === true || value === 1
        ? true
        : value === false || value === 0
          ? false
          : undefined;
  return found === undefined ? wrongType(value) : { value: found };
};

const string = (check: Check, value: ConfigValue): Outcome =>
  typeof value === 'string' ? ofLength(check, value, [...value].length) : wrongType(value);

/** As C's inet_aton: one to four numbers, the last filling the bytes that are left; decimal, 0 octal or 0x. */
const isAddress = (text: string): boolean => {
  const parts = strip(text).split('.');
  if (parts.length > 4 || !parts.every((part) => /^(0x[0-9a-f]+|0[0-7]*|[1-9]\d*)$/i.test(part)))
    return false;
  const values = parts.map((part) => (/^0\d/.test(part) ? Number.parseInt(part, 8) : Number(part)));
  const last = values.pop()!;
  return values.every((value) => value < 256) && last < 256 ** (5 - parts.length);
};

const address = (_check: Check, value: ConfigValue): Outcome => {
  if (typeof value !== 'string') return wrongType(value);
  return isAddress(value) ? { value: strip(value) } : unacceptable(value);
};

const list = (check: Check, value: ConfigValue): Outcome =>
  isList(value) ? ofLength(check, value, value.length) : wrongType(value);

type Apply = (check: Check, value: ConfigValue) => Outcome;

const NO_BOUNDS: Check = { name: '', args: [], named: new Map(), default: undefined };

const allOf = (
  items: readonly ConfigValue[],
  apply: (item: ConfigValue, index: number) => Outcome,
): Outcome => {
  const values: ConfigValue[] = [];
  for (const [index, item] of items.entries()) {
    const outcome = apply(item, index);
    if ('problem' in outcome) return outcome;
    values.push(outcome.value);
  }
  return { value: values };
};

const listOf =
  (item: Apply): Apply =>
  (check, value) => {
    const outcome = list(check, value);
    if ('problem' in outcome || !isList(outcome.value)) return outcome;
    return allOf(outcome.value, (one) => item(NO_BOUNDS, one));
  };

const MEMBERS: Readonly<Record<string, Apply>> = { integer, float, ip_addr: address, string, boolean };

const mixedList = (check: Check, value: ConfigValue): Outcome => {
  const items = typeof value === 'string' ? [...value] : value;
  if (!isList(items)) return wrongType(value);
  if (items.length < check.args.length) return { problem: `the value "${shown(value)}" is too short.` };
  if (items.length > check.args.length) return { problem: `the value "${shown(value)}" is too long.` };
  return allOf(items, (item, index) => {
    const member = MEMBERS[check.args[index]!];
    if (member) return member(NO_BOUNDS, item);
    throw new ConfigError(
      'SpecError',
      `passed an incorrect value "${check.args[index]}" for parameter "mixed_list".`,
    );
  });
};

const option = (check: Check, value: ConfigValue): Outcome => {
  if (typeof value !== 'string') return wrongType(value);
  return check.args.includes(value) ? { value } : unacceptable(value);
};

const pass = (_check: Check, value: ConfigValue): Outcome => ({ value });

const CHECKS: ReadonlyMap<string, Apply> = new Map<string, Apply>([
  ['', pass],
  ['pass', pass],
  ['integer', integer],
  ['float', float],
  ['boolean', boolean],
  ['string', string],
  ['ip_addr', address],
  ['option', option],
  ['list', list],
  ['tuple', list],
  ['force_list', (check, value) => list(check, isList(value) ? value : [value])],
  ['int_list', listOf(integer)],
  ['float_list', listOf(float)],
  ['bool_list', listOf(boolean)],
  ['string_list', listOf(string)],
  ['ip_addr_list', listOf(address)],
  ['mixed_list', mixedList],
]);

/**
 * Applies a check to a value; `undefined` stands for a value that was not given, for which the default is taken.
 * @returns the typed value, what is wrong with it, or undefined when there is neither value nor default
 * @throws ConfigError SpecError when the check itself is wrong
 */
export const applyCheck = (
  check: Check,
  given: ConfigValue | undefined,
  extra: ReadonlyMap<string, ExtraCheck> = new Map(),
): Outcome | undefined => {
  let value = given;
  if (value === undefined) {
    if (check.default === undefined) return undefined;
    if (check.default === 'None') return { value: null };
    value = check.default === "'None'" || check.default === '"None"' ? 'None' : check.default;
  }
  if (value === null) return { value };
  const own = extra.get(check.name);
  if (own) return own(value);
  const apply = CHECKS.get(check.name);
  return apply ? apply(check, value) : { problem: `the check "${check.name}" is unknown.` };
};
