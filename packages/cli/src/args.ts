import { type ParseArgsConfig, parseArgs } from 'node:util';
import { usageError } from './errors.ts';

type Options = NonNullable<ParseArgsConfig['options']>;

/** Parses a command's arguments; anything unknown is a usage error that shows the command's usage. */
export const parse = <const O extends Options>(args: readonly string[], options: O, usage: string) => {
  try {
    return parseArgs({ args: [...args], options, allowPositionals: true, strict: true });
  } catch (error) {
    throw usageError(`${(error as Error).message}\nusage: drs ${usage}`);
  }
};

/** A number given as text, within bounds. */
export const numberArg = (
  name: string,
  text: string | undefined,
  fallback: number,
  min: number,
  max: number,
): number => {
  if (text === undefined) return fallback;
  const value = Number(text);
  if (text.trim() === '' || !(value >= min && value <= max)) {
    throw usageError(`--${name} ${text}: expected a number from ${min} to ${max}`);
  }
  return value;
};

export const integerArg = (
  name: string,
  text: string | undefined,
  fallback: number,
  min: number,
  max: number,
): number => {
  const value = numberArg(name, text, fallback, min, max);
  if (!Number.isInteger(value)) throw usageError(`--${name} ${text}: expected a whole number`);
  return value;
};
