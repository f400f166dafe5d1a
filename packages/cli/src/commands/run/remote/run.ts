import { join, resolve } from 'node:path';
import { announce, PipelineError, type RunLog, type RunProgress, stepTexts } from '@iris-drs/pipelines';
import {
  type Association,
  type Configured,
  checkMembers,
  loadAssociation,
  makeInputPath,
  membersOf,
  scienceMember,
  textOption,
} from '@iris-drs/stpipe';
import { CliError } from '../../../errors.ts';
import { type Listener, reduceRemotely } from './reduce.ts';
import { refuseForServices } from './refuse.ts';
import type { RemoteServices, RemoteStage } from './services.ts';
import { type FrameFacts, factsOf, onVolume, runNames, stemOf, type TaskInput, taskByHand } from './task.ts';

export interface RemoteRun {
  readonly configured: Configured;
  readonly inputs: readonly [string, ...string[]];
  readonly cwd: string;
  readonly services: RemoteServices;
  readonly log: RunLog;
  progress(progress: RunProgress): void;
}

const SUBTRACTION = 'bkg_subtract';

/** Stages that a pipeline goes through; a single step is looked for in these, in this order. */
const WAYS: Readonly<Record<string, readonly string[]>> = {
  image2: ['calib', 'imager'],
  rop: ['readout'],
  step: ['calib', 'imager', 'readout'],
};

/** A run in hand. */
interface Work extends RemoteRun, Listener {
  info(message: string): void;
  warn(message: string): void;
  /** Option texts, keys "step.option". */
  readonly texts: Readonly<Record<string, string>>;
  readonly nameOf: (name: string) => string;
  plan(steps: number): void;
}

const stageOf = ({ services }: RemoteRun, name: string): RemoteStage => {
  const found = services.stages.get(name);
  if (found) return found;
  const known = [...services.stages.keys()].join(', ') || 'none';
  throw new CliError(3, `the ${name} stage is needed and does not run there; running: ${known}`);
};

const workOf = (run: RemoteRun): Work => {
  const { configured, log, services, cwd } = run;
  const { name, known, steps } = configured;
  const way = WAYS[known.kind === 'step' ? 'step' : known.name];
  if (!way)
    throw new PipelineError('NOT_AVAILABLE', `${known.className}: no service does this; leave out --remote.`);
  const alone = known.kind === 'step';
  const offered = new Set(way.flatMap((stage) => services.stages.get(stage)?.steps ?? []));
  const asked = new Set(alone ? [known.name] : steps.map((step) => step.name));
  const texts = stepTexts(
    configured,
    cwd,
    [...asked].filter((step) => offered.has(step)),
  );
  for (const [key, text] of Object.entries(texts)) {
    const path = key.includes('.override_') && text !== 'N/A';
    if (path) texts[key] = onVolume(services.volume, text);
  }
  let [done, total] = [0, 0];
  return {
    ...{ ...run, texts, nameOf: runNames() },
    info: (message) => log(`stpipe.${name}`, 'INFO', message),
    warn: (message) => log(`stpipe.${name}`, 'WARNING', message),
    stepNamed(step) {
      const section = alone ? step : (steps.find((one) => one.name === step)?.section ?? step);
      return { section, logger: `stpipe.${name}.${section}` };
    },
    plan(count) {
      total += count;
    },
    began(what) {
      run.progress({ done, total, what });
    },
    ended() {
      done += 1;
    },
  };
};

/** Options for the steps of one stage, and those steps skipped that the run is not about. */
const optionsFor = (
  work: Work,
  { steps }: RemoteStage,
  skip: readonly string[] = [],
): Record<string, string> => ({
  ...Object.fromEntries(
    Object.entries(work.texts).filter(([key]) => steps.includes(key.split('.', 1)[0] ?? '')),
  ),
  ...Object.fromEntries(skip.map((step) => [`${step}.skip`, 'True'])),
});

interface Asked {
  readonly skip?: readonly string[];
  readonly association?: Association;
}

/** One call of one stage. @returns path of the product as services see it */
const reduce = async (
  work: Work,
  name: string,
  product: string,
  facts: FrameFacts,
  inputs: readonly TaskInput[],
  { skip, association }: Asked = {},
): Promise<string> => {
  const stage = stageOf(work, name);
  const options = optionsFor(work, stage, skip);
  const keywords = association && { ASNPOOL: association.pool, ASNTABLE: association.table };
  const task = taskByHand(name, work.nameOf(product), facts, inputs, options, keywords);
  const { frame } = await reduceRemotely(stage, task, work);
  const path = frame?.path ?? '';
  const { volume } = work.services;
  work.info(`Saved model in ${volume ? join(volume.root, path) : path}`);
  return path;
};

