import { factsOf, parseEventLine } from '@iris-drs/tmt';
import { describe, expect, test } from 'vitest';
import { event, flags, goldenEvents, integer, text } from '../build.ts';

const OBS = '2031A-001-123';
const EXPOSURE = `${OBS}-IRIS-IMG-SCI0-0007`;
const obs = text('obsId', OBS);
const IMAGER = 'IRIS.imager.detector';
const HCD = 'IRIS.hcd.hawaii';

/** The facts of one event without its source and time. */
const facts = (...args: Parameters<typeof event>): unknown[] =>
  factsOf(event(...args)).map(({ source: _, time: _t, ...fact }) => fact);

describe('CSW observe events', () => {
  const about = { exposureId: EXPOSURE, obsId: OBS };
  const exposure = text('exposureId', '2031a-001-123-iris-IMG-sci0-0007');

  test.each([
    ['ExposureStart', { kind: 'exposure-start' }],
    ['ExposureEnd', { kind: 'exposure-end' }],
    ['ExposureAborted', { kind: 'exposure-aborted' }],
    ['PrepareStart', { kind: 'prepare-start' }],
    ['ReadoutEnd', { kind: 'readout-end' }],
    ['ReadoutFailed', { kind: 'readout-failed' }],
    ['MetadataAvailable', { kind: 'metadata-available' }],
    ['ExposureAvailable', { kind: 'exposure-available' }],
  ])('%s, the id normalised', (name, fact) => {
    expect(facts(IMAGER, `ObserveEvent.${name}`, [exposure])).toEqual([{ ...about, ...fact }]);
  });

  test('DataWriteStart and DataWriteEnd give the path; CSW says no level and no detector', () => {
    const file = text('filename', '/data/a.fits');
    expect(facts(IMAGER, 'ObserveEvent.DataWriteStart', [file, exposure])).toEqual([
      { ...about, kind: 'data-write-start', path: '/data/a.fits' },
    ]);
    expect(facts(IMAGER, 'ObserveEvent.DataWriteEnd', [exposure, file])).toEqual([
      { ...about, kind: 'data-written', path: '/data/a.fits' },
    ]);
  });

  test('a publisher may add the detector', () => {
    expect(facts(IMAGER, 'ObserveEvent.ExposureStart', [exposure, text('detector', 'IMG2')])).toEqual([
      { ...about, detector: 'IMG2', kind: 'exposure-start' },
    ]);
  });

  test('ExposureAvailable of the data collection service carries a uri, from another source', () => {
    expect(
      facts('DMS.DetectorDataCollectionService', 'ObserveEvent.ExposureAvailable', [
        exposure,
        text('uri', 'tio:x'),
      ]),
    ).toEqual([{ ...about, kind: 'exposure-available', uri: 'tio:x' }]);
  });

  test('progress in seconds', () => {
    const progress = [
      exposure,
      integer('readsInRamp', 3),
      integer('readsComplete', 1),
      integer('rampsInExposure', 2),
      integer('rampsComplete', 0),
      ['LongKey', 'exposureTime', [10_500], 'millisecond'],
      ['LongKey', 'remainingExposureTime', [8750], 'millisecond'],
    ] as const;
    expect(facts(IMAGER, 'ObserveEvent.IRDetectorExposureData', progress)).toEqual([
      {
        ...about,
        kind: 'progress',
        readsInRamp: 3,
        readsComplete: 1,
        rampsInExposure: 2,
        rampsComplete: 0,
        exposureSeconds: 10.5,
        remainingSeconds: 8.75,
      },
    ]);
  });

  test('the sequencer, whatever the observing mode it is named after', () => {
    for (const source of ['ESW.IRIS_ImagerOnly', 'ESW.IRIS_IFSOnly']) {
      expect(facts(source, 'ObserveEvent.ObserveEnd', [obs])).toEqual([{ obsId: OBS, kind: 'observe-end' }]);
    }
    expect(facts('ESW.x', 'ObserveEvent.ObservePaused')).toEqual([{ kind: 'observe-paused' }]);
    expect(facts('ESW.x', 'ObserveEvent.DowntimeStart', [obs, text('reasonForDowntime', 'wind')])).toEqual([
      { obsId: OBS, kind: 'downtime-start', reason: 'wind' },
    ]);
    expect(facts('ESW.x', 'ObserveEvent.ObservationStart', [text('obsId', 'free text')])).toEqual([
      { kind: 'observation-start' },
    ]);
  });

  test('every event of the golden observation but the five of telemetry and the invalid one is a fact', () => {
    const silent = goldenEvents.filter(({ line }) => factsOf(parseEventLine(line).event).length === 0);
    expect(silent.map(({ key }) => key)).toEqual([
      'IRIS.imager.filter.current',
      'ESW.TopLevelSequencer.ObservationDetails',
      'ESW.TopLevelSequencer.Object',
      'TCS.cmIRIS.imgAtmDispersion',
      'TCS.cmIRIS.odgwPosDemands',
      'IRIS.imager.filter.neverPublished',
      'IRIS.test.all.everyKeyType',
    ]);
  });

  test("another instrument's exposure is not ours", () => {
    expect(
      facts('WFOS.red', 'ObserveEvent.ExposureStart', [text('exposureId', `${OBS}-WFOS-IMG1-SCI0-0001`)]),
    ).toEqual([]);
  });

  test('an exposure id that names nothing is a typed failure', () => {
    const short = [text('exposureId', 'IRIS-IMG-SCI0-0001')];
    expect(() => facts(IMAGER, 'ObserveEvent.ExposureStart', short)).toThrow(
      expect.objectContaining({ code: 'SHORT_EXPOSURE_ID' }),
    );
  });
});

