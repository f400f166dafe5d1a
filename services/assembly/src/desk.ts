import {
  exposureContext,
  failureOf,
  faultOf,
  inSpan,
  type Log,
  messageContext,
  publishFailure,
  type Telemetry,
  type Volume,
} from '@iris-drs/bus';
import { Product } from '@iris-drs/proto';
import type { ExposureFact } from '@iris-drs/tmt';
import type { JetStreamClient, JetStreamManager } from '@nats-io/jetstream';
import type { MsgHdrs } from '@nats-io/nats-core';
import { dueEnds, dueTasks, isTimeToLook, type Rules } from './decide.ts';
import { takeFiles } from './files.ts';
import {
  applyFact,
  type FactOfExposure,
  hear,
  isOfExposure,
  isProgress,
  isReadFile,
  type Memory,
  withDetectorsInUse,
} from './intake.ts';
import { publishEnd, publishRead } from './reads.ts';
import { type ExposureRecord, withEnd, withProduct, withTask } from './record.ts';
import { ended, keywordsFor, resumed, type Settings } from './settings.ts';
import type { StatusEvents } from './status-events.ts';
import type { RecordStore } from './store.ts';
import { publishTask } from './tasks.ts';

export interface DeskDeps {
  readonly js: JetStreamClient;
  readonly jsm: JetStreamManager;
  readonly store: RecordStore;
  readonly volume: Volume;
  readonly log: Log;
  readonly telemetry: Telemetry;
  readonly status: StatusEvents;
  readonly skyDeadlineMillis: number;
  /** Ends publishing that waits for the bus. */
  readonly signal: AbortSignal;
}

/** A message as it came from a stream. */
export interface Arrived {
  readonly body: Uint8Array;
  readonly subject: string;
  readonly headers: MsgHdrs | undefined;
  readonly sequence: number;
  readonly arrivedMillis: number;
}

const CHECKPOINT_MILLIS = 2_000;

/**
 * The assembly's one desk: events and products come in one at a time, tasks go out. What throws here is the bus or the
 * bucket; it may be handed in again. What is wrong with a message or a file becomes a failure line.
 */
export interface Desk {
  event(message: Arrived): Promise<void>;
  product(message: Arrived): Promise<void>;
  /** Looks at what waits for a file, a sky or a deadline, and keeps how far the events have been followed. */
  tick(): Promise<void>;
  /** What was missed has been followed: from now on deadlines pass. */
  caughtUp(): Promise<void>;
  change(apply: (settings: Settings) => Settings): Promise<void>;
}

/** Runs one thing after another, whoever asks. */
const inTurn = () => {
  let last: Promise<unknown> = Promise.resolve();
  return <T>(work: () => Promise<T>): Promise<T> => {
    const next = last.then(work, work);
    last = next.catch(() => undefined);
    return next;
  };
};

/** A message that cannot be read, so that two of them on one subject are two failures. */
const nameOf = ({ subject, sequence }: Arrived): string => `${subject} (message ${sequence})`;

