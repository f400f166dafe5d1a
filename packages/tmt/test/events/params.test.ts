import {
  booleanParam,
  booleansParam,
  eventKey,
  numberParam,
  numbersParam,
  secondsParam,
  stringParam,
} from '@iris-drs/tmt';
import { expect, test } from 'vitest';
import { event, flags, text } from '../build.ts';

const sample = event('iris.imager.detector', 'state', [
  text('name', 'Ks', 'H'),
  ['ChoiceKey', 'choice', ['BUSY']],
  ['LongKey', 'long', ['9007199254740993'].map(BigInt)],
  ['LongKey', 'exposureTime', [10500], 'Millisecond'],
  ['FloatKey', 'integration', [2.5], 'second'],
  ['DoubleArrayKey', 'array', [[1, 2.5]]],
  ['IntKey', 'many', [1, 2, 3]],
  flags('use', true, false, true, true),
]);

test('values are found by key name, whatever the order', () => {
  expect(stringParam(sample, 'name')).toBe('Ks');
  expect(stringParam(sample, 'choice')).toBe('BUSY');
  expect(numberParam(sample, 'long')).toBe(9007199254740992);
  expect(numbersParam(sample, 'array')).toEqual([1, 2.5]);
  expect(numbersParam(sample, 'many')).toEqual([1, 2, 3]);
  expect(booleanParam(sample, 'use')).toBe(true);
  expect(booleansParam(sample, 'use')).toEqual([true, false, true, true]);
});

test('durations are seconds, whatever the unit', () => {
  expect(secondsParam(sample, 'exposureTime')).toBe(10.5);
  expect(secondsParam(sample, 'integration')).toBe(2.5);
});

test('what is absent or of another kind is undefined', () => {
  expect(stringParam(sample, 'absent')).toBeUndefined();
  expect(stringParam(sample, 'long')).toBeUndefined();
  expect(numberParam(sample, 'name')).toBeUndefined();
  expect(numbersParam(sample, 'name')).toBeUndefined();
  expect(booleansParam(sample, 'name')).toBeUndefined();
  expect(secondsParam(sample, 'absent')).toBeUndefined();
});

test('the key of an event has its subsystem in upper case', () => {
  expect(eventKey(sample)).toBe('IRIS.imager.detector.state');
});
