import type { StageContext } from '@iris-drs/bus';
import {
  createPermits,
  describeSteps,
  frameProduct,
  inputOf,
  openWorkbench,
  type Permits,
  type ProducedFrame,
  runPipeline,
  type StageDefinition,
  type Workbench,
} from '@iris-drs/bus';
import {
  closeImage,
  exposureFileStem,
  type ImageModel,
  keywordsFromTelemetry,
  openImage,
  openRamp,
  productPath,
} from '@iris-drs/datamodels';
import type { Task } from '@iris-drs/proto';
import { StepError, withRoom } from '@iris-drs/stpipe';
import { ReadoutError } from './errors.ts';
import { scanReads } from './follow/directory.ts';
import { followReads, promisedReads } from './follow/follow.ts';
import { openPreviews } from './follow/publish.ts';
import { type Live, openLive } from './live/live.ts';
import { readoutPipeline } from './pipeline.ts';
import { closePlan, closeRamps, planOf, type ReadoutPlan } from './plan.ts';
import { saveRateints } from './rateints.ts';
import { addTelemetry, type TelemetryKeyword } from './telemetry.ts';

const telemetryOf = ({ keywords }: Task): TelemetryKeyword[] =>
  keywords.flatMap(({ name, value, comment }) => (value ? [{ name, value: value.value, comment }] : []));

/** How many of the detector's telemetry keywords the snapshot could not give. */
const missingKeywords = ({ detector, keywords }: Task): number => {
  const given = new Set(keywords.map(({ name }) => name));
  return keywordsFromTelemetry(() => undefined, detector).missing.filter((name) => !given.has(name)).length;
};

/** What telemetry and the task know goes into the header before rules and steps ask it. */
const label = (model: Parameters<typeof addTelemetry>[0], task: Task): void => {
  addTelemetry(model, telemetryOf(task));
  model.header.set('DETECTOR', task.detector, 'detector');
};

/** Options whose value is a file, as absolute paths: tasks name files of the volume. */
const onVolume = (task: Task, { volume }: StageContext): Task => {
  const table = task.options[READ_TABLE];
  if (table === undefined || table === '') return task;
  return { ...task, options: { ...task.options, [READ_TABLE]: volume.existing(table) } };
};

const READ_TABLE = 'readoutsamp.read_table';

/** Writes the frames of the single ramps beside the product, and gives them back. */
const saveRamps = async (plan: ReadoutPlan, task: Task, context: StageContext, bench: Workbench) => {
  if (plan.ramps.length === 0) return;
  const { detector, mode, utDate } = task;
  const stem = exposureFileStem(task.exposureId, detector);
  const path = productPath({ exposureFileStem: stem, utDate, suffix: 'rateints', mode });
  await context.step('rateints', () => saveRateints(bench.engine, plan.ramps, context.volume.resolve(path)));
  closeRamps(plan);
};

/** The raw science frame of a ramp, in one file or several; a file that already is one becomes it at once. */
const sampled = async (
  task: Task,
  context: StageContext,
  bench: Workbench,
  live: Live | undefined,
): Promise<ImageModel> => {
  const { extver } = inputOf(task);
  const paths = task.inputs.map(({ frame }) => context.volume.existing(frame?.path ?? ''));
  const choice = { detector: task.detector, ...(extver > 0 ? { extver } : {}) };
  const ramp = await context.step('open', () => openRamp(paths, choice, live?.known));
  if (ramp.kind === 'frame') {
    const frame = await openImage(bench.engine, paths[0]!, choice);
    try {
      label(frame, task);
      return frame;
    } catch (error) {
      closeImage(frame);
      throw error;
    }
  }
  const plan = planOf(ramp, live?.plan);
  label(plan, task);
  try {
    await runPipeline(readoutPipeline, plan, onVolume(task, context), context, bench);
    await saveRamps(plan, task, context, bench);
  } catch (error) {
    closePlan(plan);
    throw error;
  }
  if (plan.frame) return plan.frame;
  throw new StepError(
    'STEP_NEEDED',
    'readoutsamp',
    'Step readoutsamp was skipped, by option or because the reads say S_RAMP = COMPLETE; it makes the frame.',
  );
};

const secondsFrom = (variable: string, otherwise: number): number => {
  const value = Number(process.env[variable]);
  return Number.isFinite(value) && value > 0 ? value : otherwise;
};

const followLimits = () => ({
  graceMillis: secondsFrom('DRS_READ_GRACE', 5) * 1000,
  idleMillis: secondsFrom('DRS_RAMP_IDLE', 900) * 1000,
});

