import { ConfigError } from '../config/errors.ts';

/** One line of a log. */
export interface LogRecord {
  readonly name: string;
  /** 10 DEBUG, 20 INFO, 30 WARNING, 40 ERROR. */
  readonly levelNumber: number;
  readonly levelName: string;
  readonly message: string;
  readonly time: Date;
}

export const DEFAULT_LOG_FORMAT = '%(asctime)s - %(name)s - %(levelname)s - %(message)s';

const STARTED = Date.now();
const two = (value: number): string => String(value).padStart(2, '0');

/** Local time as Python's logging writes it: `2019-10-04 17:59:48,057`. */
const asctime = (time: Date): string => {
  const date = `${time.getFullYear()}-${two(time.getMonth() + 1)}-${two(time.getDate())}`;
  const clock = [time.getHours(), time.getMinutes(), time.getSeconds()].map(two).join(':');
  return `${date} ${clock},${String(time.getMilliseconds()).padStart(3, '0')}`;
};

/** Attributes of Python's log records that mean something here. */
const ATTRIBUTES: Readonly<Record<string, (record: LogRecord) => string | number>> = {
  asctime: ({ time }) => asctime(time),
  created: ({ time }) => time.getTime() / 1000,
  levelname: ({ levelName }) => levelName,
  levelno: ({ levelNumber }) => levelNumber,
  message: ({ message }) => message,
  msecs: ({ time }) => time.getMilliseconds(),
  name: ({ name }) => name,
  process: () => process.pid,
  processName: () => 'MainProcess',
  relativeCreated: ({ time }) => time.getTime() - STARTED,
  thread: () => 0,
  threadName: () => 'MainThread',
};

const FIELD = /%(?:%|\((\w*)\)([-0+ #]*)(\d*)(?:\.(\d+))?([sdifr]))/g;

const shown = (
  value: string | number,
  flags: string,
  width: string,
  precision: string | undefined,
  type: string,
): string => {
  const digits = precision === undefined ? undefined : Number(precision);
  let text = String(value);
  if (type === 'f') text = Number(value).toFixed(digits ?? 6);
  else if (type === 'd' || type === 'i') text = String(Math.trunc(Number(value)));
  else if (digits !== undefined) text = text.slice(0, digits);
  if (flags.includes('-')) return text.padEnd(Number(width));
  return text.padStart(Number(width), flags.includes('0') && type !== 's' ? '0' : ' ');
};

/**
 * A format of Python's logging as a function: `%(asctime)s %(levelname)-8s %(message)s`.
 * @throws ConfigError VALIDATION for an attribute that means nothing here, such as %(lineno)d
 */
export const parseLogFormat = (format: string): ((record: LogRecord) => string) => {
  const bad = (what: string): never => {
    throw new ConfigError(
      'VALIDATION',
      `Log format '${format}': ${what}; attributes are ${Object.keys(ATTRIBUTES).join(', ')}.`,
    );
  };
  for (const [, name, , , , type = ''] of format.matchAll(FIELD)) {
    if (name === undefined) continue;
    const attribute = ATTRIBUTES[name] ?? bad(`there is no attribute ${name} here`);
    const sample = attribute({ name: '', levelNumber: 0, levelName: '', message: '', time: new Date() });
    if ('dif'.includes(type) && typeof sample === 'string') bad(`%(${name})${type}, but ${name} is a text`);
  }
  if (format.replace(FIELD, '').includes('%')) bad('a % that begins no %(attribute)s');
  return (record) =>
    format.replace(FIELD, (_all, name?: string, flags = '', width = '', precision?: string, type = 's') =>
      name === undefined ? '%' : shown(ATTRIBUTES[name]!(record), flags, width, precision, type),
    );
};
