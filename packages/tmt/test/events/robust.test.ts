import {
  decodeEvent,
  encodeEventCbor,
  encodeEventJson,
  factsOf,
  parseEventLine,
  TmtError,
} from '@iris-drs/tmt';
import { expect, test } from 'vitest';
import { goldenEvents, randomFrom } from '../build.ts';

/** Reads bytes as the services do; anything but a typed failure fails the test. */
function survive(bytes: Uint8Array): boolean {
  try {
    const event = decodeEvent(bytes);
    encodeEventCbor(event);
    factsOf(event);
    encodeEventJson(event);
    return true;
  } catch (error) {
    if (!(error instanceof TmtError)) {
      throw new Error(`not a typed failure for ${Buffer.from(bytes).toString('hex')}`, { cause: error });
    }
    expect(error.message.length).toBeLessThan(600);
    return false;
  }
}

function mutated(bytes: Uint8Array, random: () => number): Uint8Array {
  const upTo = (n: number): number => Math.floor(random() * n);
  const copy = Array.from(bytes);
  for (let count = 1 + upTo(3); count > 0; count--) {
    const at = upTo(copy.length);
    switch (upTo(5)) {
      case 0:
        copy[at] = upTo(256);
        break;
      case 1:
        copy.splice(at, 1 + upTo(8));
        break;
      case 2:
        copy.splice(at, 0, ...copy.slice(at, at + upTo(16)));
        break;
      case 3:
        copy[at] = [0x9f, 0xbf, 0xff, 0x9b, 0xbb, 0x7b, 0x5b, 0xf7, 0xf9, 0xc2][upTo(10)]!;
        break;
      default:
        copy.length = Math.max(1, at);
    }
  }
  return Uint8Array.from(copy);
}

test('mutated events are read or refused with a typed failure, in either encoding', () => {
  const random = randomFrom(7);
  const sources = goldenEvents.flatMap(({ event, cbor }) => [cbor, Buffer.from(JSON.stringify(event))]);
  let read = 0;
  const trials = 20_000;
  for (let trial = 0; trial < trials; trial++) {
    const source = sources[Math.floor(random() * sources.length)]!;
    if (survive(mutated(source, random))) read++;
  }
  expect(read).toBeGreaterThan(0);
  expect(read).toBeLessThan(trials);
});

test('every truncation is refused', () => {
  const { cbor, event } = goldenEvents.at(-1)!;
  const json = Buffer.from(JSON.stringify(event));
  for (const bytes of [cbor, json]) {
    for (let length = 0; length < bytes.length; length++)
      expect(survive(bytes.subarray(0, length))).toBe(false);
  }
});

test.each([
  ['deep CBOR arrays', new Uint8Array(300_000).fill(0x81)],
  [
    'deep CBOR maps',
    Uint8Array.from({ length: 300_000 }, (_, i) => (i % 3 === 0 ? 0xa1 : i % 3 === 1 ? 0x61 : 0x61)),
  ],
  ['deep JSON', Buffer.from('['.repeat(300_000))],
  [
    'deep JSON that closes, with long digits',
    Buffer.from(`{"a":12345678901234567890,"b":${'['.repeat(50_000)}${']'.repeat(50_000)}}`),
  ],
  ['a number of a million digits', Buffer.from(`{"_type":${'9'.repeat(1_000_000)}}`)],
  [
    'an array that claims 2^60 elements',
    Uint8Array.from([0xa1, 0x61, 0x61, 0x9b, 0x10, 0, 0, 0, 0, 0, 0, 0]),
  ],
  ['text that claims 4 GiB', Uint8Array.from([0xa1, 0x7a, 0xff, 0xff, 0xff, 0xff])],
  ['bytes that are neither', Uint8Array.from([0x80, 0xff, 0x00])],
])('%s', (_, bytes) => {
  expect(survive(bytes)).toBe(false);
});

test('a deep value in a coordinate is refused', () => {
  const deep = `${'{"_type":"EqCoord","pm":'.repeat(2000)}0${'}'.repeat(2000)}`;
  const line = `{"_type":"SystemEvent","eventId":"1","source":"IRIS.x","eventName":"y","eventTime":"2031-01-01T00:00:00Z","paramSet":[{"CoordKey":{"keyName":"k","values":[${deep}],"units":"NoUnits"}}]}`;
  expect(() => parseEventLine(line)).toThrow(expect.objectContaining({ code: 'BAD_PARAMETER', field: 'k' }));
});