export const openDesk = (deps: DeskDeps): Desk => {
  const { js, store, log, telemetry, status, skyDeadlineMillis, signal } = deps;
  const turn = inTurn();
  let { sequence, ...memory }: Memory & { sequence: number } = store.restored;
  let deadlinesFromMillis: number | undefined;
  let checkpointed = Date.now();

  const rules = (): Rules => ({ skyDeadlineMillis, deadlinesFromMillis, settings: store.settings });

  const refuse = async (exposureId: string, input: string, error: unknown): Promise<void> => {
    const fault = { ...faultOf(error), input };
    log.error({ exposure: exposureId, input, code: fault.code }, fault.message);
    telemetry.metrics.failures.add(1, { 'drs.stage': 'assembly', 'error.type': fault.code });
    const work = { stage: 'assembly', mode: 'unknown', detector: '', exposureId };
    await publishFailure(js, failureOf(work, fault), { signal, log });
  };

  const withFiles = takeFiles({ ...deps, refuse });

  /**
   * Gives out what is due, then keeps the record: a crash in between repeats tasks, and those are dropped as doubles.
   * `within`: in a span of the same exposure.
   */
  const settle = async (record: ExposureRecord, within = false): Promise<void> => {
    let next = await withFiles(record, memory);
    const { exposureId, observationId } = next;
    const others = store.observation(observationId).filter((other) => other.exposureId !== exposureId);
    for (const due of dueTasks(next, [...others, next], Date.now(), rules())) {
      const { stage, detector, task } = due;
      await publishTask(deps, due, within);
      log.info({ exposure: exposureId, stage, detector, inputs: task.inputs.length }, 'task');
      next = withTask(next, detector, stage);
    }
    for (const frame of dueEnds(next)) {
      await publishEnd(deps, next, frame);
      next = withEnd(next, frame);
    }
    if (next !== store.known(exposureId)) await store.save(next);
  };

  const settleWaiting = async (observationId: string | undefined): Promise<void> => {
    for (const record of store.waiting()) if (record.observationId === observationId) await settle(record);
  };

  /** Runs what needs only the message; whatever it throws is the message's fault. */
  const sound = async <T>(exposureId: string, input: string, read: () => T): Promise<T | undefined> => {
    try {
      return read();
    } catch (error) {
      await refuse(exposureId, input, error);
      return undefined;
    }
  };

  const followExposure = async (fact: FactOfExposure, { subject, arrivedMillis }: Arrived): Promise<void> => {
    const { exposureId } = fact;
    const before = await store.get(exposureId);
    const set = keywordsFor(store.settings, before?.observationId ?? fact.obsId ?? '');
    const record = await sound(exposureId, subject, () =>
      applyFact(before, fact, arrivedMillis, memory, set),
    );
    if (!record) return;
    if (isReadFile(fact)) await publishRead(deps, fact, arrivedMillis);
    const isAborted = record.exposure.aborted && !before?.exposure.aborted;
    const isFile = record.files.length > 0 && record.files !== before?.files;
    if (isProgress(fact) && !isAborted && !isFile) {
      if (record !== before) store.note(record);
      return;
    }
    await inSpan(
      telemetry.tracer,
      `event ${subject.split('.')[3]}`,
      {
        startTime: new Date(arrivedMillis),
        attributes: { 'drs.exposure.id': exposureId, 'drs.fact': fact.kind },
      },
      () => settle(record, true),
      exposureContext(exposureId),
    );
    if (isAborted) await settleWaiting(record.observationId);
  };

  const followFact = async (fact: ExposureFact, arrived: Arrived): Promise<void> => {
    if (isOfExposure(fact)) return followExposure(fact, arrived);
    if (fact.kind === 'detectors-in-use') {
      for (const record of store.recent()) {
        const next = withDetectorsInUse(record, fact);
        if (next !== record) await settle(next);
      }
    } else if (fact.obsId && (fact.kind === 'observation-start' || fact.kind === 'observation-end')) {
      const { settings } = store;
      const next =
        fact.kind === 'observation-end'
          ? ended(settings, fact.obsId, arrived.arrivedMillis)
          : resumed(settings, fact.obsId);
      if (next !== settings) await store.saveSettings(next);
      await settleWaiting(fact.obsId);
    }
  };

  return {
    event: (message) =>
      turn(async () => {
        const heard = await sound('', nameOf(message), () => hear(message.body, memory));
        if (heard) {
          memory = heard.memory;
          if (heard.wrong) await refuse('', heard.wrong.input, heard.wrong.error);
          for (const fact of heard.facts) await followFact(fact, message);
        }
        sequence = Math.max(sequence, message.sequence);
      }),

    product: (message) =>
      turn(async () => {
        const product = await sound('', nameOf(message), () => Product.decode(message.body));
        if (!product) return;
        const { exposureId, level, detector, mode } = product;
        const record = await store.get(exposureId);
        // Not known (yet): whoever makes the record looks for products.
        const noted = record && withProduct(record, product, message.arrivedMillis);
        if (!noted || noted === record) return;
        await inSpan(
          telemetry.tracer,
          `product ${level}`,
          { attributes: { 'drs.exposure.id': exposureId, 'drs.detector': detector, 'drs.level': level } },
          async () => {
            const occurrence = `${exposureId}:${detector}`;
            if (level === 'l1') await status.written('writeScience', mode, occurrence);
            if (level === 'l2') await status.written('writeReduced', mode, occurrence);
            await settle(noted, true);
          },
          messageContext(message.headers, exposureId),
        );
        if (product.role === 'sky' && level === 'l2a') await settleWaiting(noted.observationId);
      }),

    tick: () =>
      turn(async () => {
        const now = Date.now();
        for (const record of store.waiting()) if (isTimeToLook(record, now, rules())) await settle(record);
        if (now - checkpointed < CHECKPOINT_MILLIS) return;
        await store.checkpoint(sequence, memory);
        checkpointed = now;
      }),

    caughtUp: () =>
      turn(async () => {
        deadlinesFromMillis ??= Date.now();
        for (const record of store.waiting()) await settle(record);
      }),

    change: (apply) =>
      turn(async () => {
        await store.saveSettings(apply(store.settings));
        for (const record of store.recent()) await settle(record);
      }),
  };
};
