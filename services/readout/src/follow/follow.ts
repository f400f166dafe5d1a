import { existsSync } from 'node:fs';
import { basename, dirname } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { inputOf, listenReads, type StageContext } from '@iris-drs/bus';
import { openFile } from '@iris-drs/fits/node';
import type { Keyword, Task } from '@iris-drs/proto';
import { placeOf, scanReads } from './directory.ts';

export interface FollowOptions {
  /** After the end, how long reads that the headers promise are waited for: controllers may still be writing. */
  readonly graceMillis: number;
  /** Without a read or an end for so long the exposure counts as aborted. */
  readonly idleMillis: number;
  /** Hears of every read, once, as it appears. Must not throw. */
  onRead?(path: string, all: ReadonlyMap<string, string>): void;
}

/** The reads of an exposure that is over. */
export interface FollowedReads {
  /** Absolute, ramp after ramp where their names tell. */
  readonly paths: readonly string[];
  readonly aborted: boolean;
  /** From the telemetry at the end. */
  readonly keywords: readonly Keyword[];
  /** When the last read or the end, whichever is later, was told of. */
  readonly lastEventTime: Date | undefined;
}

/** Directories of network volumes are cached: an announced file may become visible later. */
const VISIBLE_MILLIS = 10_000;
const LOOK_MILLIS = 25;
const SCAN_MILLIS = 2_000;

/** Reads that the header of one promises for the exposure; undefined when it does not. */
export const promisedReads = async (path: string): Promise<number | undefined> => {
  using fits = await openFile(path);
  const { header } = fits.hdus[0]!;
  const count = (keyword: string): number => {
    const value = header.get(keyword);
    return typeof value === 'number' && value > 0 ? value : Number.NaN;
  };
  const reads = count('NREADS') || count('NGROUPS');
  const promised = reads * (count('NINTS') || 1);
  return Number.isNaN(promised) ? undefined : promised;
};

const key = (path: string): string => {
  const place = placeOf(path);
  return place ? `${place.ramp}:${place.read}` : basename(path);
};

/**
 * Follows the reads of a ramp under way: the directory is looked at first, then what the bus announced from the
 * beginning and announces, and the directory now and then, as announcements may be lost. Nothing is kept elsewhere: who
 * takes the task up after a crash finds the same reads.
 *
 * Without a bus the reads in the directory are all there are.
 *
 * @throws what the signal says when the service must stop
 */
export const followReads = async (
  task: Task,
  context: StageContext,
  { graceMillis, idleMillis, onRead }: FollowOptions,
): Promise<FollowedReads> => {
  const { volume, signal, log, connection } = context;
  const first = volume.existing(inputOf(task).frame?.path ?? '');
  const found = new Map<string, string>();
  const take = (path: string): void => {
    if (found.has(key(path))) return;
    found.set(key(path), path);
    onRead?.(path, found);
  };
  const scan = (): void => {
    for (const path of scanReads(first)) take(path);
  };
  scan();
  const promised = await promisedReads(first);
  const bus = connection ? listenReads(connection, task, context) : undefined;
  const pending = new Map<string, number>();
  let [changed, scanned, ended] = [Date.now(), Date.now(), 0];
  try {
    while (bus) {
      signal.throwIfAborted();
      const now = Date.now();
      const before = found.size;
      for (const name of bus.paths) {
        const path = volume.resolve(name);
        if (found.has(key(path))) continue;
        if (dirname(path) === dirname(first) && existsSync(path)) take(path);
        else if (!pending.has(name)) pending.set(name, now);
      }
      if (now - scanned >= SCAN_MILLIS || (bus.last && ended === 0)) {
        scan();
        scanned = now;
      }
      if (found.size > before) changed = now;
      if (bus.last) {
        ended ||= now;
        const waiting = [...pending].some(
          ([name, since]) => !found.has(key(name)) && now - since < VISIBLE_MILLIS,
        );
        const short = !bus.last.aborted && promised !== undefined && found.size < promised;
        if (!waiting && (!short || now - ended >= graceMillis)) break;
      } else if (now - changed >= idleMillis) {
        log.warn(
          { exposure: task.exposureId, detector: task.detector, reads: found.size },
          'neither a read nor the end of the exposure came for long; it counts as aborted',
        );
        break;
      }
      await sleep(LOOK_MILLIS, undefined, { signal }).catch(() => undefined);
    }
  } finally {
    await bus?.stop();
  }
  scan();
  const last = bus?.last;
  return {
    paths: [...found.values()].sort(),
    aborted: task.aborted || (bus !== undefined && (last?.aborted ?? true)),
    keywords: last?.keywords ?? [],
    lastEventTime: bus?.time,
  };
};