describe('IRIS master: system events with obsId and exposure', () => {
  const exposure = integer('exposure', 7);
  const about = { exposureId: EXPOSURE, composedId: true, obsId: OBS };

  test('start, end and abort of an exposure', () => {
    expect(facts(IMAGER, 'startExposure', [obs, exposure])).toEqual([{ ...about, kind: 'exposure-start' }]);
    expect(facts(IMAGER, 'endExposure', [exposure, obs])).toEqual([{ ...about, kind: 'exposure-end' }]);
    const why = [exposure, obs, text('reason', 'cloud')];
    expect(facts(IMAGER, 'aborting', why)).toEqual([
      { ...about, kind: 'exposure-aborting', reason: 'cloud' },
    ]);
    expect(facts(IMAGER, 'aborted', why)).toEqual([{ ...about, kind: 'exposure-aborted', reason: 'cloud' }]);
  });

  test('the readouts of four detectors belong to one exposure', () => {
    for (const detector of [1, 2, 3, 4]) {
      const numbers = [integer('detector', detector), integer('read', 2), integer('ramp', 1), exposure, obs];
      expect(facts(IMAGER, 'readoutCompleted', numbers)).toEqual([
        { ...about, detector: `IMG${detector}`, kind: 'readout-end', read: 2, ramp: 1 },
      ]);
    }
  });

  test('the spectrograph has an exposure of its own, and its one detector is known', () => {
    expect(
      facts('IRIS.ifs.detector', 'readoutFailed', [integer('read', 0), integer('ramp', 0), exposure, obs]),
    ).toEqual([
      {
        obsId: OBS,
        composedId: true,
        exposureId: `${OBS}-IRIS-IFS-SCI0-0007`,
        detector: 'IFS',
        kind: 'readout-failed',
        read: 0,
        ramp: 0,
      },
    ]);
  });

  test('five-digit numbers make an id that reads back; beyond that there is none', () => {
    const [fact] = factsOf(event(IMAGER, 'startExposure', [obs, integer('exposure', 99_999)]));
    expect(fact?.exposureId).toBe(`${OBS}-IRIS-IMG-SCI0-99999`);
    expect(facts(IMAGER, 'startExposure', [obs, integer('exposure', 100_000)])).toEqual([
      { obsId: OBS, kind: 'exposure-start' },
    ]);
  });

  test('without an observation the exposure stays unnamed; a malformed one is a failure', () => {
    expect(facts(IMAGER, 'startExposure', [text('obsId', ''), exposure])).toEqual([
      { kind: 'exposure-start' },
    ]);
    expect(() => facts(IMAGER, 'startExposure', [text('obsId', 'x'), exposure])).toThrow(
      expect.objectContaining({ code: 'BAD_OBS_ID' }),
    );
  });

  test('IRIS.is names instruments; its write events reuse the parameter names of endReadout', () => {
    const both = (suffix: string) => [flags(`ifs${suffix}`, false), flags(`imager${suffix}`, true)];
    const fact = (step: string, phase: string) => [
      { kind: 'instrument-phase', step, phase, instruments: ['imager'] },
    ];
    expect(facts('IRIS.is', 'startPrepare', both('StartPrepare'))).toEqual(fact('prepare', 'start'));
    expect(facts('IRIS.is', 'endReadout', both('EndReadout'))).toEqual(fact('readout', 'end'));
    expect(facts('IRIS.is', 'endDatasetWrite', both('EndReadout'))).toEqual(fact('write', 'end'));
    expect(facts('IRIS.is', 'observeComplete', both('ObserveComplete'))).toEqual(fact('observe', 'end'));
    expect(facts('IRIS.is', 'aborting', both(''))).toEqual(fact('abort', 'start'));
  });

  test('events that share a name but not the meaning say nothing', () => {
    expect(facts('IRIS.is', 'aborted', [text('what', 'script')])).toEqual([]);
    expect(facts('IRIS.oiwfs.poa', 'state', [flags('use', true, true, true, true)])).toEqual([]);
    expect(facts(IMAGER, 'state', [['ChoiceKey', 'cmd', ['READY']]])).toEqual([]);
    expect(facts('TCS.x', 'exposureState', [flags('isAborted', true)])).toEqual([]);
    expect(facts(IMAGER, 'constructor')).toEqual([]);
  });
});

