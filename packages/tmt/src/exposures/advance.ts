import { TmtError } from '../errors.ts';
import type { Exposure, ExposureState } from './exposure.ts';
import type { ExposureFact } from './facts.ts';
import { earlierOf, isAfter, withFailure, withFile, withProgress, withReadout } from './merge.ts';

/**
 * The exposure after one more fact. Facts may be missing, repeated, late and in any order: each only adds
 * to what is known, the earliest time wins, an abort stays, and data that arrive after the end (or after an
 * ObserveEnd, which says nothing about files) are taken as well.
 *
 * `detectors-in-use` names no exposure; it is the caller who applies it to exposures under way. The latest
 * one that is not after the exposure's end counts.
 *
 * @returns the same object when the fact adds nothing
 * @throws TmtError OTHER_EXPOSURE when the fact names another exposure, or none and there is none yet
 */
export function advance(exposure: Exposure | undefined, fact: ExposureFact): Exposure {
  const id = fact.exposureId ?? exposure?.id;
  if (id === undefined || (exposure && exposure.id !== id)) {
    throw new TmtError(
      'OTHER_EXPOSURE',
      `${fact.kind} is about ${fact.exposureId ?? 'no exposure'}; expected ${exposure?.id ?? 'one that names its exposure'}`,
      { field: 'exposureId' },
    );
  }
  const before = exposure ?? blank(id, fact);
  const after = tidy(apply(identified(before, fact), fact));
  return exposure && JSON.stringify(after) === JSON.stringify(exposure) ? exposure : after;
}

const blank = (id: string, fact: ExposureFact): Exposure => ({
  id,
  ...(fact.composedId ? { composedId: true } : {}),
  state: 'announced',
  aborted: false,
  firstSeen: fact.time,
  files: [],
  readouts: [],
  failedReadouts: [],
});

/** An id that some event spelled out is no guess, whatever other events had to compose. */
function identified(exposure: Exposure, fact: ExposureFact): Exposure {
  if (fact.exposureId === undefined) return exposure;
  const { composedId, ...rest } = exposure;
  return {
    ...rest,
    ...(fact.obsId === undefined ? {} : { obsId: fact.obsId }),
    ...(composedId && fact.composedId ? { composedId } : {}),
    firstSeen: earlierOf(exposure.firstSeen, fact.time),
  };
}

function apply(exposure: Exposure, fact: ExposureFact): Exposure {
  switch (fact.kind) {
    case 'exposure-start':
      return { ...exposure, started: earlierOf(exposure.started, fact.time) };
    case 'exposure-end':
      return { ...exposure, ended: earlierOf(exposure.ended, fact.time) };
    case 'exposure-aborting':
    case 'exposure-aborted':
      return aborted(exposure, fact.time, fact.reason);
    case 'data-write-start':
      return withFile(exposure, fact, false);
    case 'data-written':
      return withFile(exposure, fact, true);
    case 'readout-end':
      return withReadout(exposure, fact);
    case 'readout-failed':
      return withFailure(exposure, fact);
    case 'progress':
      return withProgress(exposure, fact);
    case 'detector-status':
      return fact.exposureId !== undefined && fact.isAborted ? aborted(exposure, fact.time) : exposure;
    case 'exposure-available':
      return { ...exposure, available: available(exposure.available, fact) };
    case 'metadata-available':
      return { ...exposure, metadataAvailable: earlierOf(exposure.metadataAvailable, fact.time) };
    case 'detectors-in-use': {
      const stale = exposure.inUse && !isAfter(fact.time, exposure.inUse.time);
      const tooLate = exposure.ended !== undefined && isAfter(fact.time, exposure.ended);
      return stale || tooLate
        ? exposure
        : { ...exposure, inUse: { time: fact.time, detectors: fact.detectors } };
    }
    default:
      return exposure;
  }
}

function available(known: Exposure['available'], fact: { time: string; uri?: string }) {
  const uri = [known?.uri, fact.uri].filter((candidate) => candidate !== undefined).sort()[0];
  return { time: earlierOf(known?.time, fact.time), ...(uri === undefined ? {} : { uri }) };
}

function aborted(exposure: Exposure, time: string, reason?: string): Exposure {
  const text = [exposure.abortReason, reason].filter((candidate) => candidate).sort()[0];
  return {
    ...exposure,
    aborted: true,
    abortedAt: earlierOf(exposure.abortedAt, time),
    ...(text === undefined ? {} : { abortReason: text }),
  };
}

function stateOf(exposure: Exposure): ExposureState {
  if (exposure.aborted) return 'aborted';
  const done = exposure.files.some((file) => file.written && file.level !== 'readouts');
  if (exposure.ended !== undefined || exposure.available || done) return 'ended';
  const seenData = exposure.readouts.length > 0 || exposure.progress || exposure.files.length > 0;
  return exposure.started !== undefined || seenData ? 'exposing' : 'announced';
}

/** Members always in one order, so that equal exposures have equal JSON. */
function tidy(exposure: Exposure): Exposure {
  const entries = Object.entries({ ...exposure, state: stateOf(exposure) });
  return Object.fromEntries(entries.sort(([a], [b]) => (a < b ? -1 : 1))) as unknown as Exposure;
}
