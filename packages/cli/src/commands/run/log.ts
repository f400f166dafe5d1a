import { appendFileSync, existsSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { LogLevel, RunLog, RunProgress } from '@iris-drs/pipelines';
import {
  DEFAULT_LOG_FORMAT,
  type LogHandler,
  type LogRecord,
  type LogRule,
  loadLogConfig,
  logLevel,
  parseLogFormat,
} from '@iris-drs/stpipe';
import { CliError, usageError } from '../../errors.ts';

const NUMBERS: Readonly<Record<LogLevel, number>> = { DEBUG: 10, INFO: 20, WARNING: 30, ERROR: 40 };

export interface LogSettings {
  readonly verbose: boolean;
  readonly level: string | undefined;
  readonly file: string | undefined;
  readonly stream: string | undefined;
  /** File of a log configuration. */
  readonly config: string | undefined;
  readonly cwd: string;
  readonly home: string;
}

export interface RunOutput {
  readonly log: RunLog;
  progress(progress: RunProgress): void;
  /** Takes the progress line away. */
  end(): void;
}

/** Where stpipe looks for a log configuration that nobody names. */
const searched = ({ cwd, home }: LogSettings): string[] => [
  join(cwd, 'stpipe-log.cfg'),
  join(home, '.stpipe-log.cfg'),
  join(home, 'stpipe-log.cfg'),
  '/etc/stpipe-log.cfg',
];

const ruleOf = ({ verbose, level = 'INFO', stream = 'stderr', file }: LogSettings): LogRule => {
  const lowest = logLevel(level);
  if (lowest === undefined) throw usageError(`--log-level ${level}: expected DEBUG, INFO, WARNING or ERROR`);
  if (stream !== 'stderr' && stream !== 'stdout' && stream !== 'null')
    throw usageError(`--log-stream ${stream}: expected stdout, stderr or null`);
  return {
    handlers: [
      { kind: stream },
      ...(file === undefined ? [] : [{ kind: 'file', path: file, append: true } as const]),
    ],
    level: verbose ? 0 : lowest,
    breakLevel: Number.POSITIVE_INFINITY,
    format: DEFAULT_LOG_FORMAT,
    matches: () => true,
  };
};

/** What the command line says, else the configuration that it names, else the first that lies where stpipe looks. */
const rulesOf = (settings: LogSettings): readonly LogRule[] => {
  const { verbose, level, file, stream, config, cwd } = settings;
  if (verbose || level !== undefined || file !== undefined || stream !== undefined) return [ruleOf(settings)];
  const found = config === undefined ? searched(settings).find(existsSync) : resolve(cwd, config);
  return found === undefined ? [ruleOf(settings)] : loadLogConfig(found);
};

/** Longest progress line: wider ones would wrap and stay. */
const short = (text: string, columns: number): string =>
  text.length < columns ? text : `${text.slice(0, Math.max(columns - 2, 1))}…`;

/**
 * stpipe's log lines, `2019-10-04 17:59:48,057 - stpipe.Image2Pipeline - INFO - …`, to where the command line or a log
 * configuration says. On a terminal the last line is written over with how far the run is.
 *
 * @throws CliError, ConfigError for settings that say nothing sensible
 */
export const runOutput = (settings: LogSettings): RunOutput => {
  const rules = rulesOf(settings).map((rule) => ({ ...rule, text: parseLogFormat(rule.format) }));
  const fresh = new Set<string>();
  const plain = settings.stream === 'null' || process.env.TERM === 'dumb';
  const screen = process.stderr.isTTY && !plain ? process.stderr : undefined;
  let status = '';
  const erase = (): void => {
    if (status !== '') screen?.write('\r\u001b[K');
  };
  const put = (handler: LogHandler, line: string): void => {
    if (handler.kind === 'file') {
      const path = resolve(settings.cwd, handler.path);
      if (handler.append || fresh.has(path)) appendFileSync(path, line);
      else writeFileSync(path, line);
      fresh.add(path);
    } else if (handler.kind !== 'null') {
      erase();
      process[handler.kind].write(line);
      screen?.write(status);
    }
  };
  return {
    log(name, levelName, message) {
      const levelNumber = NUMBERS[levelName];
      const record: LogRecord = { name, levelNumber, levelName, message, time: new Date() };
      for (const { handlers, level, matches, text } of rules) {
        if (levelNumber < level || !matches(name)) continue;
        const line = `${text(record)}\n`;
        for (const handler of handlers) put(handler, line);
      }
      const broken = rules.some(({ breakLevel, matches }) => levelNumber >= breakLevel && matches(name));
      if (broken) throw new CliError(1, `${message} (the log configuration ends the run at ${levelName})`);
    },
    progress({ done, total, what }) {
      if (!screen) return;
      erase();
      status = short(`drs: step ${done + 1} of ${Math.max(total, done + 1)}, ${what}`, screen.columns || 80);
      screen.write(status);
    },
    end() {
      erase();
      status = '';
    },
  };
};
