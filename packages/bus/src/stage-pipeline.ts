import { totalmem } from 'node:os';
import { setTimeout } from 'node:timers/promises';
import type { ReferenceSource } from '@iris-drs/crds';
import { type Engine, openEngine } from '@iris-drs/kernels';
import type { StepInfo, Task } from '@iris-drs/proto';
import {
  type AnyStep,
  createReferenceCache,
  type Model,
  type ReferenceCache,
  runSteps,
  type StepDescription,
  type StepLog,
} from '@iris-drs/stpipe';
import type { Log, StageContext } from './stage.ts';
import type { Volume } from './volume.ts';

/** What a stage that runs steps keeps from task to task. */
export interface Workbench {
  readonly engine: Engine;
  readonly cache: ReferenceCache;
  close(): Promise<void>;
}

/** References kept open: enough for every type of a few detectors. */
const OPEN_REFERENCES = 24;

/** A full frame of an H4RG, the largest that comes. */
const FRAME = [4096, 4096] as const;
const FRAME_BYTES = FRAME[0] * FRAME[1] * 4;
/** Frames that a task of any stage has in hand, references included. */
const FRAMES = 12;

/**
 * The first use of memory costs a page fault for every 4 KiB, some 50 ms for a full frame, which the first exposure of
 * the night would pay a dozen times. It is paid here, while the service idles, within 1/32 of the machine's memory.
 */
const touchMemory = async (engine: Engine): Promise<void> => {
  const frames = Math.min(FRAMES, Math.floor(totalmem() / 32 / FRAME_BYTES));
  using held = new DisposableStack();
  for (let i = 0; i < frames; i++) {
    await setTimeout(10);
    try {
      held.use(engine.float32(FRAME));
    } catch {
      return;
    }
  }
};

export const openWorkbench = async (): Promise<Workbench> => {
  const engine = await openEngine();
  void touchMemory(engine);
  const cache = createReferenceCache(OPEN_REFERENCES);
  return {
    engine,
    cache,
    async close() {
      cache.close();
      await engine.close();
    },
  };
};

const stepLog = (log: Log): StepLog => ({
  info: (message) => log.debug(message),
  warn: (message) => log.warn(message),
});

/** Option texts with the files that override references as absolute paths: tasks name them relative to the volume. */
const onVolume = (options: Task['options'], volume: Volume): Record<string, string> =>
  Object.fromEntries(
    Object.entries(options).map(([key, text]) => {
      const names = /\.override_/.test(key) && !/^(N\/A|None|)$/i.test(text);
      return [key, names ? volume.existing(text) : text];
    }),
  );

/** Runs a pipeline's steps for a task, each as a span; references, options and log are the task's. */
export const runPipeline = async <M extends Model>(
  steps: readonly AnyStep<M>[],
  model: M,
  task: Task,
  context: StageContext,
  { engine, cache }: Workbench,
): Promise<M> => {
  const references: ReferenceSource = context.references;
  const done = await runSteps(steps, model, {
    engine,
    cache,
    references,
    log: stepLog(context.log),
    options: onVolume(task.options, context.volume),
    around: (step, work) =>
      context.step(step, async ({ skipped }) => {
        const reason = await work();
        if (reason !== undefined) skipped(reason);
        return reason;
      }),
  });
  return done.model;
};

/** The steps as the Reduction service lists them. */
export const describeSteps = (steps: readonly StepDescription[]): StepInfo[] =>
  steps.map(({ name, doc, referenceTypes, optionalReferenceTypes = [], spec }) => ({
    name,
    doc,
    referenceTypes: [...referenceTypes, ...optionalReferenceTypes],
    options: Object.entries(spec).map(([option, { type, default: value, doc: text }]) => ({
      name: option,
      type,
      defaultValue: value === null ? 'None' : String(value),
      doc: text,
    })),
  }));
