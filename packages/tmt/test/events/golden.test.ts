import {
  decodeEvent,
  decodeEventCbor,
  decodeEventJson,
  encodeEventCbor,
  encodeEventJson,
  parameter,
  parseEventLine,
} from '@iris-drs/tmt';
import { expect, test } from 'vitest';
import { goldenEvents } from '../build.ts';

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');

test.each(goldenEvents)('$key goes through both encodings unchanged', ({ line, key, event, cbor }) => {
  const fromJson = parseEventLine(line);
  expect(fromJson.key).toBe(key);
  expect(JSON.parse(fromJson.body)).toEqual(event);
  expect(JSON.parse(encodeEventJson(fromJson.event))).toEqual(event);

  const fromCbor = decodeEvent(cbor);
  expect(fromCbor).toEqual(fromJson.event);
  expect(hex(encodeEventCbor(fromCbor))).toBe(hex(cbor));
  expect(hex(encodeEventCbor(fromJson.event))).toBe(hex(cbor));
});

test('the golden events are one observation of 43 events and one event of all 30 key types', () => {
  expect(goldenEvents).toHaveLength(44);
  const last = decodeEventCbor(goldenEvents.at(-1)!.cbor);
  expect(new Set(last.paramSet.map(({ keyType }) => keyType)).size).toBe(30);
});

test('longs beyond 2^53 are exact in both encodings', () => {
  const { line, cbor } = goldenEvents.at(-1)!;
  for (const event of [parseEventLine(line).event, decodeEventCbor(cbor)]) {
    const [largest, smallest, over, safe] = parameter(event, 'long')!.values;
    expect([largest, smallest, over, safe]).toEqual([2n ** 63n - 1n, -(2n ** 63n), 2n ** 53n, 2 ** 53 - 1]);
    expect(encodeEventJson(event)).toContain('[9223372036854775807,-9223372036854775808,9007199254740992,');
  }
});

test('times keep their nanoseconds', () => {
  const { event } = parseEventLine(goldenEvents[0]!.line);
  expect(event.eventTime).toEqual({
    iso: '2032-09-02T05:14:07.120450003Z',
    epochNs: 1_977_714_847_120_450_003n,
  });
});

test('a 32-bit float prints as the shortest decimal that reads back', () => {
  const event = decodeEventCbor(goldenEvents.at(-1)!.cbor);
  expect(parameter(event, 'float')!.values[0]).toBe(Math.fround(0.1));
  expect(encodeEventJson(event)).toContain('{"keyName":"float","values":[0.1,1,');
});

test('CBOR as other writers make it is read too: definite lengths, 64-bit floats, floats as integers', () => {
  const text = (value: string): number[] => [0x60 + value.length, ...Buffer.from(value)];
  const bytes = Uint8Array.from([
    ...[0xd9, 0xd9, 0xf7, 0xbf], // self-described, map of open length
    ...[...text('paramSet'), 0x81, 0xa1, ...text('doublekey'), 0xa3, ...text('keyName'), ...text('d')],
    ...[...text('values'), 0x82, 0x02, 0xfb, 0x40, 0, 0, 0, 0, 0, 0, 0, ...text('units'), ...text('meter')],
    ...[...text('eventTime'), 0xa2, ...text('nanos'), 0x00, ...text('seconds'), 0x01],
    ...[...text('_type'), ...text('SystemEvent'), ...text('eventId'), ...text('1')],
    ...[...text('source'), ...text('IRIS.x'), ...text('eventName'), ...text('y'), 0xff],
  ]);
  const event = decodeEvent(bytes);
  expect(parameter(event, 'd')).toEqual({
    keyType: 'DoubleKey',
    keyName: 'd',
    units: 'meter',
    values: [2, 2],
  });
  expect(event.eventTime).toEqual({ iso: '1970-01-01T00:00:01Z', epochNs: 1_000_000_000n });
  expect(decodeEventJson(encodeEventJson(event))).toEqual(event);
});
