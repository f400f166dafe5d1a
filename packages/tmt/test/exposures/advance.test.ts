import {
  advance,
  type Exposure,
  type ExposureFact,
  expectedDetectors,
  factsOf,
  isComplete,
  parseEventLine,
} from '@iris-drs/tmt';
import { describe, expect, test } from 'vitest';
import { event, flags, goldenEvents, integer, randomFrom, text } from '../build.ts';

const ID = '2031A-001-123-IRIS-IMG-SCI0-0007';
const IMAGER = 'IRIS.imager.detector';

const csw = (name: string, second: number, ...more: ReturnType<typeof text>[]): ExposureFact =>
  factsOf(event(IMAGER, `ObserveEvent.${name}`, [text('exposureId', ID), ...more], second))[0]!;
const draft = (
  source: string,
  name: string,
  second: number,
  ...more: ReturnType<typeof text>[]
): ExposureFact =>
  factsOf(event(source, name, [text('obsId', '2031A-001-123'), integer('exposure', 7), ...more], second))[0]!;
const inUse = (second: number, ...use: boolean[]): ExposureFact =>
  factsOf(event(IMAGER, 'state', [flags('use', ...use)], second))[0]!;
const after = (...facts: ExposureFact[]): Exposure =>
  facts.reduce<Exposure | undefined>(advance, undefined) as Exposure;

const file = text('filename', 'a.fits');
const rawFrame = (detector: string, second: number): ExposureFact =>
  draft(
    'IRIS.hcd.hawaii',
    'rawScienceFrameWriteEnd',
    second,
    text('detector', detector),
    text('path', `${detector}.fits`),
  );

test('an exposure goes from announced over exposing to ended', () => {
  const states: string[] = [];
  let exposure: Exposure | undefined;
  for (const fact of [
    csw('PrepareStart', 0),
    csw('ExposureStart', 1),
    csw('ExposureEnd', 9),
    csw('DataWriteStart', 10, file),
    csw('DataWriteEnd', 11, file),
  ]) {
    exposure = advance(exposure, fact);
    states.push(exposure.state);
  }
  expect(states).toEqual(['announced', 'exposing', 'ended', 'ended', 'ended']);
  expect(exposure).toEqual({
    id: ID,
    obsId: '2031A-001-123',
    state: 'ended',
    aborted: false,
    firstSeen: '2031-03-14T09:00:00.000Z',
    started: '2031-03-14T09:00:01.000Z',
    ended: '2031-03-14T09:00:09.000Z',
    files: [{ path: 'a.fits', written: true, time: '2031-03-14T09:00:11.000Z' }],
    readouts: [],
    failedReadouts: [],
  });
  expect(JSON.parse(JSON.stringify(exposure))).toEqual(exposure);
});

test('events may be missing: written data alone end an exposure', () => {
  expect(after(csw('DataWriteEnd', 11, file)).state).toBe('ended');
  expect(after(csw('ExposureAvailable', 12)).state).toBe('ended');
  expect(after(csw('DataWriteStart', 10, file)).state).toBe('exposing');
});

test('an ObserveEnd before DataWriteEnd ends nothing', () => {
  const end = factsOf(
    event('ESW.IRIS_ImagerOnly', 'ObserveEvent.ObserveEnd', [text('obsId', '2031A-001-123')]),
  )[0]!;
  const exposing = after(csw('ExposureStart', 1));
  expect(advance(exposing, end)).toBe(exposing);
});

test('an abort stays, and data written after it are taken', () => {
  const aborted = after(
    csw('ExposureStart', 1),
    csw('ExposureAborted', 5),
    csw('ExposureEnd', 6),
    csw('DataWriteEnd', 7, file),
  );
  expect(aborted).toMatchObject({
    state: 'aborted',
    aborted: true,
    files: [{ path: 'a.fits', written: true }],
  });
  const status = csw('IRDetectorExposureState', 5, flags('isAborted', true));
  expect(after(csw('ExposureStart', 1), status).state).toBe('aborted');
});

test('a repeated fact returns the very same object', () => {
  const once = after(csw('ExposureStart', 1), csw('DataWriteEnd', 2, file), csw('ReadoutFailed', 2));
  for (const fact of [csw('ExposureStart', 1), csw('DataWriteEnd', 2, file), csw('ReadoutFailed', 2)]) {
    expect(advance(once, fact)).toBe(once);
  }
});

