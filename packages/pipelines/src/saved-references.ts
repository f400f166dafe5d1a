import { basename, dirname, join, resolve } from 'node:path';
import {
  closeImage,
  createImage,
  openDark,
  openFlat,
  referenceKeyword,
  saveImage,
  stepState,
} from '@iris-drs/datamodels';
import type { Model } from '@iris-drs/stpipe';
import { makeDirectory } from './directory.ts';
import { PipelineError } from './errors.ts';
import { info, type Job, settingsOf } from './job.ts';

/** Options that ask for the reference as it was applied: cut to the frame, in the frame's unit. */
const OPTIONS = [
  { step: 'dark_current', type: 'dark', open: openDark, units: 'DN/s' },
  { step: 'flat_field', type: 'flat', open: openFlat, units: '' },
] as const;

/** Where the user wants the reference of a step; undefined: nowhere. */
const targetOf = (job: Job, step: string, type: string, reference: string): string | undefined => {
  const values = settingsOf(job, step)?.values;
  const file = values?.get(`${type}_output`);
  if (typeof file === 'string') return resolve(job.cwd, file);
  const directory = values?.get(`${type}_output_dir`);
  return typeof directory === 'string' ? join(resolve(job.cwd, directory), basename(reference)) : undefined;
};

const referenceOf = async (job: Job, { header }: Model, step: string, type: string): Promise<string> => {
  const override = settingsOf(job, step)?.overrides.get(type);
  if (override !== undefined) return override;
  const name = String(header.get(referenceKeyword(type))).replace(/^crds:\/\//, '');
  return job.references.fetch(name);
};

/**
 * Saves the references that a frame was corrected with, where `dark_output` (iris_pipeline), `dark_output_dir` or
 * `flat_output_dir` (liger) ask for them.
 *
 * @param model  as its steps have left it, the whole frame
 * @throws PipelineError OUTPUT_IS_INPUT
 */
export const saveReferences = async (job: Job, model: Model, inputs: readonly string[]): Promise<void> => {
  const { engine } = job;
  const { sciHeader, header, shape } = model;
  for (const { step, type, open, units } of OPTIONS) {
    if (stepState(header, step) !== 'COMPLETE' || targetOf(job, step, type, '') === undefined) continue;
    const path = await referenceOf(job, model, step, type);
    const target = targetOf(job, step, type, path)!;
    if ([path, ...inputs].includes(target))
      throw new PipelineError(
        'OUTPUT_IS_INPUT',
        `${type}_output: ${target} would replace what it is made of.`,
      );
    const reference = await open(engine, path, { headers: [sciHeader, header], shape });
    using held = new DisposableStack();
    held.defer(() => reference.close());
    const image = createImage(engine, { shape, header: reference.header, units });
    held.defer(() => closeImage(image));
    await engine.settled();
    image.sci.data.set(reference.sci.data);
    if (reference.dq) image.dq.data.set(reference.dq.data);
    if (reference.variance) {
      image.varPoisson.data.fill(0);
      image.varRnoise.data.set(reference.variance.data);
    }
    makeDirectory(dirname(target));
    await saveImage(engine, image, target, { err: true });
    job.saved.push(target);
    info(job, `Saved ${type} in ${target}`);
  }
};
