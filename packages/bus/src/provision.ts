import {
  type ConsumerConfig,
  JetStreamApiError,
  type JetStreamManager,
  jetstreamManager,
  type StreamConfig,
} from '@nats-io/jetstream';
import type { NatsConnection } from '@nats-io/nats-core';
import { BusError } from './errors.ts';
import { type ConsumerPlan, type StreamPlan, type TopologyOptions, topology } from './topology.ts';

export interface Change {
  readonly kind: 'stream' | 'consumer';
  readonly name: string;
  readonly action: 'created' | 'updated' | 'unchanged';
  /** Fields that differed. */
  readonly fields: readonly string[];
}

const STREAM_NOT_FOUND = 10059;
const CONSUMER_NOT_FOUND = 10014;

const ifFound = async <T>(ask: Promise<T>, missing: number): Promise<T | undefined> => {
  try {
    return await ask;
  } catch (error) {
    if (error instanceof JetStreamApiError && error.code === missing) return undefined;
    throw error;
  }
};

/** Fields of `want` that the server holds otherwise. Servers leave out false and zero. */
const differing = (want: object, have: object): string[] => {
  const held = have as Record<string, unknown>;
  const plain = (value: unknown) =>
    JSON.stringify(value === undefined || value === false || value === 0 ? null : value);
  return Object.entries(want)
    .filter(([field, value]) => plain(value) !== plain(held[field]))
    .map(([field]) => field);
};

const mismatch = (kind: string, name: string, fields: readonly string[], cause?: unknown): BusError =>
  new BusError(
    'PROVISION_MISMATCH',
    name,
    `${kind} ${name} differs in ${fields.join(', ')} and the server does not change that${
      cause ? `: ${(cause as Error).message}` : ''
    }. Nothing was deleted; move its messages away by hand and remove it, or use a server that supports it.`,
    cause,
  );

const ensureStream = async (jsm: JetStreamManager, plan: StreamPlan): Promise<Change> => {
  const { name } = plan;
  const settle = (
    action: Change['action'],
    fields: readonly string[],
    echoed: Partial<StreamConfig>,
  ): Change => {
    const wrong = differing(plan, echoed);
    if (wrong.length > 0) throw mismatch('stream', name, wrong);
    return { kind: 'stream', name, action, fields };
  };
  const found = await ifFound(jsm.streams.info(name), STREAM_NOT_FOUND);
  if (!found) return settle('created', [], (await jsm.streams.add(plan)).config);
  const fields = differing(plan, found.config);
  if (fields.length === 0) return settle('unchanged', [], found.config);
  try {
    return settle('updated', fields, (await jsm.streams.update(name, plan)).config);
  } catch (error) {
    throw error instanceof BusError ? error : mismatch('stream', name, fields, error);
  }
};

const ensureConsumer = async (jsm: JetStreamManager, { stream, config }: ConsumerPlan): Promise<Change> => {
  const durable = config.durable_name as string;
  const name = `${stream}.${durable}`;
  const settle = (
    action: Change['action'],
    fields: readonly string[],
    echoed: Partial<ConsumerConfig>,
  ): Change => {
    const wrong = differing(config, echoed);
    if (wrong.length > 0) throw mismatch('consumer', name, wrong);
    return { kind: 'consumer', name, action, fields };
  };
  const found = await ifFound(jsm.consumers.info(stream, durable), CONSUMER_NOT_FOUND);
  if (!found) return settle('created', [], (await jsm.consumers.add(stream, config)).config);
  const fields = differing(config, found.config);
  if (fields.length === 0) return settle('unchanged', [], found.config);
  try {
    return settle('updated', fields, (await jsm.consumers.update(stream, durable, config)).config);
  } catch (error) {
    throw error instanceof BusError ? error : mismatch('consumer', name, fields, error);
  }
};

/**
 * Makes the streams, consumers and buckets that are missing and corrects those that differ; never deletes and keeps
 * what they hold. What the server echoes is checked: 2.9 ignores fields that it does not know.
 * @throws BusError PROVISION_MISMATCH when something cannot be made as planned
 */
export const provision = async (nc: NatsConnection, options: TopologyOptions = {}): Promise<Change[]> => {
  const jsm = await jetstreamManager(nc);
  const { streams, consumers } = topology(options);
  const changes: Change[] = [];
  for (const plan of streams) changes.push(await ensureStream(jsm, plan));
  for (const plan of consumers) changes.push(await ensureConsumer(jsm, plan));
  return changes;
};

/** @throws BusError NOT_PROVISIONED when a stream that a service needs is not there */
export const assertProvisioned = async (nc: NatsConnection, streams: readonly string[]): Promise<void> => {
  const jsm = await jetstreamManager(nc, { checkAPI: false });
  for (const stream of streams) {
    if (!(await ifFound(jsm.streams.info(stream), STREAM_NOT_FOUND))) {
      throw new BusError(
        'NOT_PROVISIONED',
        stream,
        `stream ${stream} is not on this NATS server; run \`drs provision\` first.`,
      );
    }
  }
};
