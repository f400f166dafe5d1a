import {
  advance,
  classify,
  decodeEvent,
  detectorNamed,
  type ExposureFact,
  eventKey,
  factsOf,
  isTelemetryKey,
  obsIdOf,
  parseExposureId,
  remember,
  stringParam,
  type TelemetrySnapshot,
  TmtError,
} from '@iris-drs/tmt';
import type { ExposureRecord, WrittenFile } from './record.ts';
import type { SetKeywords } from './settings.ts';
import { withSnapshot } from './snapshot.ts';

type InUse = Extract<ExposureFact, { kind: 'detectors-in-use' }>;

/** What is remembered of events that name no exposure. Plain JSON. */
export interface Memory {
  /** Latest value of every telemetry event seen. */
  readonly telemetry: TelemetrySnapshot;
  /** Which of the imager's detectors take part, as the instrument last said. */
  readonly inUse?: InUse;
}

export interface Heard {
  readonly memory: Memory;
  readonly facts: readonly ExposureFact[];
  /** An exposure or observation named wrongly: what the event gave, and why it cannot be followed. */
  readonly wrong?: { readonly input: string; readonly error: TmtError };
}

/**
 * Reads one event: telemetry is remembered, what it says of exposures comes back. Invalid, bad and warm-up events of
 * CSW leave no trace.
 * @throws TmtError when the bytes are no event
 */
export const hear = (body: Uint8Array, before: Memory): Heard => {
  const event = decodeEvent(body);
  if (classify(event) !== 'valid') return { memory: before, facts: [] };
  const key = eventKey(event);
  const memory = isTelemetryKey(key) ? { ...before, telemetry: remember(before.telemetry, event) } : before;
  try {
    const facts = factsOf(event);
    const inUse = facts.find((fact) => fact.kind === 'detectors-in-use');
    return { memory: inUse ? { ...memory, inUse } : memory, facts };
  } catch (error) {
    if (!(error instanceof TmtError)) throw error;
    const input = stringParam(event, 'exposureId') ?? stringParam(event, 'obsId') ?? key;
    return { memory, facts: [], wrong: { input, error } };
  }
};

/** Events whose values decide what an exposure is for and how the integral field unit was set. */
const ROLE_EVENTS: ReadonlySet<string> = new Set(
  ['ESW.TopLevelSequencer.DitherPosition', 'IRIS.is.ifsMode', 'IRIS.ifs.scale.IFSmode'].map((key) =>
    key.toLowerCase(),
  ),
);

const roleTelemetry = (telemetry: TelemetrySnapshot): TelemetrySnapshot =>
  Object.fromEntries(Object.entries(telemetry).filter(([key]) => ROLE_EVENTS.has(key.toLowerCase())));

export type FactOfExposure = ExposureFact & { readonly exposureId: string };

export const isOfExposure = (fact: ExposureFact): fact is FactOfExposure => fact.exposureId !== undefined;

const blank = (fact: FactOfExposure): ExposureRecord => ({
  exposureId: fact.exposureId,
  observationId: fact.obsId ?? obsIdOf(fact.exposureId) ?? '',
  exposure: advance(undefined, fact),
  files: [],
  frames: {},
  keywords: {},
});

const isWholeImager = (exposureId: string): boolean =>
  detectorNamed(parseExposureId(exposureId).detector)?.whole === true;

/** The exposure with the detectors that take part in it, while that can still change. */
export const withDetectorsInUse = (record: ExposureRecord, inUse: InUse | undefined): ExposureRecord => {
  const { exposure } = record;
  const open = exposure.state === 'announced' || exposure.state === 'exposing';
  if (!inUse || !open || !isWholeImager(record.exposureId)) return record;
  if (exposure.inUse?.detectors.join() === inUse.detectors.join()) return record;
  const next = advance(exposure, inUse);
  return next === exposure ? record : { ...record, exposure: next };
};

/** A read in a file of its own, fully told. */
export type ReadFact = FactOfExposure & {
  readonly kind: 'readout-end';
  readonly path: string;
  readonly detector: string;
  readonly ramp: number;
  readonly read: number;
};

export const isReadFile = (fact: FactOfExposure): fact is ReadFact =>
  fact.kind === 'readout-end' &&
  [fact.path, fact.detector, fact.ramp, fact.read].every((value) => value !== undefined);

/** True for the first read that tells of a detector's reads; later ones are found by whoever follows them. */
const isFirstRead = (fact: FactOfExposure, files: readonly WrittenFile[]): fact is ReadFact =>
  isReadFile(fact) &&
  !files.some(({ detector, follow, state }) => follow && detector === fact.detector && state !== 'refused');

/** The file of which the fact says that it is there; undefined for other facts. */
const writtenFile = (
  fact: FactOfExposure,
  { exposure, files }: ExposureRecord,
  arrivedMillis: number,
): WrittenFile | undefined => {
  const about = {
    ...(fact.detector === undefined ? {} : { detector: fact.detector }),
    arrivedMillis,
    state: 'pending' as const,
  };
  if (isFirstRead(fact, files)) return { path: fact.path, level: 'readouts', follow: true, ...about };
  if (fact.kind === 'data-written')
    return { path: fact.path, ...(fact.level === undefined ? {} : { level: fact.level }), ...about };
  // The archive has it, and nobody said that it was written: the name from before, else the archive's own.
  if (fact.kind !== 'exposure-available' || files.length > 0) return undefined;
  const path = exposure.files.at(-1)?.path ?? /^(?:file:\/\/)?(\/.*)$/.exec(fact.uri ?? '')?.[1];
  return path === undefined ? undefined : { path, ...about };
};

const sameFile = (a: WrittenFile, b: WrittenFile): boolean => a.path === b.path && a.detector === b.detector;

/** A file announced again is looked at again only when it was refused before. */
const withWritten = (record: ExposureRecord, file: WrittenFile): ExposureRecord => {
  const known = record.files.find((other) => sameFile(other, file));
  if (known && (known.state !== 'refused' || known.arrivedMillis >= file.arrivedMillis)) return record;
  return { ...record, files: [...record.files.filter((other) => other !== known), file] };
};

/** The record after one fact; the same one when the fact adds nothing. Facts may come late, again and in any order. */
export const applyFact = (
  before: ExposureRecord | undefined,
  fact: FactOfExposure,
  arrivedMillis: number,
  memory: Memory,
  set: SetKeywords,
): ExposureRecord => {
  let record = before ?? blank(fact);
  const exposure = advance(record.exposure, fact);
  if (exposure !== record.exposure) record = { ...record, exposure };
  if (fact.kind === 'exposure-start') {
    record = withDetectorsInUse(record, memory.inUse);
    if (!record.atStart) record = { ...record, atStart: roleTelemetry(memory.telemetry) };
  }
  if (fact.kind === 'exposure-start' || fact.kind === 'exposure-end')
    record = withSnapshot(record, memory.telemetry, set);
  const file = writtenFile(fact, record, arrivedMillis);
  return file ? withWritten(record, file) : record;
};

/** Facts that only show how far an exposure is: kept in memory, not worth a write each. */
export const isProgress = ({ kind }: ExposureFact): boolean =>
  kind === 'progress' || kind === 'readout-end' || kind === 'detector-status';
