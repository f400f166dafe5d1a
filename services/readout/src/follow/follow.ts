import { existsSync } from 'node:fs';
import { basename, dirname } from 'node:path';
import { inputOf, listenReads, type StageContext } from '@iris-drs/bus';
import { openFile } from '@iris-drs/fits/node';
import type { Keyword, Task } from '@iris-drs/proto';
import { isWhole, type PromisedReads, placeOf, promisedBy, scanReads } from './directory.ts';

export interface FollowOptions {
  /** Reads that the exposure will have; undefined when nobody says. */
  readonly promised: PromisedReads | undefined;
  /** After the end, how long reads that the headers promise are waited for: controllers may still be writing. */
  readonly graceMillis: number;
  /** Without a read or an end for so long the exposure counts as aborted. */
  readonly idleMillis: number;
  /** Hears of every read, once, as it appears. Must not throw. */
  onRead?(path: string, all: ReadonlyMap<string, string>): void;
  /** Hears of every read that was announced and so is whole. Must not throw. */
  onAnnounced?(path: string): void;
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
/** After the end, while reads lack. */
const LATE_SCAN_MILLIS = 250;

/** Reads that the header of one promises for the exposure; undefined when it does not. */
export const promisedReads = async (path: string): Promise<PromisedReads | undefined> => {
  using fits = await openFile(path);
  return promisedBy(fits.hdus[0]!.header);
};

/** Something to wait for that others cut short. */
const createWaker = (signal: AbortSignal) => {
  let wake = (): void => {};
  return {
    wake: () => wake(),
    async wait(millis: number): Promise<void> {
      const { promise, resolve } = Promise.withResolvers<void>();
      const cut = (): void => resolve();
      const timer = setTimeout(cut, millis);
      wake = cut;
      signal.addEventListener('abort', cut, { once: true });
      await promise;
      clearTimeout(timer);
      signal.removeEventListener('abort', cut);
    },
  };
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
  { promised, graceMillis, idleMillis, onRead, onAnnounced }: FollowOptions,
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
  const waker = createWaker(signal);
  const bus = connection ? listenReads(connection, task, context, waker.wake) : undefined;
  const handled = new Set<string>();
  const pending = new Map<string, { readonly path: string; readonly since: number }>();
  const hear = (paths: Iterable<string>, now: number): void => {
    for (const name of paths) {
      if (handled.has(name)) continue;
      handled.add(name);
      const path = volume.resolve(name);
      if (dirname(path) === dirname(first)) pending.set(name, { path, since: now });
    }
    for (const [name, { path, since }] of pending) {
      if (existsSync(path)) {
        take(path);
        onAnnounced?.(path);
      } else if (now - since < VISIBLE_MILLIS) continue;
      pending.delete(name);
    }
  };
  let [changed, scanned, ended] = [Date.now(), Date.now(), 0];
  try {
    while (bus) {
      signal.throwIfAborted();
      const now = Date.now();
      const before = found.size;
      hear(bus.paths, now);
      if (now - scanned >= (ended > 0 ? LATE_SCAN_MILLIS : SCAN_MILLIS) || (bus.last && ended === 0)) {
        scan();
        scanned = now;
      }
      if (found.size > before) changed = now;
      if (bus.last) {
        ended ||= now;
        const short = !bus.last.aborted && !isWhole([...found.values()], promised);
        if (pending.size === 0 && (!short || now - ended >= graceMillis)) break;
      } else if (now - changed >= idleMillis) {
        log.warn(
          { exposure: task.exposureId, detector: task.detector, reads: found.size },
          'neither a read nor the end of the exposure came for long; it counts as aborted',
        );
        break;
      }
      const soon = pending.size > 0 || ended > 0;
      await waker.wait(soon ? LOOK_MILLIS : Math.min(SCAN_MILLIS, Math.max(LOOK_MILLIS, idleMillis / 4)));
    }
  } finally {
    void bus?.stop();
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
