import { setTimeout as sleep } from 'node:timers/promises';
import { ReadAnnounced, readSubject, STREAM } from '@iris-drs/proto';
import { DeliverPolicy, jetstream } from '@nats-io/jetstream';
import type { NatsConnection } from '@nats-io/nats-core';
import type { Log } from './stage.ts';

/** What the bus has said so far of the reads of a ramp under way. */
export interface HeardReads {
  /** Paths relative to the volume. */
  readonly paths: ReadonlySet<string>;
  /** The message that says that no read follows. */
  readonly last: ReadAnnounced | undefined;
  /** When the latest of these things reached the bus; undefined before the first. */
  readonly time: Date | undefined;
  stop(): Promise<void>;
}

const PAUSE_MS = 200;

/**
 * Follows what is said of a detector's reads, from the beginning, until stopped or the signal comes.
 *
 * @param onHeard  called whenever something was said
 */
export const listenReads = (
  connection: NatsConnection,
  { exposureId, detector }: { readonly exposureId: string; readonly detector: string },
  { log, signal }: { readonly log: Log; readonly signal: AbortSignal },
  onHeard: () => void = () => {},
): HeardReads => {
  const paths = new Set<string>();
  let last: ReadAnnounced | undefined;
  let time: Date | undefined;
  const stop = new AbortController();
  const stopped = AbortSignal.any([stop.signal, signal]);

  const hear = (data: Uint8Array): void => {
    const read = ReadAnnounced.decode(data);
    // A subject's token spells less than an id: two exposures may share one.
    if (read.exposureId !== exposureId) return;
    if (read.last) last = read;
    else paths.add(read.path);
    if (read.time && (!time || read.time > time)) time = read.time;
    onHeard();
  };
  const follow = async (): Promise<void> => {
    const js = jetstream(connection, { timeout: 5_000 });
    const consumer = await js.consumers.get(STREAM.reads, {
      filter_subjects: readSubject(exposureId, detector),
      deliver_policy: DeliverPolicy.All,
    });
    const messages = await consumer.consume({ max_messages: 64 });
    const end = (): void => messages.stop();
    stopped.addEventListener('abort', end, { once: true });
    if (stopped.aborted) end();
    try {
      for await (const message of messages) hear(message.data);
    } finally {
      stopped.removeEventListener('abort', end);
      messages.stop();
    }
  };
  const run = async (): Promise<void> => {
    while (!stopped.aborted) {
      try {
        await follow();
      } catch (error) {
        if (stopped.aborted) return;
        log.warn({ error: (error as Error).message }, 'following the reads was interrupted; going on');
      }
      await sleep(PAUSE_MS, undefined, { signal: stopped }).catch(() => undefined);
    }
  };
  const running = run();
  return {
    paths,
    get last() {
      return last;
    },
    get time() {
      return time;
    },
    async stop() {
      stop.abort();
      await running;
    },
  };
};
