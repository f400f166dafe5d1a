import { basename } from 'node:path';
import { closeImage, type ImageModel, writeProvenance } from '@iris-drs/datamodels';
import { bkgSubtract, type ImagerFrame } from '@iris-drs/imager';
import { type AnyStep, withRoom } from '@iris-drs/stpipe';
import { SINGLE } from './catalogue.ts';
import { PipelineError } from './errors.ts';
import { runOn } from './frames.ts';
import type { Job } from './job.ts';
import { openFrame, productPathOf, saveFrame } from './products.ts';
import { type FrameAndOther, subtractImages } from './steps/subtract-images.ts';

/** How many files a step takes: the frame, and others. */
const checkInputs = ({ configured, inputs }: Job, least: number, most: number): void => {
  if (inputs.length >= least && inputs.length <= most) return;
  const count = least === most ? `${least}` : `${least} or more`;
  const what = { 1: 'a frame', 2: 'a frame and what is to be subtracted from it' }[least];
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
): Promise<void> => {
  const [path = '', ...others] = paths;
  const output = productPathOf(job, job.configured.own, { inputs: paths });
  job.plan(1);
  const model = modelOf(await openFrame(job, path), others);
  using _held = { [Symbol.dispose]: () => closeImage(model) };
  writeProvenance(model.header, { inputs: paths });
  await runOn(job, [step], model, { file: path });
  await saveFrame(job, model, output);
};

/** One step on one frame, or on a frame and those to be subtracted from it, the files as they are. */
export const runSingle = async (job: Job, paths: readonly string[]): Promise<void> => {
  const { name } = job.configured.known;
  if (name === bkgSubtract.name) {
    checkInputs(job, 2, Number.POSITIVE_INFINITY);
    const frame = (model: ImageModel, backgrounds: readonly string[]): ImagerFrame => ({
      ...model,
      backgrounds,
      remark: '',
    });
    return withRoom(job.cache, () => reduce(job, bkgSubtract, paths, frame));
  }
  if (name === subtractImages.name) {
    checkInputs(job, 2, 2);
    const both = (model: ImageModel, [other = '']: readonly string[]): FrameAndOther => ({ ...model, other });
    return withRoom(job.cache, () => reduce(job, subtractImages, paths, both));
  }
  checkInputs(job, 1, 1);
  const step = SINGLE.find((one) => one.name === name);
  if (!step) throw new PipelineError('NOT_AVAILABLE', `${name} cannot be run alone.`);
  return withRoom(job.cache, () => reduce(job, step, paths, (model) => model));
};
