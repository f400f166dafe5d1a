import {
  decodeEventCbor,
  eventKey,
  isTelemetryKey,
  parseEventLine,
  remember,
  SUBSCRIBED_EVENTS,
  type TelemetrySnapshot,
  telemetryEvent,
  telemetryValue,
} from '@iris-drs/tmt';
import { expect, test } from 'vitest';
import { event, goldenEvents, text } from '../build.ts';

const filter = (name: string, second: number) =>
  event('IRIS.imager.filter', 'current', [text('name', name)], second);

test('the latest event of each key is kept, late ones change nothing', () => {
  const first = remember({}, filter('Ks', 5));
  expect(remember(first, filter('J', 4))).toBe(first);
  expect(remember(first, filter('J', 5))).toBe(first);
  const second = remember(first, filter('H', 6));
  expect(telemetryValue(second, 'IRIS.imager.filter.current', 'name')).toBe('H');
  expect(telemetryValue(first, 'IRIS.imager.filter.current', 'name')).toBe('Ks');
  expect(telemetryEvent(second, 'IRIS.imager.filter.current')?.time).toBe('2031-03-14T09:00:06.000Z');
});

test('values are found by event key, parameter and index', () => {
  const all = goldenEvents
    .map(({ line }) => parseEventLine(line).event)
    .filter((sample) => isTelemetryKey(eventKey(sample)))
    .reduce<TelemetrySnapshot>(remember, {});
  expect(telemetryValue(all, 'TCS.cmIRIS.odgwPosDemands', 'odgw_pos', 1)).toEqual([0.1, 4.75]);
  expect(telemetryValue(all, 'TCS.cmIRIS.imgAtmDispersion', 'wavelength', 2)).toBe(2.345);
  expect(telemetryValue(all, 'TCS.cmIRIS.imgAtmDispersion', 'referenceWavelength')).toBe(2);
  expect(telemetryValue(all, 'ESW.TopLevelSequencer.object', 'name')).toBe('M 33');
  expect(telemetryValue(all, 'ESW.TopLevelSequencer.ObservationDetails', 'observationStartDateTime')).toBe(
    '2032-09-02T05:14:07.120450003Z',
  );
  expect(telemetryValue(all, 'IRIS.imager.filter.current', 'absent')).toBeUndefined();
  expect(telemetryValue(all, 'IRIS.absent', 'name')).toBeUndefined();
  expect(telemetryValue(all, 'TCS.cmIRIS.odgwPosDemands', 'odgw_pos', 9)).toBeUndefined();
});

test('an index picks from a parameter of several values too', () => {
  const snapshot = remember({}, event('TCS.cmIRIS', 'x', [['ChoiceKey', 'state', ['SLEWING', 'TRACKING']]]));
  expect(telemetryValue(snapshot, 'TCS.cmIRIS.x', 'state', 1)).toBe('TRACKING');
});

test('a snapshot is plain: JSON holds it unchanged, every key type included', () => {
  const snapshot = remember({}, decodeEventCbor(goldenEvents.at(-1)!.cbor));
  expect(JSON.parse(JSON.stringify(snapshot))).toEqual(snapshot);
  expect(telemetryValue(snapshot, 'IRIS.test.all.everyKeyType', 'long')).toBe('9223372036854775807');
});

test('the 118 events of the ICD, 14 of which nobody publishes', () => {
  expect(SUBSCRIBED_EVENTS).toHaveLength(118);
  expect(new Set(SUBSCRIBED_EVENTS.map(({ key }) => key)).size).toBe(118);
  expect(SUBSCRIBED_EVENTS.filter(({ optional }) => optional)).toHaveLength(14);
  for (const { key } of SUBSCRIBED_EVENTS) expect(isTelemetryKey(key)).toBe(true);
});

test('keys are known in any case and for any number in brackets', () => {
  expect(isTelemetryKey('ESW.TopLevelSequencer.DitherPosition')).toBe(true);
  expect(isTelemetryKey('iris.IMAGER.filter.current')).toBe(true);
  expect(isTelemetryKey('IRIS.el.env.TEMP_TEMP[12]')).toBe(true);
  expect(isTelemetryKey('IRIS.el.env.TEMP_TEMP')).toBe(false);
  expect(isTelemetryKey('IRIS.unknown.event')).toBe(false);
});
