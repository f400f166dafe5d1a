import { createHash } from 'node:crypto';

/** One parameter of a CSW event: `{ StringKey: { keyName, values, units } }`. */
export type CswParameter = Readonly<
  Record<string, { readonly keyName: string; readonly values: readonly unknown[]; readonly units: string }>
>;

/** A CSW event as JSON carries it (csw-params, ParamCodecs). */
export interface CswEvent {
  readonly _type: 'ObserveEvent' | 'SystemEvent';
  readonly eventId: string;
  readonly source: string;
  readonly eventName: string;
  readonly eventTime: string;
  readonly paramSet: readonly CswParameter[];
}

/** A line of an event file: the key under which CSW publishes, and the event. */
export interface PublishedEvent {
  readonly key: string;
  readonly event: CswEvent;
}

const parameter = (
  type: string,
  keyName: string,
  values: readonly unknown[],
  units = 'NoUnits',
): CswParameter => ({
  [type]: { keyName, values, units },
});

export const text = (name: string, ...values: string[]): CswParameter => parameter('StringKey', name, values);
export const choice = (name: string, value: string): CswParameter => parameter('ChoiceKey', name, [value]);
export const flag = (name: string, ...values: boolean[]): CswParameter =>
  parameter('BooleanKey', name, values);
export const integer = (name: string, value: number): CswParameter => parameter('IntKey', name, [value]);
export const milliseconds = (name: string, seconds: number): CswParameter =>
  parameter('LongKey', name, [Math.round(seconds * 1000)], 'millisecond');
export const double = (name: string, value: number, units?: string): CswParameter =>
  parameter('DoubleKey', name, [value], units);
export const float = (name: string, value: number, units?: string): CswParameter =>
  parameter('FloatKey', name, [value], units);
export const floats = (name: string, values: readonly number[], units?: string): CswParameter =>
  parameter('FloatArrayKey', name, [values], units);
export const utc = (name: string, value: string): CswParameter =>
  parameter('UTCTimeKey', name, [value], 'utc');

/** ICRS coordinates in the micro-arcseconds that CSW counts in. */
export const coordinates = (name: string, [ra, dec]: readonly [ra: number, dec: number]): CswParameter =>
  parameter('CoordKey', name, [
    {
      _type: 'EqCoord',
      tag: 'BASE',
      ra: Math.round(ra * 3.6e9),
      dec: Math.round(dec * 3.6e9),
      frame: 'ICRS',
      catalogName: 'none',
      pm: { pmx: 0, pmy: 0 },
    },
  ]);

/** Instant as CSW writes it, with nanoseconds. */
function isoTime(nanoseconds: bigint): string {
  const seconds = nanoseconds / 1_000_000_000n;
  const rest = nanoseconds - seconds * 1_000_000_000n;
  const whole = new Date(Number(seconds) * 1000).toISOString().slice(0, 19);
  return `${whole}.${rest.toString().padStart(9, '0')}Z`;
}

/** Version-5 UUID of a name: the same simulation publishes the same ids. */
function eventUuid(name: string): string {
  const bytes = createHash('sha1').update('iris-drs simulator\u001f').update(name).digest().subarray(0, 16);
  bytes[6] = (bytes[6]! & 0x0f) | 0x50;
  bytes[8] = (bytes[8]! & 0x3f) | 0x80;
  const hex = bytes.toString('hex');
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join('-');
}

/** Makes events at the simulated time, each with an id of its own that depends on seed, key, time and content. */
export interface EventMaker {
  /** Simulated time moves on. */
  wait(seconds: number): void;
  /** Seconds since the start. */
  readonly elapsed: number;
  readonly time: string;
  observe(source: string, name: string, ...parameters: CswParameter[]): PublishedEvent;
  system(source: string, name: string, ...parameters: CswParameter[]): PublishedEvent;
}

export function eventMaker(start: string, seed: number): EventMaker {
  const origin = BigInt(Date.parse(start)) * 1_000_000n;
  let nanoseconds = origin;
  const make = (
    type: CswEvent['_type'],
    source: string,
    eventName: string,
    paramSet: readonly CswParameter[],
  ): PublishedEvent => {
    const eventTime = isoTime(nanoseconds);
    const key = `${source}.${eventName}`;
    const eventId = eventUuid(JSON.stringify([seed, key, eventTime, paramSet]));
    return { key, event: { _type: type, eventId, source, eventName, eventTime, paramSet } };
  };
  return {
    wait(seconds) {
      nanoseconds += BigInt(Math.round(seconds * 1e9));
    },
    get elapsed() {
      return Number(nanoseconds - origin) / 1e9;
    },
    get time() {
      return isoTime(nanoseconds);
    },
    observe: (source, name, ...parameters) =>
      make('ObserveEvent', source, `ObserveEvent.${name}`, parameters),
    system: (source, name, ...parameters) => make('SystemEvent', source, name, parameters),
  };
}
