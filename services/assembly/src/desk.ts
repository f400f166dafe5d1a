import {
  failureOf,
  faultOf,
  findProduct,
  type Log,
  publishFailure,
  type Telemetry,
  type Volume,
} from '@iris-drs/bus';
import { LEVELS, type Product } from '@iris-drs/proto';
import type { JetStreamClient, JetStreamManager } from '@nats-io/jetstream';
import { dueTasks, type Rules } from './decide.ts';
import { followEvent, type Intake } from './intake.ts';
import { type ExposureRecord, type FrameState, summaryOf, withProduct, withTask } from './record.ts';
import { publishWritten } from './status-events.ts';
import type { RecordStore } from './store.ts';
import { publishTask } from './tasks.ts';

export interface DeskDeps {
  readonly js: JetStreamClient;
  readonly jsm: JetStreamManager;
  readonly store: RecordStore;
  readonly volume: Volume;
  readonly log: Log;
  readonly telemetry: Telemetry;
  readonly rules: () => Rules;
}

export interface ArrivedEvent {
  readonly body: Uint8Array;
  readonly subject: string;
  readonly arrivedMillis: number;
  /** How often it was delivered. */
  readonly attempt: number;
}

/** Deliveries after which an event that still cannot be followed is refused, so that it does not stop those behind it. */
const MOST_ATTEMPTS = 5;

/** The assembly's one desk: events and products come in one at a time, tasks go out. */
export interface Desk {
  event(event: ArrivedEvent): Promise<void>;
  product(product: Product, arrivedMillis: number): Promise<void>;
  /** Looks at what waits for a sky or a deadline. */
  tick(): Promise<void>;
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

export const openDesk = (deps: DeskDeps): Desk => {
  const { js, jsm, store, volume, log, telemetry } = deps;
  const intake: Intake = { telemetry: {} };
  const turn = inTurn();

  /** Gives out what is due, then keeps the record: a crash in between repeats tasks, and those are dropped as doubles. */
  const settle = async (record: ExposureRecord, now: number): Promise<ExposureRecord> => {
    let settled = record;
    const observation = store
      .observationOf(record)
      .map((other) => (other.exposureId === record.exposureId ? record : other));
    for (const due of dueTasks(record, observation, now, deps.rules())) {
      await publishTask(js, telemetry, due);
      log.info(
        {
          exposure: record.exposureId,
          stage: due.stage,
          detector: due.detector,
          inputs: due.task.inputs.length,
        },
        'task',
      );
      settled = withTask(settled, due.detector, due.stage);
    }
    if (settled !== store.get(record.exposureId)) await store.save(settled);
    return settled;
  };

  const refuse = async (exposureId: string, input: string, error: unknown): Promise<void> => {
    const fault = { ...faultOf(error), input };
    log.error({ exposure: exposureId, input, code: fault.code }, fault.message);
    await publishFailure(
      js,
      failureOf({ stage: 'assembly', mode: 'unknown', detector: '', exposureId }, fault),
    );
  };

  const knownProducts = async (
    exposureId: string,
    { detector, mode }: FrameState,
  ): Promise<FrameState['products']> => {
    const found: Record<string, FrameState['products'][string]> = {};
    for (const level of LEVELS) {
      if (!['l1', 'l2a', 'l2'].includes(level)) continue;
      const product = await findProduct(jsm, { level, mode, detector, exposureId, version: 1 });
      if (product) found[level] = summaryOf(product, product.finished?.getTime() ?? 0);
    }
    return found;
  };

  const announceReads = async (before: ExposureRecord | undefined, after: ExposureRecord): Promise<void> => {
    for (const frame of Object.values(after.frames)) {
      if (!before?.frames[frame.detector]) await publishWritten(js, 'writeReadout', frame.mode);
    }
  };

  return {
    event: ({ body, subject, arrivedMillis, attempt }) =>
      turn(async () => {
        try {
          const followed = await followEvent(body, arrivedMillis, intake, {
            volume,
            log,
            record: (id) => store.get(id),
            knownProducts,
            refuse,
            set: store.settings.keywords,
          });
          for (const record of followed.records) {
            const before = store.get(record.exposureId);
            await settle(record, Date.now());
            await announceReads(before, record);
          }
        } catch (error) {
          if (faultOf(error).retriable && attempt < MOST_ATTEMPTS) throw error;
          await refuse('', subject, error);
        }
      }),

    product: (product, arrivedMillis) =>
      turn(async () => {
        const record = store.get(product.exposureId);
        if (!record) {
          log.warn(
            { exposure: product.exposureId, level: product.level },
            'a product of an exposure that no event announced',
          );
          return;
        }
        const noted = withProduct(record, product, arrivedMillis);
        if (noted === record) return;
        await settle(noted, Date.now());
        if (product.level === 'l1') await publishWritten(js, 'writeScience', product.mode);
        if (product.level === 'l2') await publishWritten(js, 'writeReduced', product.mode);
        if (product.role !== 'sky' || product.level !== 'l2a') return;
        for (const waiting of store.waiting()) {
          if (waiting.observationId === record.observationId) await settle(waiting, Date.now());
        }
      }),

    tick: () =>
      turn(async () => {
        for (const record of store.waiting()) await settle(record, Date.now());
      }),
  };
};
