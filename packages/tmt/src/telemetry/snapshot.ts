import { type CswEvent, eventKey, type ParameterValue } from '../events/model.ts';
import { type Instant, parseInstant } from '../instant.ts';

/** A value that JSON holds unchanged: times as ISO text, integers beyond 2^53 as decimal text, −0 as 0. */
export type TelemetryValue =
  | string
  | number
  | boolean
  | null
  | readonly TelemetryValue[]
  | { readonly [member: string]: TelemetryValue };

export interface TelemetryEvent {
  /** ISO UTC. */
  readonly time: string;
  readonly parameters: {
    readonly [keyName: string]: { readonly units: string; readonly values: readonly TelemetryValue[] };
  };
}

/** The latest event of each key; a plain object that JSON holds unchanged. */
export interface TelemetrySnapshot {
  readonly [eventKey: string]: TelemetryEvent;
}

/** The snapshot with an event in it; an event older than the one it holds changes nothing. */
export function remember(snapshot: TelemetrySnapshot, event: CswEvent): TelemetrySnapshot {
  const key = eventKey(event);
  const known = Object.hasOwn(snapshot, key) ? snapshot[key] : undefined;
  if (known && parseInstant(known.time).epochNs >= event.eventTime.epochNs) return snapshot;
  const parameters = Object.fromEntries(
    event.paramSet.map(({ keyName, units, values }) => [keyName, { units, values: values.map(plain) }]),
  );
  return { ...snapshot, [key]: { time: event.eventTime.iso, parameters } };
}

/**
 * One value of the snapshot by event key and parameter. An index picks from an array or a matrix (its rows),
 * or from a parameter of several values; without one, the first value.
 *
 * @param key   as the DMS dictionary spells it; case does not matter (it writes `TopLevelSequencer.object`)
 * @param index from 0
 * @returns undefined when the event was never seen or does not hold this
 */
export function telemetryValue(
  snapshot: TelemetrySnapshot,
  key: string,
  keyName: string,
  index?: number,
): TelemetryValue | undefined {
  const values = telemetryEvent(snapshot, key)?.parameters[keyName]?.values;
  const first = values?.[0];
  if (index === undefined) return first;
  return values?.length === 1 && Array.isArray(first) ? first[index] : values?.[index];
}

/** The latest event of a key, case aside. */
export function telemetryEvent(snapshot: TelemetrySnapshot, key: string): TelemetryEvent | undefined {
  if (Object.hasOwn(snapshot, key)) return snapshot[key];
  const wanted = key.toLowerCase();
  const spelled = Object.keys(snapshot).find((candidate) => candidate.toLowerCase() === wanted);
  return spelled === undefined ? undefined : snapshot[spelled];
}

type Raw = ParameterValue | null | readonly Raw[] | { readonly [member: string]: Raw };

function plain(value: Raw): TelemetryValue {
  if (typeof value === 'bigint') return value.toString();
  if (typeof value === 'number') return Number.isFinite(value) ? value + 0 : String(value);
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return (value as readonly Raw[]).map(plain);
  if (isInstant(value)) return value.iso;
  return Object.fromEntries(
    Object.entries(value as { [member: string]: Raw }).map(([name, member]) => [name, plain(member)]),
  );
}

const isInstant = (value: object): value is Instant =>
  'epochNs' in value && typeof value.epochNs === 'bigint';
