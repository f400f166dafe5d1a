import {
  choice,
  double,
  type EventMaker,
  flag,
  integer,
  milliseconds,
  type PublishedEvent,
  text,
} from './csw.ts';

/** Publishers of an imager-only observation (ESW observing simulation, sequencer scripts). */
const SEQUENCER = 'ESW.IRIS_ImagerOnly';
const TCS = 'TCS.IRIS_ImagerOnly';
const DETECTOR = 'IRIS.imager.detector';
const CONTROLLER = 'IRIS.hcd.hawaii';
const DMS = 'DMS.Metadata';

/** Acquisition, from ObservationStart to the science target. */
export function* acquisition(make: EventMaker, observationId: string): Generator<PublishedEvent> {
  const steps: readonly (readonly [name: string, seconds: number])[] = [
    ['ObservationStart', 1],
    ['PresetStart', 59],
    ['PresetEnd', 1],
    ['GuidestarAcqStart', 39],
    ['GuidestarAcqEnd', 1],
    ['ScitargetAcqStart', 7],
    ['ScitargetAcqEnd', 1],
  ];
  for (const [name, seconds] of steps) {
    yield make.observe(SEQUENCER, name, text('obsId', observationId));
    make.wait(seconds);
  }
}

/** A move of the telescope. TCS's script announces only those with a positive component. */
export function* offset(
  make: EventMaker,
  observationId: string,
  [p, q]: readonly [p: number, q: number],
): Generator<PublishedEvent> {
  const announced = p > 0 || q > 0;
  if (announced)
    yield make.observe(
      TCS,
      'OffsetStart',
      text('obsId', observationId),
      choice('coordinateSystem', 'RADEC'),
      double('p', p, 'arcsec'),
      double('q', q, 'arcsec'),
    );
  make.wait(5);
  if (announced) yield make.observe(TCS, 'OffsetEnd', text('obsId', observationId));
  make.wait(5);
}

export const observeStart = (make: EventMaker, observationId: string): PublishedEvent =>
  make.observe(SEQUENCER, 'ObserveStart', text('obsId', observationId));
export const observeEnd = (make: EventMaker, observationId: string): PublishedEvent =>
  make.observe(SEQUENCER, 'ObserveEnd', text('obsId', observationId));
export const observationEnd = (make: EventMaker, observationId: string): PublishedEvent =>
  make.observe(SEQUENCER, 'ObservationEnd', text('obsId', observationId));

const exposureState = (make: EventMaker, exposureId: string, busy: boolean): PublishedEvent =>
  make.observe(
    DETECTOR,
    'IRDetectorExposureState',
    text('exposureId', exposureId),
    choice('operationalState', busy ? 'BUSY' : 'READY'),
    text('errorMessage', ''),
    flag('exposureInProgress', busy),
    flag('abortInProgress', false),
    flag('isAborted', false),
  );

export function* exposureStart(make: EventMaker, exposureId: string): Generator<PublishedEvent> {
  yield exposureState(make, exposureId, true);
  make.wait(0.01);
  yield make.observe(DETECTOR, 'ExposureStart', text('exposureId', exposureId));
}

export interface Sampling {
  readonly reads: number;
  readonly ramps: number;
  readonly readSeconds: number;
}

/** All reads of an exposure: ReadoutEnd from the controller and, at most once a second, the detector's progress. */
export function* readouts(
  make: EventMaker,
  exposureId: string,
  { reads, ramps, readSeconds }: Sampling,
): Generator<PublishedEvent> {
  const total = reads * ramps * readSeconds;
  let reported = Number.NEGATIVE_INFINITY;
  for (let done = 1; done <= reads * ramps; done++) {
    make.wait(readSeconds - 0.005);
    yield make.observe(CONTROLLER, 'ReadoutEnd', text('exposureId', exposureId));
    make.wait(0.005);
    const last = done === reads * ramps;
    if (!last && make.elapsed - reported < 1) continue;
    reported = make.elapsed;
    const rampsComplete = Math.floor(done / reads);
    yield make.observe(
      DETECTOR,
      'IRDetectorExposureData',
      text('exposureId', exposureId),
      integer('readsInRamp', reads),
      integer('readsComplete', ((done - 1) % reads) + 1),
      integer('rampsInExposure', ramps),
      integer('rampsComplete', rampsComplete),
      milliseconds('exposureTime', total),
      milliseconds('remainingExposureTime', total - done * readSeconds),
    );
  }
}

export function* exposureEnd(make: EventMaker, exposureId: string): Generator<PublishedEvent> {
  make.wait(0.1);
  yield make.observe(DETECTOR, 'ExposureEnd', text('exposureId', exposureId));
  make.wait(0.01);
  yield exposureState(make, exposureId, false);
  make.wait(0.09);
}

export const dataWriteStart = (make: EventMaker, exposureId: string, filename: string): PublishedEvent =>
  make.observe(DETECTOR, 'DataWriteStart', text('exposureId', exposureId), text('filename', filename));

export const dataWriteEnd = (make: EventMaker, exposureId: string, filename: string): PublishedEvent =>
  make.observe(DETECTOR, 'DataWriteEnd', text('exposureId', exposureId), text('filename', filename));

export function* available(make: EventMaker, exposureId: string): Generator<PublishedEvent> {
  make.wait(0.7);
  yield make.observe(DMS, 'MetadataAvailable', text('exposureId', exposureId));
  make.wait(0.5);
  yield make.observe(DMS, 'ExposureAvailable', text('exposureId', exposureId));
  make.wait(0.1);
}
