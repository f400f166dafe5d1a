import { ConfigError } from '../config/errors.ts';
import { type ConfigSpec, specHelp } from '../config/spec.ts';

/**
 * The option that a name on the command line stands for: the name itself, or the only one that begins so.
 * @param given without the leading dashes
 * @param fixed options of the command itself, which share the name space
 * @throws ConfigError VALIDATION in argparse's words for a name that fits none or several
 */
export const matchOption = (spec: ConfigSpec, given: string, fixed: readonly string[] = []): string => {
  const names = [...fixed, ...specHelp(spec).map(({ name }) => name)];
  if (names.includes(given)) return given;
  const candidates = names.filter((name) => name.startsWith(given));
  const [only] = candidates;
  if (only !== undefined && candidates.length === 1) return only;
  throw new ConfigError(
    'VALIDATION',
    candidates.length === 0
      ? `unrecognized arguments: --${given}`
      : `ambiguous option: --${given} could match ${candidates.map((name) => `--${name}`).join(', ')}`,
  );
};
