import { faultOf, type Log, type Volume } from '@iris-drs/bus';
import { keywordsFromTelemetry } from '@iris-drs/datamodels';
import type { Keyword } from '@iris-drs/proto';
import {
  advance,
  type CswEvent,
  classify,
  DETECTORS,
  type Detector,
  decodeEvent,
  detectorNamed,
  type ExposureFact,
  eventKey,
  factsOf,
  isTelemetryKey,
  obsIdOf,
  parseExposureId,
  remember,
  type TelemetrySnapshot,
  telemetryEvent,
} from '@iris-drs/tmt';
import { framesOf } from './frames.ts';
import type { ExposureRecord, FrameState } from './record.ts';

/** What an event leads to. */
export interface Intake {
  /** Latest value of every telemetry event seen. */
  telemetry: TelemetrySnapshot;
}

export interface IntakeDeps {
  readonly volume: Volume;
  readonly log: Log;
  record(exposureId: string): ExposureRecord | undefined;
  /** Products of a new frame that are on the bus already, for records made again from the streams. */
  knownProducts(exposureId: string, frame: FrameState): Promise<FrameState['products']>;
  /** Keywords that commands have set. */
  readonly set: Readonly<Record<string, string | number>>;
  /** An exposure's event that cannot be followed. */
  refuse(exposureId: string, input: string, error: unknown): Promise<void>;
}

const value = (raw: string | number | boolean): Keyword['value'] =>
  typeof raw === 'boolean'
    ? { $case: 'flag', value: raw }
    : typeof raw === 'number'
      ? { $case: 'number', value: raw }
      : { $case: 'text', value: raw };

/** Keywords of one detector from the telemetry as it stands, those that commands have set first. */
const snapshot = (telemetry: TelemetrySnapshot, detector: Detector, set: IntakeDeps['set']): Keyword[] => {
  const { keywords } = keywordsFromTelemetry((key, parameter) => {
    const event = telemetryEvent(telemetry, key);
    const values = event?.parameters[parameter]?.values;
    if (!event || !values) return undefined;
    return { value: values.length === 1 ? values[0] : values, time: event.time };
  }, detector);
  const commanded = Object.entries(set)
    .filter(([, given]) => given !== '')
    .map(([name, given]) => ({ name, value: value(given), comment: 'set by command', source: 'command' }));
  const names = new Set(commanded.map(({ name }) => name));
  const told = keywords
    .filter(({ name }) => !names.has(name))
    .map((keyword) => ({
      name: keyword.name,
      value: value(keyword.value),
      comment: keyword.comment,
      source: `${keyword.source} ${keyword.time}`,
    }));
  return [...commanded, ...told];
};

/** Detectors that an exposure may bring: the one its id names, or all of the imager's. */
const detectorsOf = (exposureId: string): readonly Detector[] => {
  const named = detectorNamed(parseExposureId(exposureId).detector);
  return named && !named.whole ? [named.detector] : DETECTORS.filter((detector) => detector !== 'IFS');
};

/** At the start the values of the start; the end adds those that were silent then. */
const withSnapshot = (
  record: ExposureRecord,
  telemetry: TelemetrySnapshot,
  set: IntakeDeps['set'],
): ExposureRecord => {
  const keywords = Object.fromEntries(
    detectorsOf(record.exposureId).map((detector) => {
      const before = record.keywords[detector] ?? [];
      const known = new Set(before.map(({ name }) => name));
      const added = snapshot(telemetry, detector, set).filter(({ name }) => !known.has(name));
      return [detector, [...before, ...added]];
    }),
  );
  return { ...record, keywords };
};

const blank = (exposureId: string, fact: ExposureFact): ExposureRecord => ({
  exposureId,
  observationId: fact.obsId ?? obsIdOf(exposureId) ?? '',
  exposure: advance(undefined, fact),
  frames: {},
  keywords: {},
});

type WithId = ExposureFact & { readonly exposureId: string };

const addFile = async (
  record: ExposureRecord,
  path: string,
  fact: WithId,
  arrivedMillis: number,
  telemetry: TelemetrySnapshot,
  deps: IntakeDeps,
): Promise<ExposureRecord> => {
  const { volume, log } = deps;
  let resolved: string;
  try {
    resolved = volume.resolve(path);
  } catch (error) {
    await deps.refuse(fact.exposureId, path, error);
    return record;
  }
  const file = {
    exposureId: fact.exposureId,
    composedId: fact.composedId === true,
    path: resolved,
    detector: fact.detector,
    arrivedMillis,
  };
  const frames = { ...record.frames };
  for (const frame of await framesOf(file, volume, telemetry, log)) {
    const known = frames[frame.detector];
    if (known && (known.path !== frame.path || known.extver !== frame.extver)) {
      log.warn(
        { exposure: fact.exposureId, detector: frame.detector, input: frame.path, kept: known.path },
        'a second file for one detector is left aside',
      );
    }
    if (!known)
      frames[frame.detector] = { ...frame, products: await deps.knownProducts(fact.exposureId, frame) };
  }
  return { ...record, frames };
};

/** Where an exposure's file is, from an event that says that it is there; undefined for other events. */
const writtenPath = (fact: ExposureFact, record: ExposureRecord): string | undefined => {
  if (fact.kind === 'data-written') return fact.path;
  if (fact.kind !== 'exposure-available' || Object.keys(record.frames).length > 0) return undefined;
  return fact.uri?.replace(/^file:\/\//, '') ?? record.exposure.files.at(-1)?.path;
};

const applyFact = async (
  fact: WithId,
  arrivedMillis: number,
  telemetry: TelemetrySnapshot,
  deps: IntakeDeps,
): Promise<ExposureRecord> => {
  const before = deps.record(fact.exposureId) ?? blank(fact.exposureId, fact);
  let record: ExposureRecord = { ...before, exposure: advance(before.exposure, fact) };
  if (record.exposure === before.exposure) record = before;
  if (fact.kind === 'exposure-start' || fact.kind === 'exposure-end')
    record = withSnapshot(record, telemetry, deps.set);
  const path = writtenPath(fact, record);
  if (path !== undefined) record = await addFile(record, path, fact, arrivedMillis, telemetry, deps);
  return record;
};

/**
 * Follows one event: remembers telemetry, and gives the records of the exposures that it is about as they stand after
 * it. Invalid, bad and warm-up events of CSW leave no trace.
 * @throws TmtError when the bytes are no event
 */
export const followEvent = async (
  body: Uint8Array,
  arrivedMillis: number,
  intake: Intake,
  deps: IntakeDeps,
): Promise<{ readonly event: CswEvent; readonly records: readonly ExposureRecord[] }> => {
  const event = decodeEvent(body);
  if (classify(event) !== 'valid') return { event, records: [] };
  if (isTelemetryKey(eventKey(event))) intake.telemetry = remember(intake.telemetry, event);
  // One event may hold several facts about one exposure: each starts from what the one before left.
  const changed = new Map<string, ExposureRecord>();
  const current = { ...deps, record: (id: string) => changed.get(id) ?? deps.record(id) };
  for (const fact of factsOf(event)) {
    if (fact.exposureId === undefined) continue;
    try {
      changed.set(fact.exposureId, await applyFact(fact as WithId, arrivedMillis, intake.telemetry, current));
    } catch (error) {
      if (faultOf(error).retriable) throw error;
      await deps.refuse(fact.exposureId, eventKey(event), error);
    }
  }
  return { event, records: [...changed.values()] };
};
