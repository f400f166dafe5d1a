import { splitWords, stringRepr, strip } from './python/text.ts';

/** A date that CRDS cannot read; the message is Python's. */
export class DateError extends Error {
  override name = 'DateError';
}

const fail = (message: string): never => {
  throw new DateError(message);
};

const toInt = (text: string): number => {
  const bare = strip(text);
  if (!/^[+-]?\d{1,15}$/.test(bare)) fail(`invalid literal for int() with base 10: ${stringRepr(text)}`);
  return Number(bare);
};

const toFloat = (text: string): number => {
  const bare = strip(text);
  if (!/^[+-]?(?:\d{1,15}(?:\.\d{0,15})?|\.\d{1,15})$/.test(bare)) {
    fail(`could not convert string to float: ${stringRepr(text)}`);
  }
  return Number(bare);
};

const MONTHS = ['JAN', 'FEB', 'MAR', 'APR', 'MAY', 'JUN', 'JUL', 'AUG', 'SEP', 'OCT', 'NOV', 'DEC'];

interface Time {
  readonly hour: number;
  readonly minute: number;
  readonly second: number;
  readonly microsecond: number;
}

const parseTime = (text: string): Time => {
  let time = strip(text);
  const half = time.slice(-2).toUpperCase();
  const meridian = half === 'AM' || half === 'PM' ? half : undefined;
  if (meridian) time = time.slice(0, -2);
  const parts = time.split(':');
  if (parts.length < 2) fail(`not enough values to unpack (expected 4, got ${parts.length})`);
  if (parts.length > 4) fail('too many values to unpack (expected 4)');
  const [hourText = '', minuteText = '', secondText = '00'] = parts;
  let hour = toInt(hourText);
  const minute = toInt(minuteText);
  const exact = toFloat(secondText);
  const second = Math.trunc(exact);
  if (meridian === 'PM' && hour < 12) hour += 12;
  if (meridian === 'AM' && hour === 12) hour -= 12;
  return { hour, minute, second, microsecond: Math.trunc((exact - second) * 1e6) };
};

const pad = (value: number, width = 2): string => String(value).padStart(width, '0');

const format = (year: number, month: number, day: number, time: Time): string => {
  if (year < 1 || year > 9999) fail(`year ${year} is out of range`);
  if (month < 1 || month > 12) fail('month must be in 1..12');
  const days = new Date(Date.UTC(2000, month, 0)).getUTCDate();
  const leap = (year % 4 === 0 && year % 100 !== 0) || year % 400 === 0;
  if (day < 1 || day > (month === 2 && !leap ? 28 : days)) fail('day is out of range for month');
  if (time.hour < 0 || time.hour > 23) fail('hour must be in 0..23');
  if (time.minute < 0 || time.minute > 59) fail('minute must be in 0..59');
  if (time.second < 0 || time.second > 59) fail('second must be in 0..59');
  const fraction = time.microsecond ? `.${pad(time.microsecond, 6)}` : '';
  const clock = `${pad(time.hour)}:${pad(time.minute)}:${pad(time.second)}${fraction}`;
  return `${pad(year, 4)}-${pad(month)}-${pad(day)} ${clock}`;
};

/** "Dec 01 1993 00:00:00", "03-Jan-2013", "July 27, 1999 1:00 pm". */
const alphabetical = (initial: string): string => {
  let date = initial;
  if (/ [ap]m$/i.test(date)) date = date.toLowerCase().replaceAll(' am', 'am').replaceAll(' pm', 'pm');
  const parts = splitWords(date.replaceAll('-', ' ').replaceAll('/', ' '));
  if (parts.length < 3) fail(`not enough values to unpack (expected 3, got ${parts.length})`);
  if (parts.length > 4) fail('too many values to unpack (expected 3)');
  const [first = '', secondPart = '', yearText = '', time = '00:00AM'] = parts;
  const second = secondPart.endsWith(',') ? secondPart.slice(0, -1) : secondPart;
  const monthOf = (text: string): number => MONTHS.indexOf(text.slice(0, 3).toUpperCase()) + 1;
  const swapped = monthOf(first) === 0 || !/^\d+$/.test(second);
  const [monthText, dayText] = swapped ? [second, first] : [first, second];
  const month = monthOf(monthText);
  if (month === 0) fail(`Invalid month value ${stringRepr(monthText)} in base date ${stringRepr(initial)}`);
  const day = toInt(dayText);
  const year = toInt(yearText);
  return format(year, month, day, parseTime(time));
};

const numerical = (text: string): string => {
  const slashed = text.replaceAll('-', '/');
  const [date, ...rest] = splitWords(slashed);
  if (date === undefined) return fail('list index out of range');
  const time = parseTime(rest.length ? rest.join(' ') : '00:00:00');
  let found = /^(\d\d)\/(\d\d)\/(\d{4})$/.exec(date);
  if (found) return format(Number(found[3]), Number(found[1]), Number(found[2]), time);
  found = /^(\d{4})\/(\d\d)\/(\d\d)$/.exec(date);
  if (found) return format(Number(found[1]), Number(found[2]), Number(found[3]), time);
  found = /^(\d\d)\/(\d\d)\/(9\d|[0-3]\d)$/.exec(date);
  if (found) {
    const year = `${found[3]![0] === '9' ? '19' : '20'}${found[3]}`;
    return format(Number(year), Number(found[2]), Number(found[1]), time);
  }
  found = /^(\d{4})(\d\d)(\d\d):(\d\d)(\d\d)(\d\d)$/.exec(date);
  if (found) {
    const [year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0] = found.slice(1).map(Number);
    return format(year, month, day, { hour, minute, second, microsecond: 0 });
  }
  return fail(`Unknown numerical date format: ${stringRepr(slashed)}`);
};

const reformat = (text: string): string => {
  if (text.length > 200) fail(`Unknown numerical date format: ${stringRepr(text.slice(0, 200))}`);
  if (text.includes('UNDEFINED')) fail('One or more required date/time values is UNDEFINED');
  let date = text.endsWith(' UT') ? text.slice(0, -3) : text;
  if (/^\d{4}[-/]\d\d[-/]\d\dT\d\d(?::\d\d){1,2}(?:\.\d{1,6})?$/.test(date)) date = date.replace('T', ' ');
  return /[A-Za-z]{3,10}/.test(date) ? alphabetical(date) : numerical(date);
};

/** Dates read before: every type of a header asks for the same one. */
const known = new Map<string, string>();
const KNOWN_DATES = 256;

/**
 * A date and time in any form CRDS reads, as 'YYYY-MM-DD HH:MM:SS[.ffffff]'.
 * @throws DateError when it is no date
 * @see crds/core/timestamp.py
 */
export const reformatDate = (text: string): string => {
  const before = known.get(text);
  if (before !== undefined) return before;
  const date = reformat(text);
  if (known.size >= KNOWN_DATES) known.clear();
  known.set(text, date);
  return date;
};

/** Seconds from one formatted date to another. */
export const secondsBetween = (from: string, to: string): number => {
  const [a, b] = [from, to].map((date) => {
    const [whole = '', fraction = '0'] = reformatDate(date).split('.');
    return Date.parse(`${whole.replace(' ', 'T')}Z`) / 1000 + Number(`0.${fraction}`);
  });
  return b! - a!;
};
