import { findProduct, type Log, type Volume } from '@iris-drs/bus';
import { DETECTORS, type Detector } from '@iris-drs/tmt';
import type { JetStreamManager } from '@nats-io/jetstream';
import { AssemblyError } from './errors.ts';
import { lookAt } from './frames.ts';
import type { Memory } from './intake.ts';
import {
  type ExposureRecord,
  type FrameState,
  summaryOf,
  type WrittenFile,
  withFileState,
  withFrame,
} from './record.ts';
import { keywordsFor } from './settings.ts';
import { withSnapshot } from './snapshot.ts';
import type { StatusEvents } from './status-events.ts';
import type { RecordStore } from './store.ts';

export interface FileDeps {
  readonly jsm: JetStreamManager;
  readonly store: RecordStore;
  readonly volume: Volume;
  readonly log: Log;
  readonly status: StatusEvents;
  /** Publishes a failure. */
  refuse(exposureId: string, input: string, error: unknown): Promise<void>;
}

/** How long a file that was announced as written may stay invisible: directories of a network volume are cached. */
const VISIBLE_MILLIS = 60_000;

const modesOf = (detector: string): readonly string[] =>
  detector === 'IFS' ? ['lenslet', 'slicer'] : ['imager'];

/** Takes the files of exposures as they become visible: the record with the frames that its pending files hold. */
export const takeFiles = ({ jsm, store, volume, log, status, refuse }: FileDeps) => {
  /** Products of a frame that are on the bus already: of records that are made again. */
  const knownProducts = async (exposureId: string, frame: Pick<FrameState, 'detector' | 'mode'>) => {
    const { detector, mode } = frame;
    const found: Record<string, FrameState['products'][string]> = {};
    for (const level of ['l1', 'l2a', 'l2']) {
      const product = await findProduct(jsm, { level, mode, detector, exposureId, version: 1 });
      if (product) found[level] = summaryOf(product, product.finished?.getTime() ?? 0);
    }
    return found;
  };

  const withFoundFrame = async (
    record: ExposureRecord,
    frame: FrameState,
    file: WrittenFile,
    memory: Memory,
  ): Promise<ExposureRecord> => {
    const { exposureId, observationId } = record;
    const { detector } = frame;
    const known = record.frames[detector];
    if (known) {
      const { path, extver, level } = known;
      if (path === frame.path && extver === frame.extver) return record;
      const text = `detector ${detector} of ${exposureId} came in '${path}' already; '${frame.path}' is left aside.`;
      // Reads and raw frame of one exposure are the same data: the first to come is reduced.
      if (level !== frame.level) log.info({ exposure: exposureId, detector, input: frame.path }, text);
      else await refuse(exposureId, file.path, new AssemblyError('SECOND_FILE', file.path, text));
      return record;
    }
    await status.written('writeReadout', frame.mode, `${exposureId}:${detector}`);
    const products = await knownProducts(exposureId, frame);
    const next = withFrame(record, { ...frame, products });
    if (next.keywords[detector]) return next;
    const set = keywordsFor(store.settings, observationId);
    return withSnapshot(next, memory.telemetry, set, [detector as Detector]);
  };

  /** The reads may be removed once their frame is made; an event that is followed again then finds no file. */
  const isReduced = async (record: ExposureRecord, { detector }: WrittenFile): Promise<boolean> => {
    for (const candidate of detector ? [detector] : DETECTORS) {
      for (const mode of modesOf(candidate)) {
        const { l1 } = await knownProducts(record.exposureId, { detector: candidate, mode });
        if (l1) return true;
      }
    }
    return false;
  };

  /** Looks at the files that are announced and not taken yet. */
  return async (record: ExposureRecord, memory: Memory): Promise<ExposureRecord> => {
    let next = record;
    for (const file of record.files) {
      if (file.state !== 'pending') continue;
      const look = await lookAt(next, file, volume, memory.telemetry);
      if (look.found === 'frames') {
        for (const frame of look.frames) next = await withFoundFrame(next, frame, file, memory);
        next = withFileState(next, file, 'taken');
      } else if (look.found === 'wrong') {
        await refuse(next.exposureId, file.path, look.error);
        next = withFileState(next, file, 'refused');
      } else if (Date.now() - file.arrivedMillis >= VISIBLE_MILLIS) {
        const reduced = await isReduced(next, file);
        if (!reduced) {
          const text = `'${file.path}' was announced as written ${VISIBLE_MILLIS / 1000} s ago and cannot be read: ${(look.error as Error).message}`;
          await refuse(next.exposureId, file.path, new AssemblyError('FILE_ABSENT', file.path, text));
        }
        next = withFileState(next, file, reduced ? 'taken' : 'refused');
      }
    }
    return next;
  };
};
