import { parseInstant } from '../instant.ts';
import type { Exposure, ExposureFile, FailedReadout, ReadoutMark } from './exposure.ts';
import type { ExposureFact } from './facts.ts';

type FactOf<K extends ExposureFact['kind']> = Extract<ExposureFact, { kind: K }>;

const MAX_FAILED_READOUTS = 100;

export const isAfter = (a: string, b: string): boolean => parseInstant(a).epochNs > parseInstant(b).epochNs;

export const earlierOf = (a: string | undefined, b: string): string =>
  a === undefined || isAfter(a, b) ? b : a;

/** Adds a file, or completes what is known of it; the same path may hold several detectors. */
export function withFile(
  exposure: Exposure,
  fact: FactOf<'data-write-start'> | FactOf<'data-written'>,
  written: boolean,
): Exposure {
  const level = fact.kind === 'data-written' ? fact.level : undefined;
  const file: ExposureFile = {
    path: fact.path,
    ...(fact.detector === undefined ? {} : { detector: fact.detector }),
    ...(level === undefined ? {} : { level }),
    written,
    time: fact.time,
  };
  const isSame = (other: ExposureFile): boolean =>
    other.path === file.path && other.detector === file.detector;
  const known = exposure.files.find(isSame);
  const files = [...exposure.files.filter((other) => !isSame(other)), known ? mergeFiles(known, file) : file];
  return { ...exposure, files: files.sort(by((entry) => [entry.path, entry.detector ?? ''])) };
}

function mergeFiles(a: ExposureFile, b: ExposureFile): ExposureFile {
  const level = [a.level, b.level].filter((candidate) => candidate !== undefined).sort()[0];
  const ahead = a.written === b.written ? undefined : a.written ? a : b;
  return {
    path: a.path,
    ...(a.detector === undefined ? {} : { detector: a.detector }),
    ...(level === undefined ? {} : { level }),
    written: a.written || b.written,
    time: ahead ? ahead.time : earlierOf(a.time, b.time),
  };
}

/** Moves a detector's furthest readout on; readouts without a number leave no mark. */
export function withReadout(exposure: Exposure, fact: FactOf<'readout-end'>): Exposure {
  if (fact.read === undefined) return exposure;
  const mark: ReadoutMark = {
    ...(fact.detector === undefined ? {} : { detector: fact.detector }),
    ramp: fact.ramp ?? 0,
    read: fact.read,
  };
  const known = exposure.readouts.find((other) => other.detector === mark.detector);
  if (known && (known.ramp > mark.ramp || (known.ramp === mark.ramp && known.read >= mark.read))) {
    return exposure;
  }
  const others = exposure.readouts.filter((other) => other.detector !== mark.detector);
  return { ...exposure, readouts: [...others, mark].sort(by((entry) => [entry.detector ?? ''])) };
}

export function withFailure(exposure: Exposure, fact: FactOf<'readout-failed'>): Exposure {
  const failure: FailedReadout = {
    ...(fact.detector === undefined ? {} : { detector: fact.detector }),
    ...(fact.ramp === undefined ? {} : { ramp: fact.ramp }),
    ...(fact.read === undefined ? {} : { read: fact.read }),
    ...(fact.reason === undefined ? {} : { reason: fact.reason }),
    time: fact.time,
  };
  const text = JSON.stringify(failure);
  if (exposure.failedReadouts.some((other) => JSON.stringify(other) === text)) return exposure;
  const all = [...exposure.failedReadouts, failure].sort(
    by((entry) => [order(entry.time), JSON.stringify(entry)]),
  );
  return { ...exposure, failedReadouts: all.slice(0, MAX_FAILED_READOUTS) };
}

/** Keeps the furthest progress: by ramps, then reads, then time. */
export function withProgress(exposure: Exposure, fact: FactOf<'progress'>): Exposure {
  const { kind: _, source: _s, exposureId: _e, composedId: _c, obsId: _o, detector: _d, ...progress } = fact;
  const rank = by((entry: NonNullable<Exposure['progress']>) => [
    entry.rampsComplete ?? 0,
    entry.readsComplete ?? 0,
    order(entry.time),
    JSON.stringify(entry),
  ]);
  return exposure.progress && rank(exposure.progress, progress) >= 0 ? exposure : { ...exposure, progress };
}

/** A time as text that sorts as the time does. */
const order = (time: string): string => String(parseInstant(time).epochNs + 2n ** 63n).padStart(20, '0');

function by<T>(keys: (entry: T) => readonly (string | number)[]): (a: T, b: T) => number {
  return (a, b) => {
    const right = keys(b);
    for (const [index, left] of keys(a).entries()) {
      const other = right[index]!;
      if (left !== other) return left < other ? -1 : 1;
    }
    return 0;
  };
}
