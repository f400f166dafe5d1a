import { decodeEvent } from '@iris-drs/tmt';
import { expect, it } from 'vitest';
import { observeEvent } from '../../../test/fixtures/hand-made.ts';
import { applyFact, hear, isOfExposure, type Memory, withDetectorsInUse } from '../src/intake.ts';
import type { ExposureRecord } from '../src/record.ts';
import { end, start, systemEvent, written } from './fixtures/events.ts';

const id = '2031A-001-001-IRIS-IMG-SCI0-0001';
const bytes = (line: string) => new TextEncoder().encode(line);

/** Record and memory after some events, `set` as commands gave it. */
const after = (lines: readonly string[], set = {}) => {
  let memory: Memory = { telemetry: {} };
  let record: ExposureRecord | undefined;
  for (const line of lines) {
    const heard = hear(bytes(line), memory);
    memory = heard.memory;
    for (const fact of heard.facts) if (isOfExposure(fact)) record = applyFact(record, fact, 1, memory, set);
  }
  return { memory, record: record! };
};

const keyword = (record: ExposureRecord, name: string, detector = 'IMG1') =>
  record.keywords[detector]?.find((entry) => entry.name === name);

const angle = (value: number, second: number) =>
  systemEvent(
    'TCS.cmIRIS.positionAngle',
    { positionAngle: value },
    `2031-03-14T09:26:${String(second).padStart(2, '0')}Z`,
  );

it('keywords hold the values of the start; the end adds what was silent then', () => {
  const object = systemEvent('ESW.TopLevelSequencer.Object', { name: 'M 31' });
  const { record } = after([angle(1, 1), start(id), angle(2, 2), object, end(id)]);
  expect(keyword(record, 'PA')).toMatchObject({
    value: { $case: 'number', value: 1 },
    source: expect.stringContaining('TCS.cmIRIS.positionAngle/positionAngle 2031-03-14T09:26:01Z'),
  });
  expect(keyword(record, 'OBJECT')?.value).toEqual({ $case: 'text', value: 'M 31' });
});

it('what a command has set stands before telemetry', () => {
  const object = systemEvent('ESW.TopLevelSequencer.Object', { name: 'M 31' });
  const { record } = after([object, start(id)], { OBJECT: 'NGC 224', TARG_RA: 10.7 });
  expect(keyword(record, 'OBJECT')).toMatchObject({ value: { value: 'NGC 224' }, source: 'command' });
  expect(keyword(record, 'TARG_RA')?.value).toEqual({ $case: 'number', value: 10.7 });
});

it('the detectors in use, as last said, take part in an exposure and have its keywords', () => {
  const use = (...flags: boolean[]) => systemEvent('IRIS.imager.detector.state', { use: flags });
  const { record, memory } = after([use(true, false, true, false), angle(1, 1), start(id)]);
  expect(record.exposure.inUse?.detectors).toEqual(['IMG1', 'IMG3']);
  expect(Object.keys(record.keywords)).toEqual(['IMG1', 'IMG3']);
  expect(withDetectorsInUse(record, memory.inUse)).toBe(record);

  const later = hear(bytes(use(true, true, true, true).replace('09:26:50', '09:28:00')), memory).memory;
  expect(withDetectorsInUse(record, later.inUse).exposure.inUse?.detectors).toHaveLength(4);
  const over = after([start(id), end(id)]).record;
  expect(withDetectorsInUse(over, later.inUse)).toBe(over);
});

it('the same events again leave the same record', () => {
  const lines = [angle(1, 1), start(id), end(id), written(id, 'a.fits')];
  const { record, memory } = after(lines);
  for (const line of lines) {
    for (const fact of hear(bytes(line), memory).facts)
      if (isOfExposure(fact)) expect(applyFact(record, fact, 2, memory, {}).files).toBe(record.files);
  }
});

it('a refused file is looked at again when it is announced again', () => {
  const { record, memory } = after([written(id, 'a.fits')]);
  const refused = { ...record, files: record.files.map((file) => ({ ...file, state: 'refused' as const })) };
  const [fact] = hear(bytes(written(id, 'a.fits')), memory).facts.filter(isOfExposure);
  expect(applyFact(refused, fact!, 1, memory, {}).files[0]?.state).toBe('refused');
  expect(applyFact(refused, fact!, 2, memory, {}).files).toMatchObject([
    { state: 'pending', arrivedMillis: 2 },
  ]);
});

it('ExposureAvailable gives a file only when none was announced as written, and only with a path', () => {
  const available = (uri: string) => observeEvent('ExposureAvailable', { exposureId: id, uri });
  const paths = (...lines: string[]) => after(lines).record.files.map(({ path }) => path);
  expect(paths(available('tio:summit/1.fits'))).toEqual([]);
  expect(paths(available('file:///data/1.fits'))).toEqual(['/data/1.fits']);
  expect(paths(written(id, 'a.fits'), available('file:///data/1.fits'))).toEqual(['a.fits']);
});

it('invalid, bad and warm-up events of CSW leave no trace', () => {
  const invalid = angle(1, 1).replace(/"eventId":"[^"]*"/, '"eventId":"-1"');
  const before: Memory = { telemetry: {} };
  expect(hear(bytes(invalid), before)).toEqual({ memory: before, facts: [] });
  expect(decodeEvent(bytes(invalid)).eventId).toBe('-1');
});

it('an exposure named wrongly is told with the name that was given', () => {
  const { wrong } = hear(bytes(start('IRIS-IMG1-SCI0-0001')), { telemetry: {} });
  expect(wrong).toMatchObject({ input: 'IRIS-IMG1-SCI0-0001', error: { code: 'SHORT_EXPOSURE_ID' } });
});
