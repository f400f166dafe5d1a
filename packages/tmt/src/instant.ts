import { shown, TmtError } from './errors.ts';

/** A point in time with nanosecond truth: the ISO text as received and the nanoseconds since 1970. */
export interface Instant {
  readonly iso: string;
  readonly epochNs: bigint;
}

const ISO = /^(\d{4})-(\d\d)-(\d\d)T(\d\d):(\d\d):(\d\d)(?:\.(\d{1,9}))?Z$/;
const NS_PER_SECOND = 1_000_000_000n;
const FIRST_SECOND = -62_167_219_200; // 0000-01-01T00:00:00Z
const LAST_SECOND = 253_402_300_799; // 9999-12-31T23:59:59Z

/**
 * Reads an ISO-8601 UTC instant as CSW writes it (`Z`, up to nine fraction digits).
 *
 * @throws TmtError BAD_TIME for anything else, dates that do not exist included
 */
export function parseInstant(iso: string): Instant {
  const match = ISO.exec(iso);
  if (!match) throw badTime(iso);
  const [year, month, day, hour, minute, second] = match.slice(1, 7).map(Number) as [
    number,
    number,
    number,
    number,
    number,
    number,
  ];
  const date = new Date(0);
  date.setUTCFullYear(year, month - 1, day);
  date.setUTCHours(hour, minute, second);
  if (date.toISOString().slice(0, 19) !== iso.slice(0, 19)) throw badTime(iso);
  const nanos = BigInt((match[7] ?? '').padEnd(9, '0'));
  return { iso, epochNs: BigInt(date.getTime() / 1000) * NS_PER_SECOND + nanos };
}

/**
 * Instant from whole seconds since 1970 and nanoseconds within the second, as CSW's CBOR holds it. The text
 * has 0, 3, 6 or 9 fraction digits, as Java prints it.
 *
 * @throws TmtError BAD_TIME outside the years 0000 to 9999 or nanos outside 0..999999999
 */
export function instantOf(seconds: unknown, nanos: unknown): Instant {
  const valid =
    typeof seconds === 'number' &&
    typeof nanos === 'number' &&
    Number.isInteger(seconds) &&
    Number.isInteger(nanos) &&
    seconds >= FIRST_SECOND &&
    seconds <= LAST_SECOND &&
    nanos >= 0 &&
    nanos <= 999_999_999;
  if (!valid) throw badTime({ seconds, nanos });
  let fraction = String(nanos).padStart(9, '0');
  while (fraction.endsWith('000')) fraction = fraction.slice(0, -3);
  const whole = new Date(seconds * 1000).toISOString().slice(0, 19);
  return {
    iso: `${whole}${fraction === '' ? '' : `.${fraction}`}Z`,
    epochNs: BigInt(seconds) * NS_PER_SECOND + BigInt(nanos),
  };
}

/** The `{seconds, nanos}` of an instant; nanos are never negative. */
export function secondsAndNanos(instant: Instant): { seconds: number; nanos: number } {
  const nanos = ((instant.epochNs % NS_PER_SECOND) + NS_PER_SECOND) % NS_PER_SECOND;
  return { seconds: Number((instant.epochNs - nanos) / NS_PER_SECOND), nanos: Number(nanos) };
}

const badTime = (found: unknown): TmtError => {
  const text =
    typeof found === 'object' && found !== null
      ? Object.entries(found)
          .map(([key, value]) => `${key} ${shown(value)}`)
          .join(', ')
      : shown(found);
  return new TmtError(
    'BAD_TIME',
    `time is ${text}; expected an instant such as 2031-03-14T09:26:53.589793238Z or {seconds, nanos}, years 0000 to 9999`,
  );
};
