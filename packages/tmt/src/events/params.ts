import type { CswEvent, Parameter } from './model.ts';

/** The parameter of a key name; the first one where names repeat. */
export const parameter = (event: CswEvent, keyName: string): Parameter | undefined =>
  event.paramSet.find((candidate) => candidate.keyName === keyName);

/** First value of a text parameter (String, Choice, Char); undefined when absent or of another kind. */
export function stringParam(event: CswEvent, keyName: string): string | undefined {
  const value = parameter(event, keyName)?.values[0];
  return typeof value === 'string' ? value : undefined;
}

/** First value of a numeric parameter; a Long beyond 2^53 is rounded. */
export function numberParam(event: CswEvent, keyName: string): number | undefined {
  const value = parameter(event, keyName)?.values[0];
  return typeof value === 'number' ? value : typeof value === 'bigint' ? Number(value) : undefined;
}

/** First value of a Boolean parameter. */
export const booleanParam = (event: CswEvent, keyName: string): boolean | undefined =>
  booleansParam(event, keyName)?.[0];

/** All values of a Boolean parameter: how CSW writes the ICD's array of boolean. */
export function booleansParam(event: CswEvent, keyName: string): readonly boolean[] | undefined {
  const values = parameter(event, keyName)?.values;
  return values?.every((value) => typeof value === 'boolean') ? (values as readonly boolean[]) : undefined;
}

/** Numbers of an array parameter, or of a scalar parameter with several values. */
export function numbersParam(event: CswEvent, keyName: string): readonly number[] | undefined {
  const values = parameter(event, keyName)?.values;
  const list: readonly unknown[] | undefined =
    values?.length === 1 && Array.isArray(values[0]) ? values[0] : values;
  return list?.every((value) => typeof value === 'number' || typeof value === 'bigint')
    ? list.map(Number)
    : undefined;
}

/** A duration in seconds, whatever its unit: CSW counts milliseconds, the IRIS drafts seconds. */
export function secondsParam(event: CswEvent, keyName: string): number | undefined {
  const value = numberParam(event, keyName);
  const scale = SECONDS_PER[parameter(event, keyName)?.units.toLowerCase() ?? ''] ?? 1;
  return value === undefined ? undefined : value / scale;
}

/** How many of a unit make a second. */
const SECONDS_PER: Readonly<Record<string, number>> = {
  millisecond: 1e3,
  microsecond: 1e6,
  nanosecond: 1e9,
  minute: 1 / 60,
  hour: 1 / 3600,
};
