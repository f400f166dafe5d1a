import { type ExtraCheck, wrongType } from '../config/checks.ts';
import { ConfigError } from '../config/errors.ts';
import { parseConfig } from '../config/parse.ts';
import { emptyConfig } from '../config/section.ts';
import { nestSpec, parseSpec } from '../config/spec.ts';
import { reprOf } from '../config/text.ts';
import { validateConfig } from '../config/validate.ts';
import { DEFAULT_LOG_FORMAT, parseLogFormat } from './log-format.ts';
import { bytesOfFile, decodeText } from './text-file.ts';

/** Where lines go. */
export type LogHandler =
  | { readonly kind: 'stdout' | 'stderr' | 'null' }
  | { readonly kind: 'file'; readonly path: string; readonly append: boolean };

/** One section of a log configuration. */
export interface LogRule {
  readonly handlers: readonly LogHandler[];
  /** Lines below it are not shown: 10 DEBUG, 20 INFO, 30 WARNING, 40 ERROR, 50 CRITICAL. */
  readonly level: number;
  /** A line from here on ends the run; infinite when none does. */
  readonly breakLevel: number;
  readonly format: string;
  /** Whether the lines of a logger are its business: its pattern fits the logger, or one above it. */
  matches(logger: string): boolean;
}

const LEVELS: Readonly<Record<string, number>> = {
  NOTSET: 0,
  DEBUG: 10,
  INFO: 20,
  WARN: 30,
  WARNING: 30,
  ERROR: 40,
  FATAL: 50,
  CRITICAL: 50,
};

/** The number of a level of Python's logging, or of a text that is one; undefined for others. */
export const logLevel = (text: string): number | undefined => {
  const word = text.trim();
  return /^\d+$/.test(word) ? Number(word) : LEVELS[word.toUpperCase()];
};

const level: ExtraCheck = (value) => {
  const found = typeof value === 'string' ? logLevel(value) : undefined;
  return found === undefined ? wrongType(value) : { value: found };
};

const SPEC = parseSpec(`
handler     = force_list(default=list('stderr'))  # file:PATH, append:PATH, stdout, stderr or null; several as a list
level       = level(default='INFO')               # Lowest level that is shown
break_level = level(default='NOTSET')             # Level from which a line ends the run
format      = string(default='${DEFAULT_LOG_FORMAT}')
`);

/** Python's fnmatch: `*`, `?`, `[seq]`, `[!seq]`, on the whole text and its case. */
const patternOf = (glob: string): RegExp => {
  const parts = glob.replace(
    /\[(!?)(\]?[^\]]*)\]|[*?]|[\\^$.*+?()[\]{}|/]/g,
    (found, not?: string, set?: string) => {
      if (found === '*') return '.*';
      if (found === '?') return '.';
      if (set === undefined || set === '') return `\\${found}`;
      const inner = set.replace(/[\\\]^[]/g, '\\$&');
      return `[${not === '!' ? '^' : ''}${inner}]`;
    },
  );
  try {
    return new RegExp(`^${parts.replace(/(?:\.\*){2,}/g, '.*')}$`, 's');
  } catch (cause) {
    throw new ConfigError('VALIDATION', `Log configuration: '${glob}' is no pattern of logger names.`, {
      cause,
    });
  }
};

const ROOT = 'stpipe';

/** The logger and all above it, with and without the root that all of them share. */
const namesOf = (logger: string): string[] => {
  const parts = logger.split('.');
  return parts.flatMap((_, i) => {
    const name = parts.slice(0, i + 1).join('.');
    return name === ROOT || name.startsWith(`${ROOT}.`) ? [name, name.slice(ROOT.length + 1)] : [name];
  });
};

const handlerOf = (text: string, where: string): LogHandler => {
  const word = text.trim();
  const [, kind, path = ''] = /^(file|append):(.*)$/s.exec(word) ?? [];
  if (kind !== undefined && path.trim() !== '')
    return { kind: 'file', path: path.trim(), append: kind === 'append' };
  if (word === 'stdout' || word === 'stderr' || word === 'null') return { kind: word };
  throw new ConfigError(
    'VALIDATION',
    `Config parameter ${reprOf(`${where}/handler`)}: can't parse handler ${reprOf(word)}; expected file:PATH, ` +
      'append:PATH, stdout, stderr or null. Handlers of Python cannot be used.',
  );
};

const EVERY = new Set(['', '.', 'root']);

/**
 * Reads a log configuration of stpipe: a section for each pattern of logger names, `[*]` for all.
 * @throws ConfigError as `parseConfig`; VALIDATION for unknown keys, levels, handlers and formats
 */
export const parseLogConfig = (text: string): LogRule[] => {
  const { root } = parseConfig(text);
  const spec = emptyConfig();
  for (const name of root.sections.keys()) nestSpec(spec, name, SPEC);
  const { config, messages } = validateConfig(root, spec, new Map([['level', level]]));
  const said = [
    ...messages,
    ...(root.sections.size === 0 ? ['it has no section; expected [*] with handler and level'] : []),
  ];
  if (said.length > 0) throw new ConfigError('VALIDATION', said.join('\n'));
  return [...config.sections].map(([name, { scalars }]) => {
    const pattern = patternOf(EVERY.has(name) ? '*' : name);
    const handlers = (scalars.get('handler') as readonly string[]).flatMap((entry) => entry.split(','));
    const breakLevel = Number(scalars.get('break_level'));
    const format = String(scalars.get('format'));
    parseLogFormat(format);
    return {
      handlers: handlers.filter((entry) => entry.trim() !== '').map((entry) => handlerOf(entry, name)),
      level: Number(scalars.get('level')),
      breakLevel: breakLevel === 0 ? Number.POSITIVE_INFINITY : breakLevel,
      format,
      matches: (logger) => namesOf(logger).some((one) => pattern.test(one)),
    };
  });
};

/** Reads a log configuration from a file. @throws ConfigError NOT_FOUND, or as `parseLogConfig`, naming the file */
export const loadLogConfig = (path: string): LogRule[] => {
  const text = decodeText(bytesOfFile(path), path);
  try {
    return parseLogConfig(text);
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    throw new ConfigError(error.code, `Log configuration ${path}: ${error.message}`, {
      file: path,
      cause: error,
    });
  }
};
