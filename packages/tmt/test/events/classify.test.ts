import { classify, decodeEventJson } from '@iris-drs/tmt';
import { expect, test } from 'vitest';
import { event } from '../build.ts';

test('invalid, bad and warm-up events of CSW are told from valid ones', () => {
  const invalid = decodeEventJson({
    _type: 'SystemEvent',
    eventId: '-1',
    source: 'IRIS.imager.filter',
    eventName: 'current',
    eventTime: '1969-12-31T23:59:59.999Z',
    paramSet: [],
  });
  expect(classify(invalid)).toBe('invalid');
  expect(classify(event('CSW.parse', 'fail'))).toBe('bad');
  expect(classify(event('CSW.first.event', 'init'))).toBe('warmup');
  expect(classify(event('CSW.first', 'event.init'))).toBe('warmup');
  expect(classify(event('IRIS.parse', 'fail'))).toBe('valid');
});