const image2 = async (work: Work): Promise<void> => {
  const { inputs, cwd, configured, services, warn, info } = work;
  const inputDirectory = textOption(configured.own, 'input_dir');
  const association = loadAssociation(inputs, 2, { cwd, inputDirectory, warn });
  checkMembers(association);
  const [calib, imager] = [stageOf(work, 'calib'), stageOf(work, 'imager')];
  const left = configured.steps.filter(
    ({ name, values, extra }) =>
      !extra && values.get('skip') !== true && ![...calib.steps, ...imager.steps].includes(name),
  );
  for (const { section } of left) warn(`step ${section} is left out: no service offers it`);
  const unsubtracted = configured.steps.find(({ name }) => name === SUBTRACTION)?.values.get('skip') === true;
  info('Starting calwebb_image2 ...');
  for (const product of association.products) {
    info(`Processing product ${product.name}`);
    const science = scienceMember(association, product, warn);
    const skies = unsubtracted ? [] : membersOf(product, 'background');
    info(`Working on input ${science.expname} ...`);
    const members = [science, ...skies];
    const paths = members.map(({ path }) => onVolume(services.volume, path));
    const facts = await factsOf(science.path);
    if (facts.hdus.includes('SUBARR_MAP') && left.some(({ name }) => name === 'parse_subarray_map'))
      throw new PipelineError(
        'NOT_AVAILABLE',
        `${science.expname} holds concurrent subarrays (SUBARR_MAP), which no service flags; leave out --remote.`,
      );
    work.plan(members.length * calib.steps.length + imager.steps.length);
    const calibrated: TaskInput[] = [];
    for (const [i, { exptype, expname }] of members.entries()) {
      const name = i === 0 ? product.name : stemOf(expname);
      const input = { path: paths[i]!, exptype: 'science' };
      calibrated.push({ path: await reduce(work, 'calib', name, facts, [input], { association }), exptype });
    }
    const skip = skies.length > 0 ? [] : [SUBTRACTION];
    await reduce(work, 'imager', product.name, facts, calibrated, { skip, association });
    info(`Finished processing product ${product.name}`);
  }
  info('... ending calwebb_image2');
};

const filesOf = ({ inputs, cwd, configured }: Work): string[] => {
  const directory = textOption(configured.own, 'input_dir');
  return inputs.map((file) => resolve(cwd, makeInputPath(file, directory)));
};

const single = async (work: Work): Promise<void> => {
  const { configured, services } = work;
  const { name, className } = configured.known;
  const stage = WAYS.step!.map((one) => services.stages.get(one)).find((one) => one?.steps.includes(name));
  if (!stage)
    throw new PipelineError('NOT_AVAILABLE', `${className}: no service does this; leave out --remote.`);
  const [first = '', ...others] = filesOf(work);
  const reads = stage.stage === 'readout';
  if (others.length > 0 !== (name === SUBTRACTION) && !reads)
    throw new PipelineError(
      'INPUTS',
      `${className} takes ${name === SUBTRACTION ? 'a frame and its backgrounds' : 'one file'}.`,
    );
  const inputs = [first, ...others].map((path, i) => ({
    path: onVolume(services.volume, path),
    exptype: i === 0 || reads ? 'science' : 'background',
  }));
  work.plan(stage.steps.length);
  const product = stemOf(first);
  const skip = stage.steps.filter((step) => step !== name);
  await reduce(work, stage.stage, product, await factsOf(first), inputs, { skip });
};

const readout = async (work: Work): Promise<void> => {
  const files = filesOf(work);
  const inputs = files.map((path) => ({ path: onVolume(work.services.volume, path), exptype: 'science' }));
  work.plan(stageOf(work, 'readout').steps.length);
  const name = stemOf(files[0] ?? '');
  await reduce(work, 'readout', name, await factsOf(files[0] ?? ''), inputs);
};

/**
 * Runs a pipeline or a step through the services: each stage by its Reduction service, frames on the shared volume.
 * Products are named by the services, apart from those of the night.
 *
 * @throws PipelineError, CliError for what services never do; BusError for files outside their volume; CliError 1 for
 *   what a stage reports
 */
export const runRemotely = async (run: RemoteRun): Promise<void> => {
  refuseForServices(run.configured);
  const work = workOf(run);
  announce(run);
  const { known, name } = run.configured;
  if (known.kind === 'step') await single(work);
  else if (known.name === 'rop') await readout(work);
  else await image2(work);
  work.info(`Step ${name} done`);
};