describe('IRIS draft: lower-camel names and the Hawaii HCD', () => {
  const exposure = integer('exposure', 7);
  const about = { exposureId: EXPOSURE, composedId: true, obsId: OBS };

  test('a raw science frame is written, one for each detector', () => {
    const params = [text('path', '20310314/raw/x.fits'), text('detector', 'IMG3'), exposure, obs];
    expect(facts(HCD, 'rawScienceFrameWriteEnd', params)).toEqual([
      { ...about, detector: 'IMG3', kind: 'data-written', path: '20310314/raw/x.fits', level: 'raw' },
    ]);
    const ifs = [text('path', 'y.fits'), text('detector', 'IFS'), exposure, obs];
    expect(facts(HCD, 'rawScienceFrameWriteEnd', ifs)).toEqual([
      {
        ...about,
        exposureId: `${OBS}-IRIS-IFS-SCI0-0007`,
        detector: 'IFS',
        kind: 'data-written',
        path: 'y.fits',
        level: 'raw',
      },
    ]);
  });

  test('the assembly speaks for the imager as a whole', () => {
    const whole = [text('detector', 'IRIS-IMG'), obs, exposure];
    expect(facts(IMAGER, 'exposureStart', whole)).toEqual([{ ...about, kind: 'exposure-start' }]);
    expect(facts(IMAGER, 'ObserveEvent.exposureEnd', whole)).toEqual([{ ...about, kind: 'exposure-end' }]);
    expect(
      facts(IMAGER, 'irDetectorExposureData', [...whole, ['FloatKey', 'exposureTime', [3.5], 'second']]),
    ).toEqual([{ ...about, kind: 'progress', exposureSeconds: 3.5 }]);
  });

  test('state.use tells which detectors take part', () => {
    expect(facts(IMAGER, 'state', [flags('use', true, false, true, true)])).toEqual([
      { kind: 'detectors-in-use', detectors: ['IMG1', 'IMG3', 'IMG4'] },
    ]);
  });

  test('the pupil camera is not a science detector', () => {
    expect(facts(HCD, 'readoutEnd', [text('detector', 'PVC'), integer('read', 1), exposure, obs])).toEqual(
      [],
    );
    expect(facts(HCD, 'dataWriteEnd', [text('fileId', 'f'), exposure, obs])).toEqual([]);
  });
});
