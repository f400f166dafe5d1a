import type { ReferenceSource } from '@iris-drs/crds';
import { type Product, SCHEMA_VERSION, type StepProgress, type Task } from '@iris-drs/proto';
import type { NatsConnection } from '@nats-io/nats-core';
import { traceIdOf } from './exposure-trace.ts';
import { ATTR } from './semconv.ts';
import { type Log, productOf, type StageContext, type StageDefinition, type StepScope } from './stage.ts';
import { assertSafe } from './task-check.ts';
import { inSpan, type Telemetry, workAttributes } from './trace.ts';
import type { Volume } from './volume.ts';

/** What a stage's work needs around it, whether the task came from the queue or by gRPC. */
export interface ReduceDeps {
  readonly volume: Volume;
  readonly references: ReferenceSource;
  readonly log: Log;
  readonly telemetry: Telemetry;
  readonly connection: NatsConnection | undefined;
}

export interface ReduceRun {
  readonly signal: AbortSignal;
  onProgress?(progress: StepProgress): void;
}

const secondsSince = (start: bigint): number => Number(process.hrtime.bigint() - start) / 1e9;

/**
 * Runs a stage on one task: checks the task, times its steps and makes the product message of the file it leaves.
 * @throws whatever the stage throws; BusError for a task that must not be run
 */
export const reduceTask = async (
  definition: StageDefinition,
  task: Task,
  deps: ReduceDeps,
  run: ReduceRun,
): Promise<Product> => {
  const { volume, references, log, telemetry, connection } = deps;
  const { tracer, metrics } = telemetry;
  assertSafe(task, volume);
  const work = workAttributes({ stage: definition.stage, mode: task.mode, detector: task.detector });
  const stepSeconds: Record<string, number> = {};
  const traceId = traceIdOf(task.exposureId);

  const step = <T>(name: string, fn: (scope: StepScope) => Promise<T> | T): Promise<T> =>
    inSpan(tracer, name, { attributes: { ...work, [ATTR.step]: name } }, async (span) => {
      run.signal.throwIfAborted();
      let state = 'COMPLETE';
      run.onProgress?.({ step: name, state: 'RUNNING', seconds: 0 });
      const start = process.hrtime.bigint();
      const result = await fn({
        skipped(reason) {
          state = 'SKIPPED';
          span.setAttribute(ATTR.stepReason, reason);
        },
        set: (key, value) => span.setAttribute(key, value),
      });
      const seconds = secondsSince(start);
      span.setAttribute(ATTR.stepState, state);
      stepSeconds[name] = (stepSeconds[name] ?? 0) + seconds;
      metrics.stepSeconds.record(seconds, { ...work, [ATTR.step]: name });
      run.onProgress?.({ step: name, state, seconds });
      return result;
    });

  const context: StageContext = { volume, references, log, traceId, signal: run.signal, connection, step };
  const start = process.hrtime.bigint();
  const produced = await definition.reduce(task, context);
  // A name that leads out of the volume must not be announced.
  volume.existing(produced.frame.path);
  metrics.taskSeconds.record(secondsSince(start), work);
  metrics.frames.add(1, work);
  metrics.bytes.add(produced.frame.size, work);
  if (produced.keywordsMissing) metrics.keywordsMissing.add(produced.keywordsMissing, work);
  return productOf(definition, task, produced, {
    traceId,
    stepSeconds,
    finished: new Date(),
    schemaVersion: SCHEMA_VERSION,
  });
};
