import { type Product, STREAM, subjectToken, type Task } from '@iris-drs/proto';
import type { JetStreamClient, JetStreamManager, JsMsg } from '@nats-io/jetstream';
import { headers } from '@nats-io/nats-core';
import { type Context, context, SpanKind, trace } from '@opentelemetry/api';
import { exposureLinks, traceIdOf } from './exposure-trace.ts';
import { failureOf, publishFailure } from './failures.ts';
import { type Fault, faultOf } from './fault.ts';
import { findProduct, publishProduct } from './products.ts';
import { extractTrace, messageContext } from './propagation.ts';
import { publishDurably } from './publish.ts';
import { ATTR, NATS_SYSTEM } from './semconv.ts';
import { decodeTask } from './task-check.ts';
import { inSpan, recordError, workAttributes } from './trace.ts';
import type { WorkerOptions } from './worker.ts';

export interface SettlerDeps extends WorkerOptions {
  readonly js: JetStreamClient;
  readonly jsm: JetStreamManager;
  readonly consumer: string;
  /** Deliveries after which the server gives up; -1 for never. */
  readonly maxDeliver: number;
  readonly retryDelaysMs: readonly number[];
  /** Aborted when work in hand must be given back. */
  readonly signal: AbortSignal;
}

/** How a task ended. */
type Outcome = 'done' | 'already done' | 'failed' | 'given back';

/** The parts of `drs.task.<stage>.<mode>.<detector>.<exposure>`, for messages that cannot be read themselves. */
const workOfSubject = (subject: string) => {
  const [, , stage = '', mode = '', detector = '', exposureId = ''] = subject.split('.');
  return { stage, mode, detector, exposureId };
};

const confirm = async (message: JsMsg): Promise<void> => {
  // Not crash-durable either; a lost one is a redelivery that finds the product.
  await message.ackAck({ timeout: 5_000 }).catch(() => false);
};

/** Brings messages of one consumer to their end: product, failure, or another attempt. */
export const createSettler = (deps: SettlerDeps): ((message: JsMsg) => Promise<void>) => {
  const { js, jsm, stage, level, telemetry, log, signal } = deps;
  const { tracer, metrics } = telemetry;
  const publishing = { log, signal };

  /** Keeps what could not be done where an operator finds it; same id as the dead-letter mover's. */
  const keepDeadLetter = async (message: JsMsg, fault: Fault): Promise<void> => {
    const hdrs = headers();
    for (const [key, values] of message.headers ?? []) {
      if (!key.startsWith('Nats-')) for (const value of values) hdrs.append(key, value);
    }
    hdrs.set('Drs-Subject', message.subject);
    hdrs.set('Drs-Code', fault.code);
    const subject = `drs.dead.${STREAM.tasks}.${subjectToken(deps.consumer)}`;
    await publishDurably(js, subject, message.data, hdrs, {
      ...publishing,
      msgId: `${STREAM.tasks}-${message.seq}`,
    });
  };

  const fail = async (work: ReturnType<typeof workOfSubject>, fault: Fault): Promise<void> => {
    await publishFailure(js, failureOf(work, fault), publishing);
    metrics.failures.add(1, { ...workAttributes(work), [ATTR.errorType]: fault.code });
    log.error({ ...work, code: fault.code, input: fault.input, retriable: fault.retriable }, fault.message);
  };

  const settleError = async (message: JsMsg, task: Task, error: unknown): Promise<Outcome> => {
    const fault = faultOf(error);
    const { deliveryCount } = message.info;
    if (signal.aborted) {
      message.nak();
      return 'given back';
    }
    if (!fault.retriable || (deps.maxDeliver > 0 && deliveryCount >= deps.maxDeliver)) {
      if (fault.retriable) await keepDeadLetter(message, fault);
      await fail(task, fault);
      await confirm(message);
      return 'failed';
    }
    const delay = deps.retryDelaysMs[Math.min(deliveryCount, deps.retryDelaysMs.length) - 1] ?? 1_000;
    log.warn(
      { exposure: task.exposureId, code: fault.code, deliveryCount, delay },
      `trying again: ${fault.message}`,
    );
    message.nak(delay);
    return 'given back';
  };

  const work = async (message: JsMsg, task: Task): Promise<Outcome> => {
    const { mode, detector, exposureId } = task;
    const version = task.version || 1;
    try {
      if (await findProduct(jsm, { level, mode, detector, exposureId, version })) {
        await confirm(message);
        return 'already done';
      }
      const product = await deps.handle(task, signal);
      const published = await announce(product);
      await confirm(message);
      return published === 'stored' ? 'done' : 'already done';
    } catch (error) {
      const span = trace.getActiveSpan();
      if (span) recordError(span, error);
      return settleError(message, task, error);
    }
  };

  const announce = (product: Product) =>
    inSpan(
      tracer,
      `publish drs.product.${product.level}.{mode}`,
      {
        kind: SpanKind.PRODUCER,
        attributes: {
          [ATTR.messagingSystem]: NATS_SYSTEM,
          [ATTR.messagingOperationName]: 'publish',
          [ATTR.messagingOperationType]: 'send',
          [ATTR.path]: product.frame?.path ?? '',
        },
      },
      () => publishProduct(js, product, publishing),
    );

  const taskSpan = (message: JsMsg, task: Task, parent: Context) => {
    const sender = trace.getSpanContext(extractTrace(message.headers));
    const foreign = sender && sender.traceId !== traceIdOf(task.exposureId) ? [{ context: sender }] : [];
    return inSpan(
      tracer,
      `process drs.task.${stage}.{mode}`,
      {
        kind: SpanKind.CONSUMER,
        links: [
          ...exposureLinks(
            task.exposureId,
            task.inputs.map(({ exposureId }) => exposureId),
          ),
          ...foreign,
        ],
        attributes: {
          ...workAttributes({ ...task, stage }),
          [ATTR.exposure]: task.exposureId,
          [ATTR.observation]: task.observationId,
          [ATTR.role]: task.role,
          [ATTR.deliveries]: message.info.deliveryCount,
          [ATTR.messagingSystem]: NATS_SYSTEM,
          [ATTR.messagingOperationName]: 'process',
          [ATTR.messagingOperationType]: 'process',
          [ATTR.messagingDestination]: message.subject,
          [ATTR.messagingConsumer]: deps.consumer,
        },
      },
      async (span) => {
        const outcome = await work(message, task);
        span.setAttribute(ATTR.outcome, outcome);
        log.info(
          { exposure: task.exposureId, detector: task.detector, mode: task.mode, outcome },
          `${stage}: ${outcome}`,
        );
      },
      parent,
    );
  };

  return async (message) => {
    try {
      const lag = Math.max(0, Date.now() - message.time.getTime()) / 1000;
      metrics.queueLag.record(lag, { [ATTR.stage]: stage });
      metrics.queuePending.record(message.info.pending, {
        [ATTR.stage]: stage,
        [ATTR.messagingConsumer]: deps.consumer,
      });
      let task: Task;
      try {
        task = decodeTask(stage, message.subject, message.data);
      } catch (error) {
        const fault = faultOf(error);
        await keepDeadLetter(message, fault);
        await fail(workOfSubject(message.subject), fault);
        // No reason: servers before 2.10.4 do not know `term` with one and deliver the message again.
        message.term();
        return;
      }
      const parent = messageContext(message.headers, task.exposureId);
      await context.with(parent, () => taskSpan(message, task, parent));
    } catch (error) {
      // Settling itself failed (stopped while publishing): the message comes back by itself.
      log.error({ subject: message.subject, error: (error as Error).message }, 'a task was left unsettled');
    }
  };
};
