import type { CswEvent } from '../events/model.ts';
import { booleanParam, booleansParam, numberParam, secondsParam, stringParam } from '../events/params.ts';
import { DETECTORS } from '../exposures/detectors.ts';
import type { DetectorStatus, Progress, Readout } from '../exposures/facts.ts';
import { publisherDetector } from './subject.ts';
import type { Reading, Wording } from './wording.ts';

/**
 * Events about exposures, by name in lower case without `ObserveEvent.`:
 *
 * - CSW observe events and the IRIS draft, which spells the same names in lower camel case;
 * - IRIS master (ICD API 1.7), system events of the detector assemblies;
 * - the draft's own system events of detector assembly and Hawaii HCD.
 */
export const EXPOSURE_WORDING: Wording = {
  exposurestart: named('exposure-start'),
  exposureend: named('exposure-end'),
  preparestart: named('prepare-start'),
  metadataavailable: named('metadata-available'),
  exposureaborted: (event) => ({ kind: 'exposure-aborted', ...reason(event) }),
  exposureavailable: (event) => ({
    kind: 'exposure-available',
    ...optional('uri', stringParam(event, 'uri')),
  }),
  datawritestart: (event) => path(event, (file) => ({ kind: 'data-write-start', path: file })),
  datawriteend: (event) => path(event, (file) => ({ kind: 'data-written', path: file })),
  readoutend: (event) => ({ kind: 'readout-end', ...readout(event) }),
  readoutfailed: (event) => ({ kind: 'readout-failed', ...readout(event) }),
  irdetectorexposuredata: (event) => ({ kind: 'progress', ...progress(event) }),
  irdetectorexposurestate: (event) => ({ kind: 'detector-status', ...status(event) }),

  startexposure: named('exposure-start'),
  endexposure: named('exposure-end'),
  readoutcompleted: (event) => ({ kind: 'readout-end', ...readout(event) }),
  aborted: (event) => ofExposure(event, { kind: 'exposure-aborted', ...reason(event) }),
  aborting: (event) => ofExposure(event, { kind: 'exposure-aborting', ...reason(event) }),
  exposurestate: (event) =>
    publisherDetector(event.source) ? { kind: 'detector-status', ...status(event) } : undefined,

  rawscienceframewriteend: (event) =>
    path(event, (file) => ({ kind: 'data-written', path: file, level: 'raw' })),
  state: detectorsInUse,
};

function named(kind: 'exposure-start' | 'exposure-end' | 'prepare-start' | 'metadata-available') {
  return (): Reading => ({ kind });
}

/** `filename` in CSW, `path` in the draft. The draft's DataWrite of the pupil camera has neither. */
function path(event: CswEvent, reading: (file: string) => Reading): Reading | undefined {
  const file = stringParam(event, 'filename') ?? stringParam(event, 'path');
  return file ? reading(file) : undefined;
}

/** `aborting` and `aborted` are common names: only those that number an exposure are about one. */
const ofExposure = (event: CswEvent, reading: Reading): Reading | undefined =>
  numberParam(event, 'exposure') === undefined && stringParam(event, 'exposureId') === undefined
    ? undefined
    : reading;

const reason = (event: CswEvent): { reason?: string } => optional('reason', stringParam(event, 'reason'));

const readout = (event: CswEvent): Readout => ({
  ...optional('read', numberParam(event, 'read')),
  ...optional('ramp', numberParam(event, 'ramp')),
  ...optional('path', stringParam(event, 'filename') ?? stringParam(event, 'path')),
  ...reason(event),
});

const progress = (event: CswEvent): Progress => ({
  ...optional('readsInRamp', numberParam(event, 'readsInRamp')),
  ...optional('readsComplete', numberParam(event, 'readsComplete')),
  ...optional('rampsInExposure', numberParam(event, 'rampsInExposure')),
  ...optional('rampsComplete', numberParam(event, 'rampsComplete')),
  ...optional('exposureSeconds', secondsParam(event, 'exposureTime')),
  ...optional('remainingSeconds', secondsParam(event, 'remainingExposureTime')),
});

const status = (event: CswEvent): DetectorStatus => ({
  ...optional('operationalState', stringParam(event, 'operationalState')),
  ...optional('errorMessage', stringParam(event, 'errorMessage')),
  ...optional('exposureInProgress', booleanParam(event, 'exposureInProgress')),
  ...optional('abortInProgress', booleanParam(event, 'abortInProgress')),
  ...optional('isAborted', booleanParam(event, 'isAborted')),
});

/** The draft's imager assembly says which of its four detectors take part; other `state` events have no `use`. */
function detectorsInUse(event: CswEvent): Reading | undefined {
  const use = booleansParam(event, 'use');
  if (publisherDetector(event.source)?.mode !== 'imager' || use?.length !== 4) return undefined;
  return { kind: 'detectors-in-use', detectors: DETECTORS.filter((_, index) => use[index] === true) };
}

function optional<K extends string, V>(key: K, value: V | undefined): { [P in K]?: V } {
  return (value === undefined ? {} : { [key]: value }) as { [P in K]?: V };
}
