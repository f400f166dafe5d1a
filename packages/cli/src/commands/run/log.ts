import { appendFileSync } from 'node:fs';
import type { LogLevel, RunLog, RunProgress } from '@iris-drs/pipelines';
import { usageError } from '../../errors.ts';

const LEVELS: readonly LogLevel[] = ['DEBUG', 'INFO', 'WARNING', 'ERROR'];

const two = (value: number): string => String(value).padStart(2, '0');

/** Local time as Python's logging writes it: `2019-10-04 17:59:48,057`. */
const asctime = (time: Date): string => {
  const date = `${time.getFullYear()}-${two(time.getMonth() + 1)}-${two(time.getDate())}`;
  const clock = [time.getHours(), time.getMinutes(), time.getSeconds()].map(two).join(':');
  return `${date} ${clock},${String(time.getMilliseconds()).padStart(3, '0')}`;
};

export interface LogSettings {
  readonly verbose: boolean;
  readonly level: string | undefined;
  readonly file: string | undefined;
  readonly stream: string | undefined;
}

export interface RunOutput {
  readonly log: RunLog;
  progress(progress: RunProgress): void;
  /** Takes the progress line away. */
  end(): void;
}

const levelOf = ({ verbose, level = 'INFO' }: LogSettings): number => {
  const found = LEVELS.indexOf(level.toUpperCase() as LogLevel);
  if (found < 0) throw usageError(`--log-level ${level}: expected ${LEVELS.join(', ')}`);
  return verbose ? 0 : found;
};

const streamOf = ({ stream = 'stderr' }: LogSettings): NodeJS.WriteStream | undefined => {
  if (stream === 'stderr') return process.stderr;
  if (stream === 'stdout') return process.stdout;
  if (stream === 'null') return undefined;
  throw usageError(`--log-stream ${stream}: expected stdout, stderr or null`);
};

/** Longest progress line: wider ones would wrap and stay. */
const short = (text: string, columns: number): string =>
  text.length < columns ? text : `${text.slice(0, Math.max(columns - 2, 1))}…`;

/**
 * stpipe's log lines: `2019-10-04 17:59:48,057 - stpipe.Image2Pipeline - INFO - …`. On a terminal the last line is
 * written over with how far the run is.
 */
export const runOutput = (settings: LogSettings): RunOutput => {
  const lowest = levelOf(settings);
  const stream = streamOf(settings);
  const terminal = stream?.isTTY === true;
  let status = '';
  const erase = (): void => {
    if (terminal && status !== '') stream.write('\r\u001b[K');
  };
  return {
    log(name, level, message) {
      if (LEVELS.indexOf(level) < lowest) return;
      const line = `${asctime(new Date())} - ${name} - ${level} - ${message}\n`;
      erase();
      stream?.write(line);
      if (terminal) stream.write(status);
      if (settings.file !== undefined) appendFileSync(settings.file, line);
    },
    progress({ done, total, what }) {
      if (!terminal) return;
      erase();
      status = short(`drs: step ${done} of ${total}, ${what}`, stream.columns || 80);
      stream.write(status);
    },
    end() {
      erase();
      status = '';
    },
  };
};
