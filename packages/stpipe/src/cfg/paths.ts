import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { parseCheck } from '../config/check.ts';
import type { ConfigSection } from '../config/section.ts';
import type { ConfigSpec } from '../config/spec.ts';
import { reprOf } from '../config/text.ts';

/** Where relative paths start: those of a .cfg file at that file, those of the command line where the user stands. */
export interface PathBase {
  readonly file: string;
  readonly cwd: string;
}

const FILE_CHECKS = new Set(['input_file', 'output_file']);

const given = (section: ConfigSection | undefined, key: string): boolean =>
  section?.scalars.has(key) ?? false;

/**
 * Makes the values of `input_file` and `output_file` checks absolute, in place.
 * @param commandLine what of the configuration came from there
 * @returns a message for every input that does not exist
 */
export const resolveFiles = (
  config: ConfigSection,
  spec: ConfigSpec,
  commandLine: ConfigSection | undefined,
  base: PathBase,
  path = '',
): string[] => {
  const messages: string[] = [];
  for (const [key, text] of spec.scalars) {
    const check = parseCheck(String(text)).name;
    const value = config.scalars.get(key);
    if (!FILE_CHECKS.has(check) || typeof value !== 'string') continue;
    const full = resolve(given(commandLine, key) ? base.cwd : base.file, value);
    config.scalars.set(key, full);
    if (check === 'input_file' && !existsSync(full)) {
      messages.push(`Config parameter ${reprOf(path + key)}: Path ${reprOf(full)} does not exist`);
    }
  }
  for (const [key, inner] of spec.sections) {
    const section = config.sections.get(key);
    if (!section) continue;
    messages.push(...resolveFiles(section, inner, commandLine?.sections.get(key), base, `${path}${key}/`));
  }
  return messages;
};

/**
 * The file that an `override_<type>` names, or N/A; undefined when it names none. stpipe looks where the user
 * stands, whatever the origin; a file beside the .cfg that names it is found as well.
 */
export const overridePath = (text: string, fromCommandLine: boolean, base: PathBase): string | undefined => {
  const value = text.trim();
  if (value === '' || value === 'None') return undefined;
  if (value.toUpperCase() === 'N/A') return 'N/A';
  const here = resolve(base.cwd, value);
  const beside = resolve(base.file, value);
  return !fromCommandLine && !existsSync(here) && existsSync(beside) ? beside : here;
};
