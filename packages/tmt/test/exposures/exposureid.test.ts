import {
  formatExposureId,
  normaliseExposureId,
  normaliseObsId,
  obsIdOf,
  parseExposureId,
  utDateOf,
  withDetector,
} from '@iris-drs/tmt';
import { describe, expect, test } from 'vitest';

const core = { subsystem: 'IRIS', detector: 'IMG', type: 'SCI', level: 0, number: 1 };

describe('the four forms', () => {
  test.each([
    ['2031A-001-123-IRIS-IMG-SCI0-0001', { obsId: '2031A-001-123', ...core }],
    ['2031A-001-123-IRIS-IMG-SCI0-0001-02', { obsId: '2031A-001-123', ...core, subarray: 2 }],
    ['20310314-092823-IRIS-IMG-SCI0-0001', { utc: '20310314-092823', ...core }],
    ['20310314-092823-IRIS-IMG-SCI0-0001-00', { utc: '20310314-092823', ...core, subarray: 0 }],
  ])('%s', (text, expected) => {
    expect(parseExposureId(text)).toEqual(expected);
    expect(formatExposureId(parseExposureId(text))).toBe(text);
  });
});

test('subsystem, type and semester letter are read in any case and written in upper case', () => {
  expect(normaliseExposureId('2020a-001-123-wfos-img1-sky1-0001')).toBe('2020A-001-123-WFOS-img1-SKY1-0001');
  expect(normaliseExposureId('2020B-1-23-iris-LEN-Flx4-9999')).toBe('2020B-001-023-IRIS-LEN-FLX4-9999');
});

test('numbers above 9999, which CSW prints with five digits, are read back', () => {
  const id = parseExposureId('2031A-001-123-IRIS-IMG-SCI0-10000');
  expect(id.number).toBe(10_000);
  expect(formatExposureId(id)).toBe('2031A-001-123-IRIS-IMG-SCI0-10000');
});

describe('refused', () => {
  test.each([
    ['IRIS-IMG-SCI0-0001', 'SHORT_EXPOSURE_ID'],
    ['IRIS-IMG-SCI0-0001-02', 'SHORT_EXPOSURE_ID'],
    ['', 'BAD_EXPOSURE_ID'],
    ['2031A-001-123', 'BAD_EXPOSURE_ID'],
    ['2031A-001-123-IRIS-IMG-SCI0', 'BAD_EXPOSURE_ID'], // six parts beginning as an observation
    ['2031A-001-123-IRIS-IMG-SCI0-0001-02-03', 'BAD_EXPOSURE_ID'],
    ['2031C-001-123-IRIS-IMG-SCI0-0001', 'BAD_OBS_ID'],
    ['2031A-000-123-IRIS-IMG-SCI0-0001', 'BAD_OBS_ID'],
    ['2031A-001-1000-IRIS-IMG-SCI0-0001', 'BAD_OBS_ID'],
    ['20310230-092823-IRIS-IMG-SCI0-0001', 'BAD_EXPOSURE_ID'],
    ['20310314-250000-IRIS-IMG-SCI0-0001', 'BAD_EXPOSURE_ID'],
    ['2031A-001-123-IRIS-IMG-XXX0-0001', 'BAD_EXPOSURE_ID'],
    ['2031A-001-123-IRIS-IMG-SCI5-0001', 'BAD_EXPOSURE_ID'],
    ['2031A-001-123-IRIS-IMG-SCI-0001', 'BAD_EXPOSURE_ID'],
    ['2031A-001-123-IRIS-IMG-SCI0-001', 'BAD_EXPOSURE_ID'],
    ['2031A-001-123-IRIS-IMG-SCI0-01234', 'BAD_EXPOSURE_ID'],
    ['2031A-001-123-IRIS-IMG-SCI0-123456', 'BAD_EXPOSURE_ID'],
    ['2031A-001-123-IRIS-IMG-SCI0-0001-2', 'BAD_EXPOSURE_ID'],
    ['2031A-001-123-IRIS-../x-SCI0-0001', 'BAD_EXPOSURE_ID'],
    ['2031A-001-123-IRIS--SCI0-0001', 'BAD_EXPOSURE_ID'],
  ])('%s', (text, code) => {
    expect(() => parseExposureId(text)).toThrow(expect.objectContaining({ code }));
  });

  test('with a message that says what to write', () => {
    expect(() => parseExposureId('IRIS-IMG-SCI0-0001')).toThrowErrorMatchingInlineSnapshot(
      `[TmtError: exposure id "IRIS-IMG-SCI0-0001" has neither observation nor date, so it cannot name data; expected "2031A-001-123-IRIS-IMG-SCI0-0001" or "20310314-092823-IRIS-IMG-SCI0-0001"]`,
    );
  });
});

test('observation, date and detector of an id', () => {
  const ofObservation = '2031a-1-123-IRIS-IMG-SCI0-0001-07';
  const standalone = '20310314-092823-IRIS-IMG-DRK0-0001';
  expect(obsIdOf(ofObservation)).toBe('2031A-001-123');
  expect(obsIdOf(standalone)).toBeUndefined();
  expect(utDateOf(standalone)).toBe('20310314');
  expect(utDateOf(ofObservation)).toBeUndefined();
  expect(withDetector(ofObservation, 'IMG3')).toBe('2031A-001-123-IRIS-IMG3-SCI0-0001-07');
  expect(() => withDetector(standalone, '../IMG')).toThrow(
    expect.objectContaining({ code: 'BAD_EXPOSURE_ID' }),
  );
});

test('observation ids have one spelling', () => {
  expect(normaliseObsId('2031b-7-12')).toBe('2031B-007-012');
  for (const text of ['', '2031B-7', '2031B-7-12-1', '31B-7-12', '2031B-7-1e1']) {
    expect(() => normaliseObsId(text)).toThrow(expect.objectContaining({ code: 'BAD_OBS_ID' }));
  }
});
