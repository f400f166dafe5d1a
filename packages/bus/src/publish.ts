import { setTimeout as sleep } from 'node:timers/promises';
import { SCHEMA_VERSION } from '@iris-drs/proto';
import { JetStreamApiError, type JetStreamClient } from '@nats-io/jetstream';
import { headers, type MsgHdrs } from '@nats-io/nats-core';
import { BusError } from './errors.ts';
import { silentLog } from './log.ts';
import { injectTrace } from './propagation.ts';
import type { Log } from './stage.ts';

export interface PublishOptions {
  /** Remembered by the stream for its duplicate window. */
  readonly msgId: string;
  /** Publish only when the subject holds nothing yet, however long ago. */
  readonly first?: boolean;
  /** Stops the retries. */
  readonly signal?: AbortSignal;
  readonly log?: Log;
  /** Milliseconds that one attempt may take. */
  readonly timeoutMs?: number;
}

/** `stored` now, or `duplicate`: it was there already. */
export type Published = 'stored' | 'duplicate';

const WRONG_LAST_SEQUENCE = 10071;

/** Errors after which the same publish may go through: no answer, no connection, JetStream not up again yet. */
const transient = (error: unknown): boolean => {
  if (error instanceof JetStreamApiError) return error.status === 503;
  return [
    'TimeoutError',
    'JetStreamNotEnabled',
    'NoRespondersError',
    'ConnectionError',
    'RequestError',
  ].includes((error as Error).name)
    ? (error as { cause?: Error }).cause?.name !== 'PermissionViolationError'
    : false;
};

/** Headers of our own messages: what they are, and the span that sends them. */
export const messageHeaders = (type: string): MsgHdrs => {
  const hdrs = headers();
  hdrs.set('Content-Type', `application/protobuf; type=iris.drs.v1.${type}`);
  hdrs.set('Drs-Schema', String(SCHEMA_VERSION));
  injectTrace(hdrs);
  return hdrs;
};

/**
 * Publishes until a stream has it. What is published while the connection is down is dropped by the client, so every
 * attempt that got no answer is made again with the same id.
 * @throws BusError PUBLISH_FAILED when stopped by `signal` or refused by the server
 */
export const publishDurably = async (
  js: JetStreamClient,
  subject: string,
  body: Uint8Array,
  hdrs: MsgHdrs,
  options: PublishOptions,
): Promise<Published> => {
  const { msgId, first = false, signal, log = silentLog, timeoutMs = 3_000 } = options;
  for (let attempt = 1; ; attempt++) {
    try {
      const ack = await js.publish(subject, body, {
        msgID: msgId,
        headers: hdrs,
        timeout: timeoutMs,
        ...(first ? { expect: { lastSubjectSequence: 0 } } : {}),
      });
      return ack.duplicate ? 'duplicate' : 'stored';
    } catch (error) {
      if (first && error instanceof JetStreamApiError && error.code === WRONG_LAST_SEQUENCE)
        return 'duplicate';
      if (!transient(error) || signal?.aborted) {
        throw new BusError(
          'PUBLISH_FAILED',
          subject,
          `publishing on ${subject} failed: ${(error as Error).message}.`,
          error,
        );
      }
      log.warn({ subject, attempt, error: (error as Error).message }, 'publish got no answer; trying again');
      await sleep(
        Math.min(2_000, 100 * 2 ** Math.min(attempt, 5)),
        undefined,
        signal ? { signal } : {},
      ).catch(() => {});
    }
  }
};
