import { setTimeout as sleep } from 'node:timers/promises';
import { ASSEMBLY_DURABLE, type Log } from '@iris-drs/bus';
import type { JetStreamClient, JetStreamManager, JsMsg } from '@nats-io/jetstream';

export interface Follower {
  readonly js: JetStreamClient;
  readonly stream: string;
  readonly log: Log;
  readonly signal: AbortSignal;
  handle(message: JsMsg): Promise<void>;
}

/**
 * Hands the stream's messages to `handle` one at a time, each acknowledged when its effects are durable. A handler that
 * throws has its message again after a second, for ever: what cannot ever be handled must not throw.
 */
export const follow = async ({ js, stream, log, signal, handle }: Follower): Promise<void> => {
  while (!signal.aborted) {
    try {
      const consumer = await js.consumers.get(stream, ASSEMBLY_DURABLE);
      const messages = await consumer.consume({ max_messages: 16 });
      const stop = (): void => messages.stop();
      signal.addEventListener('abort', stop, { once: true });
      for await (const message of messages) {
        if (signal.aborted) break;
        try {
          await handle(message);
          message.ack();
        } catch (error) {
          log.warn(
            { stream, subject: message.subject, error: (error as Error).message },
            'handling was interrupted; trying again',
          );
          message.nak(1_000);
        }
      }
      signal.removeEventListener('abort', stop);
    } catch (error) {
      if (signal.aborted) return;
      log.warn({ stream, error: (error as Error).message }, 'following the stream was interrupted; going on');
      await sleep(500);
    }
  }
};

/** Resolves when everything that was on the stream has been delivered and acknowledged. */
export const caughtUp = async (jsm: JetStreamManager, stream: string, signal: AbortSignal): Promise<void> => {
  while (!signal.aborted) {
    const info = await jsm.consumers.info(stream, ASSEMBLY_DURABLE);
    if (info.num_pending === 0 && info.num_ack_pending === 0) return;
    await sleep(50);
  }
};
