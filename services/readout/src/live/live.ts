import { type Permits, runPipeline, type StageContext, silentLog, type Workbench } from '@iris-drs/bus';
import { type KnownReads, openRamp, openReadnoise, samplingOf } from '@iris-drs/datamodels';
import type { Task } from '@iris-drs/proto';
import type { AnyStep, StepContext } from '@iris-drs/stpipe';
import { promisedBy } from '../follow/directory.ts';
import { fitMethodOf, sumMethodOf } from '../method.ts';
import { gainOf } from '../noise.ts';
import { readoutPipeline } from '../pipeline.ts';
import { type LivePlan, planOf, type ReadoutPlan } from '../plan.ts';
import { readoutsamp, type SamplingOptions } from '../steps/readoutsamp.ts';
import { settingsOf } from '../telemetry.ts';
import { type Feed, openFeed, openMeter } from './feed.ts';

/** The reduction of a ramp while it runs: what it finds is a help to the reduction at the end, never needed. */
export interface Live {
  readonly plan: LivePlan;
  /** What is known of the files of the ramp. */
  readonly known: KnownReads;
  /** Tells of a read that is whole. */
  read(path: string): void;
  /** Takes in what it was not told of; then the plan holds the sums, if there are any. */
  finish(paths: readonly string[]): Promise<void>;
  /** Gives up, to make room, unless the ramp is over. */
  shed(): Promise<void>;
  /** Gives everything back. */
  close(): Promise<void>;
}

export interface LiveOptions {
  /** Puts what telemetry knows into the headers. */
  label(plan: ReadoutPlan): void;
  /** The reads in the directory. */
  scan(): readonly string[];
  /** Ramps whose sums are held at a time; a ramp that waits takes its reads in when it is its turn. */
  readonly turns: Permits;
}

/** Why reads cannot be summed as they come, or how they are. */
const methodFor = ({ ramp, header }: ReadoutPlan, options: SamplingOptions, promised: number | undefined) => {
  const { reads, seconds, read_table: table } = options;
  if (fitMethodOf(options)) return 'a fit needs all reads of a pixel';
  if (options.rateints) return 'slopes of single ramps are asked for';
  if (reads !== null || seconds !== null || table !== null) return 'reads are chosen';
  const length = promised ?? 2;
  const sampling = samplingOf([ramp.sciHeader, ramp.header], length);
  const whole = { times: [Array<number>(length).fill(0)], ...(sampling ? { sampling } : {}) };
  const method = sumMethodOf(settingsOf(whole, header), options);
  if (promised === undefined && method(length).kind !== 'utr') return 'nobody promises a number of reads';
  return method;
};

/** The pipeline up to the sampling, in place of which something else is done, references at hand. */
const upTo = (work: (plan: ReadoutPlan, options: SamplingOptions, context: StepContext) => Promise<void>) =>
  readoutPipeline.map(
    (step): AnyStep<ReadoutPlan> =>
      step.name === readoutsamp.name
        ? { ...step, process: (plan, options, context) => work(plan, options as SamplingOptions, context) }
        : step,
  );

/**
 * Follows a ramp from its first read: opens the references that its reduction will need, and where that is a weighted
 * sum adds each read as it comes, under the corrections that the same steps plan at the end.
 *
 * Whatever goes wrong here, the pool being full included, is said and costs only the time for a replay.
 */
export const openLive = (
  first: string,
  task: Task,
  context: StageContext,
  bench: Workbench,
  { label, scan, turns }: LiveOptions,
): Live => {
  const plan: LivePlan = {
    offsets: { reads: new Map() },
    say: (why) => context.log.info({ exposure: task.exposureId, detector: task.detector }, why),
  };
  const known: KnownReads = new Map();
  const heard: string[] = [];
  let wake = (): void => {};
  let stage: 'running' | 'over' | 'closed' = 'running';
  let given: string | undefined;
  /** The ramp is, or nobody wants its sums: there is no use in waiting for a turn. */
  const over = new AbortController();
  const closed = Promise.withResolvers<void>();
  const ended = Promise.withResolvers<void>();
  const quiet: StageContext = {
    ...context,
    log: silentLog,
    step: async (_name, work) => work({ skipped() {}, set() {} }),
  };

  const planned = async (work: Parameters<typeof upTo>[0]): Promise<void> => {
    const ramp = await openRamp([first], { detector: task.detector }, known);
    if (ramp.kind === 'frame') return;
    const model = planOf(ramp, plan);
    label(model);
    await runPipeline(upTo(work), model, task, quiet, bench);
  };

  const pump = async (feed: Feed): Promise<void> => {
    for (;;) {
      if (given !== undefined) throw new Error(given);
      const paths = heard.splice(0);
      if (paths.length > 0) await feed.take(paths);
      else if (stage === 'running') await new Promise<void>((resolve) => (wake = resolve));
      else return;
    }
  };

  const accumulate = async (
    model: ReadoutPlan,
    options: SamplingOptions,
    { engine }: StepContext,
  ): Promise<void> => {
    const promised = promisedBy(model.header)?.reads;
    const method = methodFor(model, options, promised);
    const { detector } = task;
    const fit = typeof method === 'string';
    if (fit && !model.refpix) return;
    const feed = fit
      ? openMeter(model, { detector, known })
      : openFeed(engine, model, { detector, known, method, promised, unheard: scan });
    try {
      await pump(feed);
      if (feed.accumulated) plan.accumulated = feed.accumulated;
      ended.resolve();
      // The references stay open until the sums are used.
      await closed.promise;
    } finally {
      delete plan.accumulated;
      feed.release();
    }
  };

  const run = async (): Promise<void> => {
    // What only the end will need is opened too, and may be closed again where room is short.
    await planned(async (model, _options, step) => {
      await gainOf(model, settingsOf(model.ramp, model.header), step);
      await step.reference('readnoise', openReadnoise);
    });
    const release = await turns.acquire(over.signal);
    if (!release) throw new Error('other ramps hold as many sums as there may be');
    try {
      await planned(accumulate);
    } finally {
      release();
    }
  };
  const running = run()
    .catch((error: Error) => {
      const fields = { exposure: task.exposureId, detector: task.detector, error: error.message };
      if (stage !== 'closed')
        context.log.info(fields, 'the reads are not summed as they come, but at the end');
    })
    .finally(() => ended.resolve());

  return {
    plan,
    known,
    read(path) {
      heard.push(path);
      wake();
    },
    async finish(paths) {
      heard.push(...paths);
      stage = 'over';
      over.abort();
      wake();
      await ended.promise;
    },
    async shed() {
      if (stage !== 'running') return;
      given = 'the frame pool is full';
      over.abort();
      wake();
      await running;
    },
    async close() {
      stage = 'closed';
      given ??= 'closed';
      over.abort();
      wake();
      closed.resolve();
      await running;
    },
  };
};
