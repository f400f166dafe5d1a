import { basename, join } from 'node:path';
import { closeImage, openRamp, unfoldRamp, writeProvenance } from '@iris-drs/datamodels';
import { planOf, type ReadoutPlan, readoutPipeline, saveRateints } from '@iris-drs/readout';
import { type AnyStep, StepError, withRoom } from '@iris-drs/stpipe';
import { PipelineError } from './errors.ts';
import { runOn } from './frames.ts';
import { runHooks } from './hooks/run.ts';
import { info, type Job } from './job.ts';
import { productPathOf, saveFrame, withoutSuffix } from './products.ts';
import { temporaryDirectory } from './temporary.ts';

/** A file whose reads are interleaved pixel by pixel (liger_iris_pipeline) as a copy in which each read is a plane. */
const readsFirst = async (held: DisposableStack, path: string): Promise<string> => {
  const directory = held.use(temporaryDirectory()).path;
  const copy = join(directory, basename(path));
  return (await unfoldRamp(path, copy)) ? copy : path;
};

const reduce = async (
  job: Job,
  paths: readonly [string, ...string[]],
  steps: readonly AnyStep<ReadoutPlan>[],
): Promise<void> => {
  const output = productPathOf(job, job.configured.own, { inputs: paths });
  job.plan(steps.length);
  using held = new DisposableStack();
  const ramp = await openRamp(paths.length === 1 ? await readsFirst(held, paths[0]) : paths);
  if (ramp.kind === 'frame') {
    throw new PipelineError(
      'INPUTS',
      `${paths[0]} is a 2-D frame; ${job.configured.known.className} takes the reads of a ramp.`,
    );
  }
  const plan = planOf(ramp);
  using _held = {
    [Symbol.dispose]() {
      for (const one of [...(plan.frame ? [plan.frame] : []), ...plan.ramps]) closeImage(one);
    },
  };
  writeProvenance(plan.header, { inputs: paths });
  await runOn(job, steps, plan, { file: paths[0] });
  if (!plan.frame) {
    throw new StepError(
      'STEP_NEEDED',
      'readoutsamp',
      'Step readoutsamp was skipped, by option or because the reads say S_RAMP = COMPLETE; it makes the frame.',
    );
  }
  if (plan.ramps.length > 0) {
    const ramps = productPathOf(job, withoutSuffix(job.configured.own), {
      suffix: 'rateints',
      inputs: paths,
    });
    await saveRateints(job.engine, plan.ramps, ramps.path);
    job.saved.push(ramps.path);
    info(job, `Saved model in ${ramps.shown}`);
  }
  if (job.configured.known.kind === 'pipeline') {
    const { frame } = plan;
    await runHooks(job, 'post', job.configured.own, { model: plan, frame, file: paths[0], more: [] });
  }
  await saveFrame(job, plan.frame, output);
};

/** ROPPipeline: the reads of an exposure, in one file or several, to one raw science frame. */
export const runRop = (job: Job, paths: readonly [string, ...string[]]): Promise<void> =>
  withRoom(job.cache, () => reduce(job, paths, readoutPipeline));

/** Sampling alone: no bias, no reference pixels, no non-linearity. */
export const runReadoutsamp = (job: Job, paths: readonly [string, ...string[]]): Promise<void> => {
  const only = readoutPipeline.filter(({ name }) => name === 'readoutsamp');
  return withRoom(job.cache, () => reduce(job, paths, only));
};
