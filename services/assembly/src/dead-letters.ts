import { failureOf, type Log, publishDurably, publishFailure } from '@iris-drs/bus';
import { STREAM } from '@iris-drs/proto';
import type { JetStreamClient, JetStreamManager, JsMsg } from '@nats-io/jetstream';
import { JetStreamApiError } from '@nats-io/jetstream';
import { headers } from '@nats-io/nats-core';

interface Advisory {
  readonly stream: string;
  readonly consumer: string;
  readonly stream_seq: number;
  readonly deliveries?: number;
}

/** Streams whose messages are the work itself: they are moved. From logs they are copied. */
const QUEUES: ReadonlySet<string> = new Set([STREAM.tasks, STREAM.advisories]);

/** No such message, no such stream. */
const GONE: readonly number[] = [10037, 10059];

/**
 * Keeps a message that a consumer gave up: it goes to `drs.dead.<stream>.<consumer>` with its headers, a failure line
 * says so, and it leaves a work queue. Doing it twice changes nothing.
 */
export const moveDeadLetter = async (
  message: JsMsg,
  js: JetStreamClient,
  jsm: JetStreamManager,
  log: Log,
): Promise<void> => {
  const { stream, consumer, stream_seq: seq, deliveries } = message.json<Advisory>();
  const stored = await jsm.streams.getMessage(stream, { seq }).catch((error: unknown) => {
    if (error instanceof JetStreamApiError && GONE.includes(error.code)) return null;
    throw error;
  });
  // Settled by other means: a task that its worker terminated is kept by the worker.
  if (!stored) return;
  const hdrs = headers();
  for (const [key, values] of stored.header) {
    if (!key.startsWith('Nats-')) for (const value of values) hdrs.append(key, value);
  }
  hdrs.set('Drs-Subject', stored.subject);
  await publishDurably(js, `drs.dead.${stream}.${consumer}`, stored.data, hdrs, {
    msgId: `${stream}-${seq}`,
  });
  const [, , stage = '', mode = '', detector = '', exposureId = ''] = stored.subject.split('.');
  const text = `gave up after ${deliveries ?? 'the last'} deliveries; the message is kept on drs.dead.${stream}.${consumer}.`;
  log.error({ stream, consumer, seq, subject: stored.subject }, text);
  if (stream === STREAM.tasks) {
    const fault = {
      code: 'GAVE_UP',
      message: text,
      retriable: true,
      input: stored.subject,
      hdu: '',
      keyword: '',
    };
    await publishFailure(js, failureOf({ stage, mode, detector, exposureId }, fault));
  }
  if (QUEUES.has(stream)) await jsm.streams.deleteMessage(stream, seq).catch(() => undefined);
};
