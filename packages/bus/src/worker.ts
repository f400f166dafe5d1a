import { setTimeout as sleep } from 'node:timers/promises';
import {
  type Mode,
  type Product,
  STREAM,
  type Stage,
  subjectToken,
  type Task,
  taskConsumer,
} from '@iris-drs/proto';
import { type Consumer, type JsMsg, jetstream, jetstreamManager } from '@nats-io/jetstream';
import { type NatsConnection, nanos } from '@nats-io/nats-core';
import { BusError } from './errors.ts';
import { createPermits } from './permits.ts';
import { createSettler, type SettlerDeps } from './settle.ts';
import type { Log } from './stage.ts';
import type { Telemetry } from './trace.ts';

export interface WorkerOptions {
  readonly nc: NatsConnection;
  readonly stage: Stage;
  /** Level of the stage's product: a task whose product is on the bus already is not done again. */
  readonly level: string;
  readonly modes: readonly Mode[];
  /** Tasks in hand at a time, over all modes. */
  readonly concurrency: number;
  readonly telemetry: Telemetry;
  readonly log: Log;
  /** Makes the product durable and returns its message, or throws. Must not block the thread: leases are renewed on it. */
  handle(task: Task, signal: AbortSignal): Promise<Product>;
  /** Asked before each task is taken; false pauses the intake. */
  mayTake?(): Promise<boolean>;
  /** Delay before a retriable failure is tried again, ms; the last one repeats. */
  readonly retryDelaysMs?: readonly number[];
}

export interface Worker {
  /** Tasks being worked on. */
  readonly inHand: number;
  /** Takes nothing new, waits for the work in hand; what is not done by then is stopped and given back. */
  drain(limitMs: number): Promise<void>;
}

const PAUSE_MS = 2_000;
/** nats-server 2.9 adds to a nak's delay what the backoff of that delivery exceeds the first one by (measured). */
const RETRY_MS = [1_000, 4_000, 10_000, 20_000];

/**
 * One message, or none when the wait ends. A fetch of one instead of `consume()`: that one pulls again while a task
 * is running (after missed heartbeats or a reconnect) and would keep a second task from other workers.
 */
export const takeOne = async (consumer: Consumer, stop: AbortSignal): Promise<JsMsg | undefined> => {
  if (stop.aborted) return undefined;
  const messages = await consumer.fetch({ max_messages: 1, expires: 20_000 });
  const end = () => messages.stop();
  stop.addEventListener('abort', end, { once: true });
  // It may have come while the fetch was being made.
  if (stop.aborted) end();
  try {
    for await (const message of messages) return message;
    return undefined;
  } finally {
    stop.removeEventListener('abort', end);
    messages.stop();
  }
};

/** Renews the lease of a task until cleared. */
const keepAlive = (message: JsMsg, everyMs: number): NodeJS.Timeout =>
  setInterval(() => {
    try {
      message.working();
    } catch {
      // The connection is closed: the task goes to another.
    }
  }, everyMs);

const shortestWaitMs = (config: { ack_wait?: number; backoff?: number[] }): number =>
  Math.min(config.ack_wait ?? nanos(30_000), ...(config.backoff ?? [])) / 1e6;

/**
 * Takes tasks of a stage from its durable consumers, `concurrency` at a time. A task stays unacknowledged, and its
 * lease renewed, until its product is on the bus: a worker that dies gives it back by dying.
 * @throws BusError NOT_PROVISIONED when a consumer is missing
 */
export const consumeTasks = async (options: WorkerOptions): Promise<Worker> => {
  const { nc, stage, modes, concurrency, log } = options;
  const js = jetstream(nc, { timeout: 5_000 });
  const jsm = await jetstreamManager(nc, { checkAPI: false });
  const permits = createPermits(concurrency);
  const intake = new AbortController();
  const work = new AbortController();
  const running = new Set<Promise<void>>();

  const consumers = await Promise.all(
    modes.map(async (mode) => {
      const durable = taskConsumer(stage, mode);
      try {
        return await js.consumers.get(STREAM.tasks, durable);
      } catch (error) {
        throw new BusError(
          'NOT_PROVISIONED',
          `${STREAM.tasks}.${durable}`,
          `consumer ${durable} of stream ${STREAM.tasks} cannot be used (${(error as Error).message}); run \`drs provision\` first.`,
          error,
        );
      }
    }),
  );

  const serve = async (consumer: Consumer): Promise<void> => {
    const { config, name } = await consumer.info(true);
    const heartbeatMs = shortestWaitMs(config) / 3;
    const deps: SettlerDeps = {
      ...options,
      js,
      jsm,
      consumer: subjectToken(name),
      maxDeliver: config.max_deliver ?? -1,
      retryDelaysMs: options.retryDelaysMs ?? RETRY_MS,
      signal: work.signal,
    };
    const settle = createSettler(deps);
    while (!intake.signal.aborted && !nc.isClosed()) {
      try {
        await permits.available(intake.signal);
        if (intake.signal.aborted) break;
        if (options.mayTake && !(await options.mayTake())) {
          await sleep(PAUSE_MS, undefined, { signal: intake.signal }).catch(() => {});
          continue;
        }
        const message = await takeOne(consumer, intake.signal);
        if (!message) continue;
        const lease = keepAlive(message, heartbeatMs);
        // Another mode may have taken the last permit meanwhile: then this one task waits, its lease renewed.
        const release = await permits.acquire(intake.signal);
        const job: Promise<void> = (release ? settle(message) : Promise.resolve(message.nak())).finally(
          () => {
            clearInterval(lease);
            release?.();
            running.delete(job);
          },
        );
        running.add(job);
      } catch (error) {
        if (intake.signal.aborted || nc.isClosed()) break;
        log.warn(
          { consumer: name, error: (error as Error).message },
          'waiting for tasks was interrupted; going on',
        );
        await sleep(1_000, undefined, { signal: intake.signal }).catch(() => {});
      }
    }
  };
  const loops = consumers.map(serve);

  return {
    get inHand() {
      return running.size;
    },
    async drain(limitMs) {
      intake.abort();
      await Promise.all(loops);
      const done = Promise.allSettled(running);
      const timer = new AbortController();
      const late = sleep(limitMs, 'late' as const, { signal: timer.signal, ref: false }).catch(
        () => 'done' as const,
      );
      if ((await Promise.race([done, late])) === 'late') {
        log.warn({ inHand: running.size }, 'work in hand is not done in time; giving it back');
        work.abort(new BusError('DRAINING', stage, 'the service is stopping.'));
        await Promise.race([done, sleep(5_000, undefined, { ref: false })]);
      }
      timer.abort();
    },
  };
};