test('facts in any order and number make the same exposure', () => {
  const numbers = (read: number, ramp: number) => [integer('read', read), integer('ramp', ramp)];
  const facts = [
    csw('PrepareStart', 0),
    csw('ExposureStart', 1),
    draft(IMAGER, 'exposureStart', 1.5),
    ...[1, 2, 3, 4].map((n) =>
      draft(IMAGER, 'readoutCompleted', 2 + n, integer('detector', n), ...numbers(n, 1)),
    ),
    draft(IMAGER, 'readoutCompleted', 8, integer('detector', 2), ...numbers(0, 2)),
    draft(IMAGER, 'readoutFailed', 8.5, integer('detector', 2), ...numbers(1, 2), text('reason', 'timeout')),
    csw('IRDetectorExposureData', 4, integer('readsComplete', 2), integer('rampsComplete', 0)),
    csw('IRDetectorExposureData', 5, integer('readsComplete', 1), integer('rampsComplete', 1)),
    csw('ExposureEnd', 9),
    csw('ExposureAborted', 9),
    draft(IMAGER, 'aborted', 9, text('reason', 'b')),
    draft(IMAGER, 'aborting', 8, text('reason', 'a')),
    csw('DataWriteStart', 10, file),
    csw('DataWriteEnd', 11, file),
    ...['IMG1', 'IMG2', 'IMG4'].map((name, n) => rawFrame(name, 12 + n)),
    csw('MetadataAvailable', 13),
    csw('ExposureAvailable', 14),
    csw('ExposureAvailable', 15, text('uri', 'tio:x')),
  ];
  const expected = after(...facts);
  expect(expected).toMatchObject({ state: 'aborted', abortReason: 'a', available: { uri: 'tio:x' } });
  expect(expected.composedId).toBeUndefined();
  const random = randomFrom(3);
  for (let trial = 0; trial < 100; trial++) {
    const shuffled = [...facts, ...facts.filter(() => random() < 0.3)]
      .map((fact) => [random(), fact] as const)
      .sort(([a], [b]) => a - b)
      .map(([, fact]) => fact);
    expect(JSON.stringify(after(...shuffled))).toBe(JSON.stringify(expected));
  }
});

test('times compare as times, not as text', () => {
  const at = (time: string): ExposureFact => ({
    kind: 'exposure-start',
    exposureId: ID,
    source: 'IRIS.x',
    time,
  });
  expect(after(at('2031-03-14T09:00:00Z'), at('2031-03-14T09:00:00.000000001Z')).started).toBe(
    '2031-03-14T09:00:00Z',
  );
});

describe('the detectors of an exposure', () => {
  test('the imager waits for as many frames as detectors are in use', () => {
    const started = after(draft(IMAGER, 'exposureStart', 1));
    expect(expectedDetectors(started)).toBeUndefined();
    expect(isComplete(started)).toBeUndefined();
    let exposure = advance(started, inUse(1, true, false, true, true));
    expect(expectedDetectors(exposure)).toEqual(['IMG1', 'IMG3', 'IMG4']);
    for (const [index, name] of ['IMG4', 'IMG1', 'IMG3'].entries()) {
      expect(isComplete(exposure)).toBe(false);
      exposure = advance(exposure, rawFrame(name, 9 + index));
    }
    expect(isComplete(exposure)).toBe(true);
    expect(exposure.composedId).toBe(true);
  });

  test('a change of the detectors after the end is for the next exposure', () => {
    const ended = after(
      draft(IMAGER, 'exposureStart', 1),
      inUse(2, true, true, true, true),
      draft(IMAGER, 'exposureEnd', 5),
    );
    expect(advance(ended, inUse(6, true, false, false, false))).toBe(ended);
    expect(advance(ended, inUse(1, true, false, false, false))).toBe(ended);
  });

  test('one file that names no detector holds them all', () => {
    expect(isComplete(after(csw('DataWriteEnd', 11, file)))).toBe(true);
  });

  test('an id that names a detector expects that one', () => {
    const start = (id: string): Exposure =>
      after(factsOf(event(IMAGER, 'ObserveEvent.ExposureStart', [text('exposureId', id)]))[0]!);
    expect(expectedDetectors(start('20310314-092823-IRIS-IMG2-DRK0-0007-01'))).toEqual(['IMG2']);
    expect(expectedDetectors(start('2031A-001-123-IRIS-SLC-SCI0-0007'))).toEqual(['IFS']);
  });
});

test('a fact of another exposure, or of none at the beginning, is refused', () => {
  const other = { ...csw('ExposureStart', 1), exposureId: '2031A-001-123-IRIS-IMG-SCI0-0008' };
  expect(() => advance(after(csw('ExposureStart', 1)), other)).toThrow(
    expect.objectContaining({ code: 'OTHER_EXPOSURE' }),
  );
  expect(() => advance(undefined, inUse(1, true, true, true, true))).toThrow(
    expect.objectContaining({ code: 'OTHER_EXPOSURE' }),
  );
});

test('the golden observation gives three exposures', () => {
  const exposures = new Map<string, Exposure>();
  for (const { line } of goldenEvents) {
    for (const fact of factsOf(parseEventLine(line).event)) {
      if (fact.exposureId) exposures.set(fact.exposureId, advance(exposures.get(fact.exposureId), fact));
    }
  }
  expect([...exposures.values()].map(({ id, state, files }) => [id, state, files.length])).toEqual([
    ['2032B-017-004-IRIS-IMG-SCI0-0001', 'ended', 1],
    ['2032B-017-004-IRIS-IMG-SKY0-0002', 'aborted', 0],
    ['20320902-051517-IRIS-IMG3-DRK0-0012-02', 'exposing', 0],
  ]);
});
