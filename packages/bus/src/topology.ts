import { BUCKET, MODES, type Mode, STAGES, STREAM, type Stage, taskConsumer } from '@iris-drs/proto';
import {
  AckPolicy,
  type ConsumerConfig,
  DeliverPolicy,
  DiscardPolicy,
  ReplayPolicy,
  RetentionPolicy,
  StorageType,
  type StreamConfig,
} from '@nats-io/jetstream';
import { nanos } from '@nats-io/nats-core';

/** What the provisioner makes: streams (buckets are streams too) and durable consumers. */
export interface Topology {
  readonly streams: readonly StreamPlan[];
  readonly consumers: readonly ConsumerPlan[];
}

export type StreamPlan = Partial<StreamConfig> & Pick<StreamConfig, 'name' | 'subjects' | 'retention'>;

export interface ConsumerPlan {
  readonly stream: string;
  readonly config: Partial<ConsumerConfig> & Pick<ConsumerConfig, 'durable_name'>;
}

/** Knobs of the topology; tests shorten them. All in milliseconds. */
export interface TopologyOptions {
  /** How long a message id is remembered. */
  readonly duplicateWindowMs?: number;
  /** How long a task stays with a worker that is silent. */
  readonly ackWaitMs?: number;
  /** Delay before the second, third … attempt; one fewer than the attempts. */
  readonly backoffMs?: readonly number[];
  /** Life of a lease whose holder is silent. */
  readonly leaseTtlMs?: number;
}

const DAY = 24 * 3600 * 1000;

/** Durable of the assembly on the streams that it follows. */
export const ASSEMBLY_DURABLE = 'assembly';

const log = (name: string, subjects: string[], days: number, duplicateWindowMs: number): StreamPlan => ({
  name,
  subjects,
  retention: RetentionPolicy.Limits,
  storage: StorageType.File,
  discard: DiscardPolicy.Old,
  max_age: nanos(days * DAY),
  duplicate_window: nanos(duplicateWindowMs),
  allow_direct: true,
});

const queue = (name: string, subjects: string[], duplicateWindowMs: number): StreamPlan => ({
  name,
  subjects,
  retention: RetentionPolicy.Workqueue,
  storage: StorageType.File,
  duplicate_window: nanos(duplicateWindowMs),
});

/** A key-value bucket as the client would make it, so that the provisioner can also correct an older one. */
const bucket = (name: string, maxAgeMs: number, duplicateWindowMs: number): StreamPlan => ({
  name: `KV_${name}`,
  subjects: [`$KV.${name}.>`],
  retention: RetentionPolicy.Limits,
  storage: StorageType.File,
  discard: DiscardPolicy.New,
  max_msgs_per_subject: 1,
  max_age: nanos(maxAgeMs),
  duplicate_window: nanos(maxAgeMs > 0 ? Math.min(duplicateWindowMs, maxAgeMs) : duplicateWindowMs),
  allow_rollup_hdrs: true,
  deny_delete: true,
  allow_direct: true,
});

/** Everything on the bus that outlives a service. */
export const topology = (options: TopologyOptions = {}): Topology => {
  const window = options.duplicateWindowMs ?? 120_000;
  const ackWaitMs = options.ackWaitMs ?? 10_000;
  const backoff = (options.backoffMs ?? [ackWaitMs, 10_000, 20_000, 30_000]).map((ms) => nanos(ms));

  const durable = (
    name: string,
    filter: string,
    config: Partial<ConsumerConfig>,
  ): ConsumerPlan['config'] => ({
    durable_name: name,
    filter_subject: filter,
    ack_policy: AckPolicy.Explicit,
    deliver_policy: DeliverPolicy.All,
    replay_policy: ReplayPolicy.Instant,
    ack_wait: backoff[0] ?? nanos(ackWaitMs),
    ...config,
  });
  const tasks = (stage: Stage, mode: Mode): ConsumerPlan => ({
    stream: STREAM.tasks,
    config: durable(taskConsumer(stage, mode), `drs.task.${stage}.${mode}.>`, {
      backoff,
      max_deliver: backoff.length + 1,
      max_ack_pending: 256,
    }),
  });
  const follow = (stream: string, filter: string, maxAckPending: number): ConsumerPlan => ({
    stream,
    config: durable(ASSEMBLY_DURABLE, filter, {
      ack_wait: nanos(ackWaitMs),
      max_deliver: -1,
      max_ack_pending: maxAckPending,
    }),
  });

  return {
    streams: [
      log(STREAM.observe, ['tmt.obs.>'], 30, window),
      queue(STREAM.tasks, ['drs.task.>'], window),
      log(STREAM.products, ['drs.product.>'], 30, window),
      // A failure may come again after the longest backoff; it still is one line.
      log(STREAM.failures, ['drs.failure.>'], 30, Math.max(window, options.duplicateWindowMs ?? 3_600_000)),
      log(STREAM.reads, ['drs.read.>'], 30, window),
      log(STREAM.status, ['tmt.drs.>'], 7, window),
      log(STREAM.deadLetters, ['drs.dead.>'], 30, window),
      queue(
        STREAM.advisories,
        ['$JS.EVENT.ADVISORY.CONSUMER.MAX_DELIVERIES.>', '$JS.EVENT.ADVISORY.CONSUMER.MSG_TERMINATED.>'],
        window,
      ),
      bucket(BUCKET.exposures, 30 * DAY, window),
      bucket(BUCKET.telemetry, 0, window),
      bucket(BUCKET.leases, options.leaseTtlMs ?? 5_000, window),
    ],
    consumers: [
      ...STAGES.flatMap((stage) => MODES.map((mode) => tasks(stage, mode))),
      // One event at a time keeps their order through a redelivery.
      follow(STREAM.observe, 'tmt.obs.>', 1),
      follow(STREAM.products, 'drs.product.>', 256),
      follow(STREAM.advisories, '$JS.EVENT.ADVISORY.CONSUMER.>', 16),
    ],
  };
};
