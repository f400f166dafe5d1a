import { setTimeout as sleep } from 'node:timers/promises';
import { ASSEMBLY_DURABLE, type Log } from '@iris-drs/bus';
import { DeliverPolicy, type JetStreamClient, type JetStreamManager, type JsMsg } from '@nats-io/jetstream';
import type { NatsConnection } from '@nats-io/nats-core';
import { AssemblyError } from './errors.ts';

export interface Follower {
  readonly js: JetStreamClient;
  readonly jsm: JetStreamManager;
  readonly stream: string;
  readonly log: Log;
  readonly signal: AbortSignal;
  handle(message: JsMsg): Promise<void>;
}

const RETRY_MS = 500;

const pause = (signal: AbortSignal): Promise<void> =>
  sleep(RETRY_MS, undefined, { signal }).catch(() => undefined);

/**
 * Handles one message, again and again until it is done: the bus may be away. What cannot ever be handled must not
 * throw. Returns false when stopped before.
 * @throws AssemblyError STORE_TAKEN at once
 */
const handled = async (message: JsMsg, { stream, log, signal, handle }: Follower): Promise<boolean> => {
  for (let attempt = 1; !signal.aborted; attempt++) {
    try {
      await handle(message);
      return true;
    } catch (error) {
      if (error instanceof AssemblyError && error.code === 'STORE_TAKEN') throw error;
      if (signal.aborted) break;
      const fields = { stream, sequence: message.seq, attempt, error: (error as Error).message };
      log.warn(fields, 'handling was interrupted; trying again');
      await pause(signal);
      message.working();
    }
  }
  return false;
};

/**
 * Hands the stream's messages to `handle` one at a time, each acknowledged when its effects are durable. Messages in
 * the client's buffer at the end are given back, so that they do not wait for their lease to run out.
 */
export const follow = async (follower: Follower): Promise<void> => {
  const { js, stream, log, signal } = follower;
  while (!signal.aborted) {
    try {
      const consumer = await js.consumers.get(stream, ASSEMBLY_DURABLE);
      const messages = await consumer.consume({ max_messages: 64 });
      const end = (): void => void messages.close().catch(() => undefined);
      signal.addEventListener('abort', end, { once: true });
      // It may have come while the consumer was being asked for.
      if (signal.aborted) end();
      try {
        for await (const message of messages) {
          if (!signal.aborted && (await handled(message, follower))) message.ack();
          else message.nak();
        }
      } finally {
        signal.removeEventListener('abort', end);
        messages.stop();
      }
    } catch (error) {
      if (error instanceof AssemblyError) throw error;
      if (signal.aborted) return;
      log.warn({ stream, error: (error as Error).message }, 'following the stream was interrupted; going on');
      await pause(signal);
    }
  }
};

const positionOf = async (jsm: JetStreamManager, stream: string) => {
  const [{ state }, { ack_floor: floor, num_pending: pending, num_ack_pending: inHand }] = await Promise.all([
    jsm.streams.info(stream),
    jsm.consumers.info(stream, ASSEMBLY_DURABLE),
  ]);
  return { last: state.last_seq, floor: floor.stream_seq, idle: pending === 0 && inHand === 0 };
};

/** Messages given back at most: more would be a backlog, which comes anyway. */
const MOST_GIVEN_BACK = 256;

/**
 * Gives back what the instance before held when it died, so that it comes at once instead of after the ack wait. A
 * negative acknowledgement needs nothing but the message's place (NATS ADR-15); one that is not outstanding is ignored.
 */
export const giveBack = async (nc: NatsConnection, jsm: JetStreamManager, stream: string): Promise<void> => {
  const { ack_floor, delivered, num_ack_pending } = await jsm.consumers.info(stream, ASSEMBLY_DURABLE);
  if (num_ack_pending === 0) return;
  const last = delivered.stream_seq;
  for (let seq = Math.max(ack_floor.stream_seq + 1, last - MOST_GIVEN_BACK); seq <= last; seq++)
    nc.publish(`$JS.ACK.${stream}.${ASSEMBLY_DURABLE}.1.${seq}.${delivered.consumer_seq}.0.0`, '-NAK');
};

/**
 * Hands over once more what was acknowledged already, after the sequence `after`: the events since the last
 * checkpoint, or all of them when there is none.
 */
export const replay = async (after: number, follower: Follower): Promise<void> => {
  const { js, jsm, stream, log, signal } = follower;
  const { floor } = await positionOf(jsm, stream);
  if (after >= floor) return;
  log.info({ stream, after, to: floor }, 'following again what was handled since the last checkpoint');
  const consumer = await js.consumers.get(stream, {
    deliver_policy: DeliverPolicy.StartSequence,
    opt_start_seq: after + 1,
  });
  for (let empty = false; !empty && !signal.aborted; ) {
    // A fetch that ends by itself: the last messages before the floor may have been removed.
    empty = true;
    for await (const message of await consumer.fetch({ max_messages: 1_000, expires: 1_000 })) {
      empty = false;
      if (message.seq > floor || !(await handled(message, follower)) || message.seq === floor) return;
    }
  }
};

/** Resolves when everything that is on the stream at the call has been handled, or the signal comes. */
export const caughtUp = async (jsm: JetStreamManager, stream: string, signal: AbortSignal): Promise<void> => {
  let target = Number.POSITIVE_INFINITY;
  while (!signal.aborted) {
    const position = await positionOf(jsm, stream).catch(() => undefined);
    if (position) {
      target = Math.min(target, position.last);
      if (position.floor >= target || position.idle) return;
    }
    await sleep(100, undefined, { signal }).catch(() => undefined);
  }
};
