import { basename, dirname } from 'node:path';
import { closeImage, type ImageModel, saveMask, writeProvenance } from '@iris-drs/datamodels';
import { bkgSubtract, type ImagerFrame } from '@iris-drs/imager';
import { type AnyStep, withRoom } from '@iris-drs/stpipe';
import { frameFile } from './alike.ts';
import { backgroundOption, checkBackgroundCount, checkBackgrounds } from './backgrounds.ts';
import { SINGLE } from './catalogue.ts';
import { makeDirectory } from './directory.ts';
import { PipelineError } from './errors.ts';
import { runOn } from './frames.ts';
import { info, type Job } from './job.ts';
import { openFrame, productPathOf, saveFrame } from './products.ts';
import { asReference } from './reference-keywords.ts';
import { saveReferences } from './saved-references.ts';
import { createMask, type MaskSource } from './steps/create-mask.ts';
import { type FrameWithSubarrays, mergeSubarrays, subarrayIdOf } from './steps/merge-subarrays.ts';
import { type FrameAndOther, subtractImages } from './steps/subtract-images.ts';

/** How many files a step takes: the frame, and others. */
const checkInputs = ({ configured }: Job, inputs: readonly string[], least: number, most: number): void => {
  if (inputs.length >= least && inputs.length <= most) return;
  const count =
    least === most ? `${least}` : Number.isFinite(most) ? `${least} to ${most}` : `${least} or more`;
  const what = least === 1 ? 'a frame' : 'a frame and what goes with it';
  throw new PipelineError(
    'INPUTS',
    `${configured.known.className} takes ${count} file(s), ${what}; found ${inputs.length}: ` +
      `${inputs.map((input) => basename(input)).join(', ')}.`,
  );
};

const reduce = async <M extends ImageModel>(
  job: Job,
  step: AnyStep<M>,
  paths: readonly string[],
  modelOf: (frame: ImageModel, others: readonly string[]) => M,
  save: (model: M, target: ReturnType<typeof productPathOf>) => Promise<void> = (model, target) =>
    saveFrame(job, model, target),
): Promise<void> => {
  const [path = '', ...others] = paths;
  const suffix = step.name === createMask.name ? { suffix: 'mask' } : {};
  const output = productPathOf(job, job.configured.own, { ...suffix, inputs: paths });
  job.plan(1);
  const model = modelOf(await openFrame(job, path), others);
  using _held = { [Symbol.dispose]: () => closeImage(model) };
  writeProvenance(model.header, { inputs: paths });
  await runOn(job, [step], model, { file: path });
  await saveReferences(job, model, paths);
  await save(model, output);
};

const subtractBackgrounds = async (job: Job, paths: readonly string[]): Promise<void> => {
  const given = backgroundOption(job, bkgSubtract.name);
  if (given === undefined) checkInputs(job, paths, 2, Number.POSITIVE_INFINITY);
  else checkInputs(job, paths, 1, 1);
  const [science = '', ...others] = given === undefined ? paths : [...paths, given];
  checkBackgroundCount(others);
  await checkBackgrounds(job, await frameFile(science), others);
  await reduce(
    job,
    bkgSubtract,
    [science, ...others],
    (model, backgrounds): ImagerFrame => ({
      ...model,
      backgrounds,
      remark: '',
    }),
  );
};

/** The full frame is the one with SUBARRID 0, or without, wherever it stands. */
const merge = async (job: Job, paths: readonly string[]): Promise<void> => {
  checkInputs(job, paths, 2, Number.POSITIVE_INFINITY);
  const files = await Promise.all(paths.map(frameFile));
  const full = files.filter(({ info: { headers } }) => (subarrayIdOf(headers) ?? 0) === 0);
  if (full.length !== 1) {
    throw new PipelineError(
      'INPUTS',
      `${full.length} of the files are full frames (SUBARRID 0 or none); expected one, and the others with SUBARRID 1 and up.`,
    );
  }
  const whole = full[0]!.path;
  const rest = paths.filter((path) => path !== whole);
  const withParts = (model: ImageModel, subarrays: readonly string[]): FrameWithSubarrays =>
    Object.assign(model, { subarrays });
  await reduce(job, mergeSubarrays, [whole, ...rest], withParts);
};

const makeMask = async (job: Job, paths: readonly string[]): Promise<void> => {
  checkInputs(job, paths, 1, 2);
  const source = (model: ImageModel, [flat]: readonly string[]): MaskSource => Object.assign(model, { flat });
  await reduce(job, createMask, paths, source, async ({ dq, shape, header }, { path, shown }) => {
    asReference(header, 'mask', `bad pixels from ${paths.map((file) => basename(file)).join(', ')}`);
    makeDirectory(dirname(path));
    saveMask(path, { flags: dq.data, shape, header });
    job.saved.push(path);
    info(job, `Saved model in ${shown}`);
  });
};

const minus = async (job: Job, paths: readonly string[]): Promise<void> => {
  checkInputs(job, paths, 2, 2);
  const both = (model: ImageModel, [other = '']: readonly string[]): FrameAndOther => ({ ...model, other });
  await reduce(job, subtractImages, paths, both);
};

const OF_SEVERAL: Readonly<Record<string, (job: Job, paths: readonly string[]) => Promise<void>>> = {
  [bkgSubtract.name]: subtractBackgrounds,
  [subtractImages.name]: minus,
  [mergeSubarrays.name]: merge,
  [createMask.name]: makeMask,
};

/** One step on one frame, or on a frame and others, the files as they are. */
export const runSingle = (job: Job, paths: readonly string[]): Promise<void> =>
  withRoom(job.cache, async () => {
    const { name } = job.configured.known;
    const several = OF_SEVERAL[name];
    if (several) return several(job, paths);
    checkInputs(job, paths, 1, 1);
    const step = SINGLE.find((one) => one.name === name);
    if (!step) throw new PipelineError('NOT_AVAILABLE', `${name} cannot be run alone.`);
    return reduce(job, step, paths, (model) => model);
  });
