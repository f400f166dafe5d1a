import { readFileSync } from 'node:fs';
import { type CswEvent, decodeEventJson } from '@iris-drs/tmt';

type ParameterSpec = readonly [keyType: string, keyName: string, values: readonly unknown[], units?: string];

/** A hand-written event, through the decoder as if it had come from the bus. */
export function event(
  source: string,
  eventName: string,
  params: readonly ParameterSpec[] = [],
  second = 0,
): CswEvent {
  return decodeEventJson({
    _type: eventName.startsWith('ObserveEvent') ? 'ObserveEvent' : 'SystemEvent',
    eventId: `id-${source}-${eventName}-${second}`,
    source,
    eventName,
    eventTime: new Date(Date.UTC(2031, 2, 14, 9, 0, 0) + second * 1000).toISOString(),
    paramSet: params.map(([keyType, keyName, values, units]) => ({
      [keyType]: { keyName, values, units: units ?? 'NoUnits' },
    })),
  });
}

export const text = (keyName: string, ...values: string[]): ParameterSpec => ['StringKey', keyName, values];
export const integer = (keyName: string, value: number): ParameterSpec => ['IntKey', keyName, [value]];
export const flags = (keyName: string, ...values: boolean[]): ParameterSpec => [
  'BooleanKey',
  keyName,
  values,
];

export interface GoldenEvent {
  readonly line: string;
  readonly key: string;
  readonly event: object;
  readonly cbor: Uint8Array;
}

/** The events of golden/events.ndjson: JSON and the CBOR that an independent encoder (golden/make.py) made. */
export const goldenEvents: readonly GoldenEvent[] = readFileSync(
  new URL('./golden/events.ndjson', import.meta.url),
  'utf8',
)
  .trim()
  .split('\n')
  .map((line) => {
    const { key, event: tree, cbor } = JSON.parse(line) as { key: string; event: object; cbor: string };
    return { line, key, event: tree, cbor: Uint8Array.from(Buffer.from(cbor, 'hex')) };
  });

/** Numbers in [0, 1) from a seed (mulberry32): random tests that fail the same way twice. */
export function randomFrom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
}