/** Reads of a ramp under way, once they are all there: the task as it would be for files that lie there. */
const followed = async (task: Task, context: StageContext, live: Live | undefined) => {
  const previews = openPreviews(task, context);
  const promised = await promisedReads(firstRead(task, context));
  const expected = promised ? promised.ramps * promised.reads : 0;
  const reads = await context.step('follow', () =>
    followReads(task, context, {
      promised,
      ...followLimits(),
      onRead: (path, all) => previews.read(path, all.size, expected),
      onAnnounced: (path) => live?.read(path),
    }),
  );
  const known = new Set(task.keywords.map(({ name }) => name));
  const whole: Task = {
    ...task,
    inputs: reads.paths.map((path) => ({
      ...inputOf(task),
      frame: { path: context.volume.toRelative(path), size: 0, shape: [], dtype: '', datasum: '' },
    })),
    aborted: reads.aborted,
    keywords: [...task.keywords, ...reads.keywords.filter(({ name }) => !known.has(name))],
  };
  if (live) await context.step('sum', () => live.finish(reads.paths));
  const { lastEventTime } = reads;
  return { whole, more: { inputs: whole.inputs, ...(lastEventTime ? { lastEventTime } : {}) } };
};

const firstRead = (task: Task, { volume }: StageContext): string =>
  volume.existing(inputOf(task).frame?.path ?? '');

const reduceWhole = async (
  task: Task,
  context: StageContext,
  bench: Workbench,
  live: Live | undefined,
): Promise<ProducedFrame> => {
  const model = await sampled(task, context, bench, live);
  try {
    const produced = await context.step('save', () =>
      frameProduct(bench.engine, model, task, context, { suffix: 'rate' }),
    );
    return { ...produced, keywordsMissing: missingKeywords(task) };
  } finally {
    closeImage(model);
  }
};

/** Makes room, if need be, at the cost of ramps that are still running: they are replayed at their ends. */
const withMoreRoom = async <T>(
  { cache }: Workbench,
  others: Iterable<Live>,
  work: () => Promise<T>,
): Promise<T> => {
  for (const live of others) {
    try {
      return await withRoom(cache, work);
    } catch (error) {
      if (!(error instanceof StepError && error.code === 'MEMORY_SHORT')) throw error;
      await live.shed();
    }
  }
  return withRoom(cache, work);
};

/** What the tasks of a service share. */
interface Shared {
  readonly bench: Workbench;
  /** Ramps under way. */
  readonly lives: Set<Live>;
  /** Ramps that hold sums. */
  readonly turns: Permits;
  /** Reductions at the end of a ramp. */
  readonly ends: Permits;
}

const reduce = async (
  given: Task,
  context: StageContext,
  { bench, lives, turns, ends }: Shared,
): Promise<ProducedFrame> => {
  const live =
    given.follow && context.connection
      ? openLive(firstRead(given, context), given, context, bench, {
          label: (plan) => label(plan, given),
          scan: () => scanReads(firstRead(given, context)),
          turns,
        })
      : undefined;
  if (live) lives.add(live);
  try {
    const { whole: task, more } = given.follow
      ? await followed(given, context, live)
      : { whole: given, more: {} };
    if (task.aborted && process.env.DRS_ABORTED === 'none') {
      throw new ReadoutError(
        'EXPOSURE_ABORTED',
        `exposure ${task.exposureId} was aborted, and DRS_ABORTED = none: it gives no product. Its reads are where they were.`,
      );
    }
    const release = await ends.acquire(context.signal);
    try {
      const work = () => reduceWhole(task, context, bench, live);
      return { ...(await withMoreRoom(bench, lives, work)), ...more };
    } finally {
      release?.();
    }
  } finally {
    if (live) lives.delete(live);
    await live?.close();
  }
};

/**
 * Ramps followed at a time: those of five detectors, and such whose end nobody told, which are given up after
 * DRS_RAMP_IDLE only. Following costs next to nothing.
 */
const CONCURRENCY = 16;
/** Those of five detectors; others wait, and where their turn does not come are replayed. */
const SUMS_AT_ONCE = 5;
/** One computes while another's frame goes to the disk. Detectors that end together then do not all wait for the last. */
const ENDS_AT_ONCE = 2;

/** The readout stage: the reads of one detector's exposure in, one raw science frame (L1) out. */
export const readoutStage = async (): Promise<StageDefinition> => {
  const bench = await openWorkbench();
  const shared: Shared = {
    bench,
    lives: new Set(),
    turns: createPermits(SUMS_AT_ONCE),
    ends: createPermits(ENDS_AT_ONCE),
  };
  return {
    stage: 'readout',
    level: 'l1',
    suffix: 'rate',
    concurrency: CONCURRENCY,
    steps: describeSteps(readoutPipeline),
    reduce: (task, context) => reduce(task, context, shared),
    close: () => bench.close(),
  };
};
