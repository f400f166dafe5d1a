import { decodeEvent, decodeEventJson, encodeEventJson, parameter, TmtError } from '@iris-drs/tmt';
import { describe, expect, test } from 'vitest';
import { event } from '../build.ts';

const good = {
  _type: 'ObserveEvent',
  eventId: '1',
  source: 'IRIS.imager.detector',
  eventName: 'ObserveEvent.ExposureStart',
  eventTime: '2031-03-14T09:26:53.5Z',
  paramSet: [],
};

const failure = (tree: unknown): unknown => {
  try {
    decodeEvent(Buffer.from(typeof tree === 'string' ? tree : JSON.stringify(tree)));
  } catch (error) {
    expect(error).toBeInstanceOf(TmtError);
    const { code, field } = error as TmtError;
    return field === undefined ? code : `${code} ${field}`;
  }
  return 'no failure';
};

describe('the envelope is strict', () => {
  test.each([
    ['an empty message', '', 'NOT_AN_EVENT'],
    ['text that is not JSON', '{"a":', 'NOT_JSON'],
    ['an array', '[]', 'NOT_AN_EVENT _type'],
    ['a command', { ...good, _type: 'Setup' }, 'NOT_AN_EVENT _type'],
    ['the nested form of 2019', { SystemEvent: good }, 'NOT_AN_EVENT _type'],
    ['no event id', { ...good, eventId: undefined }, 'BAD_ENVELOPE eventId'],
    ['a source without component', { ...good, source: 'IRIS' }, 'BAD_ENVELOPE source'],
    ['a source with a hyphen', { ...good, source: 'IRIS.a-b' }, 'BAD_ENVELOPE source'],
    ['a name that is a number', { ...good, eventName: 7 }, 'BAD_ENVELOPE eventName'],
    ['no time', { ...good, eventTime: undefined }, 'BAD_TIME eventTime'],
    ['a local time', { ...good, eventTime: '2031-03-14T09:26:53' }, 'BAD_TIME eventTime'],
    ['a date that does not exist', { ...good, eventTime: '2031-02-30T00:00:00Z' }, 'BAD_TIME eventTime'],
    [
      'nanoseconds of more than a second',
      { ...good, eventTime: { seconds: 0, nanos: 1e9 } },
      'BAD_TIME eventTime',
    ],
    ['a paramSet that is an object', { ...good, paramSet: {} }, 'BAD_ENVELOPE paramSet'],
  ])('%s', (_, tree, expected) => {
    expect(failure(tree)).toBe(expected);
  });

  test('members inherited from Object are not fields', () => {
    expect(failure(Object.create({ ...good }))).toBe('NOT_AN_EVENT _type');
    expect(failure('{"__proto__":{"_type":"SystemEvent"}}')).toBe('NOT_AN_EVENT _type');
  });
});

describe('parameters are lenient', () => {
  test('fields in any order, members that CSW does not have, key types in any case, no units', () => {
    const paramSet = [{ STRINGKEY: { extra: 1, values: ['a'], keyName: 'my key' } }];
    const { paramSet: _, ...rest } = good;
    const read = decodeEventJson({ paramSet, comment: 'not of CSW', ...rest });
    expect(parameter(read, 'my key')).toEqual({
      keyType: 'StringKey',
      keyName: 'my key',
      units: 'NoUnits',
      values: ['a'],
    });
    expect(JSON.parse(encodeEventJson(read)).eventTime).toBe(good.eventTime);
  });

  test.each([
    ['an unknown key type', { RaDecKey: { keyName: 'k', values: [], units: 'NoUnits' } }],
    ['values that are no array', { StringKey: { keyName: 'k', values: 'a' } }],
    ['a number in a string key', { StringKey: { keyName: 'k', values: [1] } }],
    ['a byte of 128', { ByteKey: { keyName: 'k', values: [128] } }],
    ['a short of 40000', { ShortKey: { keyName: 'k', values: [40000] } }],
    ['an int with a fraction', { IntKey: { keyName: 'k', values: [1.5] } }],
    ['a float beyond 32 bits', { FloatKey: { keyName: 'k', values: [1e300] } }],
    ['a character of two', { CharKey: { keyName: 'k', values: ['ab'] } }],
    ['an array key of scalars', { IntArrayKey: { keyName: 'k', values: [1] } }],
    ['a coordinate without type', { EqCoordKey: { keyName: 'k', values: [{}] } }],
    ['a time of words', { UTCTimeKey: { keyName: 'k', values: ['noon'] } }],
    ['units that are a number', { IntKey: { keyName: 'k', values: [1], units: 3 } }],
  ])('but %s is refused, by name', (_, param) => {
    expect(failure({ ...good, paramSet: [param] })).toBe('BAD_PARAMETER k');
  });

  test('a parameter of two key types is refused', () => {
    expect(failure({ ...good, paramSet: [{ IntKey: {}, LongKey: {} }] })).toBe('BAD_PARAMETER');
  });
});

test('the message says what was found, what was expected', () => {
  expect(() => event('IRIS.x', 'y', [['IntKey', 'reads', ['three']]])).toThrowErrorMatchingInlineSnapshot(
    `[TmtError: IntKey "reads": value is "three"; expected an integer (int)]`,
  );
});

test('JSON cannot hold NaN and says so', () => {
  expect(() => encodeEventJson(event('IRIS.x', 'y', [['DoubleKey', 'd', [Number.NaN]]]))).toThrow(
    expect.objectContaining({ code: 'NOT_ENCODABLE', field: 'd' }),
  );
});
