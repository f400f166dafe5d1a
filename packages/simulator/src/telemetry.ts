import {
  choice,
  coordinates,
  double,
  type EventMaker,
  flag,
  float,
  floats,
  integer,
  type PublishedEvent,
  text,
  utc,
} from './csw.ts';

/** What the telemetry around an exposure tells. */
export interface TelemetryState {
  readonly observationId: string;
  readonly observationStart: string;
  readonly object: string;
  readonly filter: string;
  readonly pointing: readonly [ra: number, dec: number];
  /** arcsec on the sky. */
  readonly offset: readonly [p: number, q: number];
  readonly isSky: boolean;
  /** Counted from 1, of object and of sky. */
  readonly position: number;
  readonly exposureNumber: number;
  readonly exposures: number;
  readonly reads: number;
  readonly ramps: number;
  readonly readSeconds: number;
  readonly detectors: readonly string[];
  readonly gain: number;
  readonly readNoise: number;
}

const IMAGER = ['IMG1', 'IMG2', 'IMG3', 'IMG4'];

/** Central wavelengths, micron, of filters whose name begins so. */
const WAVELENGTH: Readonly<Record<string, number>> = { Z: 0.93, Y: 1.09, J: 1.27, H: 1.63, K: 2.18 };

/**
 * System events as the publishers' models describe them (IRIS API 1.7, TCS and ESW models): filter, detector
 * set-up, which detectors take part, sequencer, pointing.
 */
export function telemetry(make: EventMaker, state: TelemetryState): PublishedEvent[] {
  const { reads, ramps, readSeconds, offset, pointing } = state;
  const rampSeconds = reads * readSeconds;
  const use = IMAGER.map((name) => state.detectors.includes(name));
  const [ra, dec] = [
    pointing[0] + offset[0] / 3600 / Math.cos((pointing[1] * Math.PI) / 180),
    pointing[1] + offset[1] / 3600,
  ];
  const program = state.observationId.split('-').slice(0, 2).join('-');
  return [
    make.system(
      'ESW.TopLevelSequencer',
      'ObservationDetails',
      text('programId', program),
      text('observationId', state.observationId),
      text('observer', 'A. Observer'),
      utc('observationStartDateTime', state.observationStart),
    ),
    make.system(
      'ESW.TopLevelSequencer',
      'Object',
      text('name', state.object),
      coordinates('coords', pointing),
    ),
    make.system(
      'ESW.TopLevelSequencer',
      'DitherPosition',
      integer('currentObjectPosition', state.isSky ? 0 : state.position),
      integer('currentSkyPosition', state.isSky ? state.position : 0),
      flag('currentPositionIsSky', state.isSky),
    ),
    make.system(
      'TCS.TCS PK Assembly',
      'CurrentPosition',
      double('Ratel', ra, 'degree'),
      double('Dectel', dec, 'degree'),
      double('telaz', 151.25, 'degree'),
      double('telel', 62.5, 'degree'),
      double('za', 27.5, 'degree'),
      double('Airmass', 1.127),
      double('parang', -31.5, 'degree'),
    ),
    make.system('TCS.cmIRIS', 'positionAngle', double('positionAngle', 0, 'degree')),
    make.system(
      'IRIS.imager.filter',
      'current',
      text('name', state.filter),
      text('target', state.filter),
      double('wavelength', WAVELENGTH[state.filter.slice(0, 1).toUpperCase()] ?? 2.18, 'micron'),
      flag('dark', false),
    ),
    make.system(
      'IRIS.imager.detector',
      'currentConfig',
      text('obsId', state.observationId),
      float('totalTime', rampSeconds * ramps, 'second'),
      float('rampIntegrationTime', rampSeconds, 'second'),
      float('readoutTime', readSeconds, 'second'),
      integer('reads', reads),
      integer('ramps', ramps),
    ),
    make.system(
      'IRIS.imager.detector',
      'systemConf',
      text('detectorName', ...IMAGER),
      flag('use', ...use),
      floats(
        'gain',
        IMAGER.map(() => state.gain),
      ),
      floats(
        'readNoise',
        IMAGER.map(() => state.readNoise),
      ),
      integer('channels', 64),
    ),
    make.system('IRIS.imager.detector', 'state', flag('use', ...use)),
    make.system(
      'IRIS.is',
      'imagerObserveSettings',
      integer('numRamps', ramps),
      integer('integrationTime', Math.round(rampSeconds * 1000)),
      choice('samplingMode', 'UTR'),
      integer('numReads', reads),
    ),
    make.system(
      'IRIS.is',
      'exposureRepeats',
      integer('currentImagerExposureNumber', state.exposureNumber),
      integer('numberOfImagerExposures', state.exposures),
    ),
    ...(state.detectors.includes('IFS') ? [make.system('IRIS.is', 'ifsMode', choice('mode', 'SLICER'))] : []),
  ];
}
