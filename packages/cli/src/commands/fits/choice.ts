import { usageError } from '../../errors.ts';

/** One of a few words. */
export const choiceArg = <const T extends string>(
  name: string,
  text: string | undefined,
  choices: readonly T[],
  fallback: T,
): T => {
  if (text === undefined) return fallback;
  const found = choices.find((choice) => choice === text);
  if (found === undefined) throw usageError(`--${name} ${text}: expected ${choices.join(', ')}`);
  return found;
};
