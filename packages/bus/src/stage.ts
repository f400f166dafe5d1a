import type { ReferenceSource } from '@iris-drs/crds';
import type { FrameRef, Input, Level, Product, Stage, StepInfo, Task } from '@iris-drs/proto';
import type { NatsConnection } from '@nats-io/nats-core';
import type { Volume } from './volume.ts';

/** Structured log: fields first, then the message; each line carries service, trace_id and span_id. */
export interface Log {
  debug(fields: object, message?: string): void;
  debug(message: string): void;
  info(fields: object, message?: string): void;
  info(message: string): void;
  warn(fields: object, message?: string): void;
  warn(message: string): void;
  error(fields: object, message?: string): void;
  error(message: string): void;
}

/** What a step can say about itself while it runs. */
export interface StepScope {
  /** Report the step as SKIPPED instead of COMPLETE. */
  skipped(reason: string): void;
  /** Adds an attribute to the step's span. */
  set(name: string, value: string | number | boolean): void;
}

/** What a stage is given for one task. */
export interface StageContext {
  readonly volume: Volume;
  readonly references: ReferenceSource;
  readonly log: Log;
  /** W3C trace id of the exposure, 32 hex digits: for provenance. */
  readonly traceId: string;
  /** Aborted when the service must stop at once; a drain lets the task finish. */
  readonly signal: AbortSignal;
  /** For a stage that follows a stream (`drs.read.…`) while it works; undefined when reducing without a bus. */
  readonly connection: NatsConnection | undefined;
  /** Runs one named step as a span, timed for `Product.stepSeconds` and reported as progress. */
  step<T>(name: string, run: (scope: StepScope) => Promise<T> | T): Promise<T>;
}

/** A file that is durable on the volume, and what associations match on. The rest comes from the task. */
export interface ProducedFrame {
  readonly frame: FrameRef;
  readonly filter?: string;
  readonly exposureTimeSeconds?: number;
  readonly scale?: string;
  readonly exposureStart?: Date;
  /** Relative to the volume root. */
  readonly previewPath?: string;
  /** The inputs really used; the task's when absent. */
  readonly inputs?: readonly Input[];
  /** When the last event that was waited for arrived, where that was after the task was given out. */
  readonly lastEventTime?: Date;
  /** Overrides the task's role. */
  readonly role?: string;
  /** How many keywords of the snapshot had no source: counted in a metric. */
  readonly keywordsMissing?: number;
}

/**
 * One stage: task in, product out. `reduce` writes one file under a name that depends on the task alone, atomically,
 * and returns when it is durable. It may run twice for one task, so its only effect is that file.
 *
 * An error thrown with `retriable: false`, or with a string `code` of an error table, is permanent: one Failure, no
 * second attempt. `retriable: true`, I/O errors and anything unknown are tried again with delay, then fail.
 */
export interface StageDefinition {
  readonly stage: Stage;
  readonly level: Level;
  /** Suffix of its products: rate, flt, cal … */
  readonly suffix: string;
  /** Tasks handled at a time; 1 when absent. */
  readonly concurrency?: number;
  readonly steps: readonly StepInfo[];
  reduce(task: Task, context: StageContext): Promise<ProducedFrame>;
  /** Releases what the stage holds, after the last task. */
  close?(): Promise<void>;
}

/** The product message of a finished task. */
export const productOf = (
  definition: Pick<StageDefinition, 'stage' | 'level' | 'suffix'>,
  task: Task,
  produced: ProducedFrame,
  run: { traceId: string; stepSeconds: Record<string, number>; finished: Date; schemaVersion: number },
): Product => {
  const lastEventTime = produced.lastEventTime ?? task.lastEventTime;
  return {
    schemaVersion: run.schemaVersion,
    level: definition.level,
    mode: task.mode,
    detector: task.detector,
    exposureId: task.exposureId,
    observationId: task.observationId,
    role: produced.role ?? task.role,
    version: task.version || 1,
    stage: definition.stage,
    suffix: definition.suffix,
    frame: produced.frame,
    traceId: run.traceId,
    filter: produced.filter ?? '',
    exposureTimeSeconds: produced.exposureTimeSeconds ?? 0,
    scale: produced.scale ?? '',
    exposureStart: produced.exposureStart,
    lastEventTime,
    finished: run.finished,
    latencySeconds: lastEventTime ? (run.finished.getTime() - lastEventTime.getTime()) / 1000 : 0,
    stepSeconds: run.stepSeconds,
    inputs: [...(produced.inputs ?? task.inputs)],
    previewPath: produced.previewPath ?? '',
  };
};
