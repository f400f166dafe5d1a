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
const detectorOf = (exposureId: string): string =>
  exposureId.includes('-IFS-') ? 'IRIS.ifs.detector' : 'IRIS.imager.detector';
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

const exposureState = (
  make: EventMaker,
  exposureId: string,
  busy: boolean,
  abort?: 'abortInProgress' | 'isAborted',
): PublishedEvent =>
  make.observe(
    detectorOf(exposureId),
    'IRDetectorExposureState',
    text('exposureId', exposureId),
    choice('operationalState', busy ? 'BUSY' : 'READY'),
    text('errorMessage', ''),
    flag('exposureInProgress', busy),
    flag('abortInProgress', abort === 'abortInProgress'),
    flag('isAborted', abort === 'isAborted'),
  );

export function* exposureStart(make: EventMaker, exposureId: string): Generator<PublishedEvent> {
  yield exposureState(make, exposureId, true);
  make.wait(0.01);
  yield make.observe(detectorOf(exposureId), 'ExposureStart', text('exposureId', exposureId));
}

export interface Sampling {
  readonly reads: number;
  readonly ramps: number;
  readonly readSeconds: number;
  /** Seconds from the reset of a ramp to each read, where they are not even. */
  readonly times?: readonly number[];
}

/** Seconds between a read and the one before it, or the reset. */
const intervalBefore = ({ times, readSeconds }: Sampling, read: number): number =>
  times ? times[read]! - (times[read - 1] ?? 0) : readSeconds;

/** The detector's own account of an exposure, at most once a second: asked after each read, it answers if it is time. */
function progress(make: EventMaker, exposureId: string, sampling: Sampling, last: number) {
  const { reads, ramps, readSeconds, times } = sampling;
  const rampSeconds = times?.at(-1) ?? reads * readSeconds;
  const total = times ? rampSeconds * ramps : reads * ramps * readSeconds;
  const spent = (done: number) =>
    times
      ? Math.floor(done / reads) * rampSeconds + (done % reads === 0 ? 0 : times[(done % reads) - 1]!)
      : done * readSeconds;
  let reported = Number.NEGATIVE_INFINITY;
  return (done: number): PublishedEvent[] => {
    if (done !== last && make.elapsed - reported < 1) return [];
    reported = make.elapsed;
    return [
      make.observe(
        detectorOf(exposureId),
        'IRDetectorExposureData',
        text('exposureId', exposureId),
        integer('readsInRamp', reads),
        integer('readsComplete', ((done - 1) % reads) + 1),
        integer('rampsInExposure', ramps),
        integer('rampsComplete', Math.floor(done / reads)),
        milliseconds('exposureTime', total),
        milliseconds('remainingExposureTime', total - spent(done)),
      ),
    ];
  };
}

/** What the controller of one detector says of one read; numbers as RAMP_NO and READ_NO of its file. */
export interface ControllerRead {
  readonly detector: string;
  readonly ramp: number;
  readonly read: number;
  /** Without it the read has failed. */
  readonly filename?: string;
}

/**
 * Reads of an exposure, the first `last` of them: ReadoutEnd from the controller and the detector's progress.
 *
 * @param written  called when a read has been taken; names what each controller has done, in place of the one
 *   ReadoutEnd without details
 */
export async function* readouts(
  make: EventMaker,
  exposureId: string,
  sampling: Sampling,
  last: number = sampling.reads * sampling.ramps,
  written?: (ramp: number, read: number) => AsyncGenerator<ControllerRead>,
): AsyncGenerator<PublishedEvent> {
  const report = progress(make, exposureId, sampling, last);
  for (let done = 1; done <= last; done++) {
    const [ramp, read] = [Math.floor((done - 1) / sampling.reads), (done - 1) % sampling.reads];
    make.wait(intervalBefore(sampling, read) - 0.005);
    if (written) for await (const one of written(ramp, read)) yield controllerRead(make, exposureId, one);
    else yield make.observe(CONTROLLER, 'ReadoutEnd', text('exposureId', exposureId));
    make.wait(0.005);
    yield* report(done);
  }
}

/** ReadoutEnd of one read, or ReadoutFailed. */
export const controllerRead = (make: EventMaker, exposureId: string, one: ControllerRead): PublishedEvent =>
  make.observe(
    CONTROLLER,
    one.filename === undefined ? 'ReadoutFailed' : 'ReadoutEnd',
    text('exposureId', exposureId),
    text('detector', one.detector),
    integer('ramp', one.ramp),
    integer('read', one.read),
    one.filename === undefined ? text('reason', 'simulated failure') : text('filename', one.filename),
  );

export function* exposureAborted(make: EventMaker, exposureId: string): Generator<PublishedEvent> {
  make.wait(0.1);
  yield exposureState(make, exposureId, true, 'abortInProgress');
  make.wait(0.01);
  yield make.observe(detectorOf(exposureId), 'ExposureAborted', text('exposureId', exposureId));
  make.wait(0.01);
  yield exposureState(make, exposureId, false, 'isAborted');
  make.wait(0.08);
}

export function* exposureEnd(make: EventMaker, exposureId: string): Generator<PublishedEvent> {
  make.wait(0.1);
  yield make.observe(detectorOf(exposureId), 'ExposureEnd', text('exposureId', exposureId));
  make.wait(0.01);
  yield exposureState(make, exposureId, false);
  make.wait(0.09);
}

export const dataWriteStart = (make: EventMaker, exposureId: string, filename: string): PublishedEvent =>
  make.observe(
    detectorOf(exposureId),
    'DataWriteStart',
    text('exposureId', exposureId),
    text('filename', filename),
  );

export const dataWriteEnd = (make: EventMaker, exposureId: string, filename: string): PublishedEvent =>
  make.observe(
    detectorOf(exposureId),
    'DataWriteEnd',
    text('exposureId', exposureId),
    text('filename', filename),
  );

export function* available(make: EventMaker, exposureId: string): Generator<PublishedEvent> {
  make.wait(0.7);
  yield make.observe(DMS, 'MetadataAvailable', text('exposureId', exposureId));
  make.wait(0.5);
  yield make.observe(DMS, 'ExposureAvailable', text('exposureId', exposureId));
  make.wait(0.1);
}
