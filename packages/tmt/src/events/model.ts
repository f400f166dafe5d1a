import type { Instant } from '../instant.ts';
import type { KeyType } from './keytypes.ts';

/** A celestial coordinate as CSW writes it: `_type`, `tag` and members; angles are integer micro-arcseconds. */
export interface Coord {
  readonly [member: string]: CoordMember;
}
export type CoordMember = string | number | bigint | boolean | null | Coord | readonly CoordMember[];

/** Integers are numbers within ±(2^53 − 1) and bigints beyond. */
export type Integer = number | bigint;

export type ParameterValue =
  | string
  | number
  | bigint
  | boolean
  | Instant
  | Coord
  | readonly Integer[]
  | readonly (readonly Integer[])[];

export interface Parameter {
  readonly keyType: KeyType;
  readonly keyName: string;
  /** CSW's name of the unit as received ("NoUnits", "millisecond"); compare without regard to case. */
  readonly units: string;
  readonly values: readonly ParameterValue[];
}

export interface CswEvent {
  readonly type: 'SystemEvent' | 'ObserveEvent';
  readonly eventId: string;
  /** Prefix of the publisher, `SUBSYSTEM.component`. */
  readonly source: string;
  readonly eventName: string;
  readonly eventTime: Instant;
  /** In the order received; CSW gives the order no meaning. */
  readonly paramSet: readonly Parameter[];
}

/** Key under which CSW publishes an event: source and name; the subsystem in upper case. */
export function eventKey(event: Pick<CswEvent, 'source' | 'eventName'>): string {
  const dot = event.source.indexOf('.');
  return `${event.source.slice(0, dot).toUpperCase()}${event.source.slice(dot)}.${event.eventName}`;
}
