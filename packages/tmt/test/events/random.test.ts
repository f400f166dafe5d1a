import {
  type CswEvent,
  decodeEvent,
  decodeEventJson,
  encodeEventCbor,
  encodeEventJson,
  instantOf,
  type KeyType,
  type ParameterValue,
} from '@iris-drs/tmt';
import { expect, test } from 'vitest';
import { goldenEvents, randomFrom } from '../build.ts';

const KEY_TYPES = decodeEvent(goldenEvents.at(-1)!.cbor).paramSet.map(({ keyType }) => keyType);

/** A random event with every key type, from a seed. */
function randomEvent(seed: number): CswEvent {
  const random = randomFrom(seed);
  const upTo = (n: number): number => Math.floor(random() * n);
  const list = <T>(make: () => T): T[] => Array.from({ length: upTo(4) }, make);
  const word = (): string => String.fromCodePoint(...list(() => 32 + upTo(random() < 0.5 ? 90 : 0xd000)));
  const whole = (bits: number): number | bigint => {
    const value = BigInt.asIntN(bits, BigInt(Math.floor(random() * 2 ** 53)) ** 2n) >> BigInt(upTo(bits));
    return Number.isSafeInteger(Number(value)) ? Number(value) : value;
  };
  const double = (): number => {
    const value = [random() * 10 ** (upTo(40) - 20), upTo(5000) - 2500, upTo(9) / 8, -(2 ** -upTo(30)), -0][
      upTo(5)
    ]!;
    return value;
  };
  const time = () => instantOf(upTo(8e9) - 4e9, [0, upTo(1e9), 1e6 * upTo(1000)][upTo(3)]);
  const coord = (): ParameterValue => ({
    _type: 'EqCoord',
    tag: word(),
    ra: whole(44),
    dec: whole(42),
    pm: { pmx: double(), pmy: double() },
  });
  const scalar = (keyType: KeyType): ParameterValue => {
    if (/^(Choice|String)/.test(keyType)) return word();
    if (/Time/.test(keyType)) return time();
    if (/Coord/.test(keyType)) return coord();
    if (/^Boolean/.test(keyType)) return random() < 0.5;
    if (/^Char/.test(keyType)) return String.fromCharCode(32 + upTo(0xd000));
    if (/^Byte/.test(keyType)) return whole(8);
    if (/^Short/.test(keyType)) return whole(16);
    if (/^Int/.test(keyType)) return whole(32);
    if (/^Long/.test(keyType)) return whole(64);
    return /^Float/.test(keyType) ? Math.fround(double()) : double();
  };
  const value = (keyType: KeyType): ParameterValue => {
    const one = () => scalar(keyType) as number;
    if (/Array/.test(keyType)) return list(one);
    return /Matrix/.test(keyType) ? list(() => list(one)) : one();
  };
  return {
    type: random() < 0.5 ? 'SystemEvent' : 'ObserveEvent',
    eventId: `e${seed}`,
    source: 'IRIS.random source',
    eventName: `n${word()}`,
    eventTime: time(),
    paramSet: KEY_TYPES.map((keyType) => ({
      keyType,
      keyName: `k${word()}`,
      units: word(),
      values: list(() => value(keyType)),
    })).sort(() => random() - 0.5),
  };
}

test('random events of all key types come back equal from both encodings', () => {
  for (let seed = 1; seed <= 300; seed++) {
    const event = randomEvent(seed);
    expect(decodeEventJson(encodeEventJson(event)), `JSON, seed ${seed}`).toEqual(event);
    const bytes = encodeEventCbor(event);
    const back = decodeEvent(bytes);
    expect(back, `CBOR, seed ${seed}`).toEqual(event);
    expect(Buffer.from(encodeEventCbor(back)).equals(bytes), `bytes, seed ${seed}`).toBe(true);
  }
});
