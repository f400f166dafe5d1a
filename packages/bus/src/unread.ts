import { STREAM } from '@iris-drs/proto';
import {
  type ConsumerInfo,
  type JetStreamManager,
  jetstreamManager,
  RetentionPolicy,
} from '@nats-io/jetstream';
import type { NatsConnection } from '@nats-io/nats-core';

/** Streams whose messages name files of the volume. */
const STREAMS = [STREAM.observe, STREAM.tasks, STREAM.products, STREAM.reads, STREAM.failures];

const isPast = ({ num_pending, num_ack_pending }: ConsumerInfo): boolean =>
  num_pending === 0 && num_ack_pending === 0;

const timeOf = async (jsm: JetStreamManager, stream: string, seq: number): Promise<Date | undefined> => {
  try {
    return (await jsm.streams.getMessage(stream, { seq }))?.time;
  } catch {
    // Removed, by its age say.
    return undefined;
  }
};

/**
 * When the oldest message arrived that some durable consumer has not dealt with, or that is still on a work queue;
 * undefined when all are past everything. Files that older messages name are nobody's work any more.
 */
export const oldestUnread = async (connection: NatsConnection): Promise<Date | undefined> => {
  const jsm = await jetstreamManager(connection);
  const times: Date[] = [];
  for (const stream of STREAMS) {
    const { config, state } = await jsm.streams.info(stream);
    const first = new Date(state.first_ts);
    if (state.messages === 0) continue;
    if (config.retention === RetentionPolicy.Workqueue) {
      times.push(first);
      continue;
    }
    for await (const consumer of jsm.consumers.list(stream)) {
      if (consumer.config.durable_name === undefined || isPast(consumer)) continue;
      times.push((await timeOf(jsm, stream, consumer.ack_floor.stream_seq + 1)) ?? first);
    }
  }
  return times.length === 0 ? undefined : new Date(Math.min(...times.map(Number)));
};
