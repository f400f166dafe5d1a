import { existsSync } from 'node:fs';
import { basename, resolve } from 'node:path';
import { MOST_FRAMES } from '@iris-drs/kernels';
import { type FrameFile, frameFile, requireAlike, unequalTimes } from './alike.ts';
import { PipelineError } from './errors.ts';
import { type Job, settingsOf, warn } from './job.ts';

/** The file that a step's `background` option names, which is subtracted as it is. */
export const backgroundOption = (job: Job, step: string): string | undefined => {
  const value = settingsOf(job, step)?.values.get('background');
  if (typeof value !== 'string' || value === '') return undefined;
  const path = resolve(job.cwd, value);
  if (existsSync(path)) return path;
  throw new PipelineError('INPUT_MISSING', `background: file ${path} not found.`);
};

/** Looks whether so many backgrounds can be combined, before any of them is read. @throws PipelineError INPUTS */
export const checkBackgroundCount = (backgrounds: readonly unknown[]): void => {
  const { length } = backgrounds;
  if (length > MOST_FRAMES)
    throw new PipelineError(
      'INPUTS',
      `${length} backgrounds; at most ${MOST_FRAMES} are combined. Give fewer.`,
    );
};

/**
 * Looks whether backgrounds can be subtracted from a science frame before anything is reduced. Exposure times may
 * differ, as pixels are rates; that is said.
 *
 * @throws PipelineError INPUTS for the science frame itself, FRAMES_UNLIKE for another shape, detector or filter
 */
export const checkBackgrounds = async (
  job: Job,
  science: FrameFile,
  backgrounds: readonly string[],
): Promise<void> => {
  for (const path of backgrounds) {
    if (path === science.path)
      throw new PipelineError('INPUTS', `${basename(path)} is the science frame and its own background.`);
    const sky = await frameFile(path);
    requireAlike(science, sky, ['INSTRUME', 'DETECTOR', 'FILTER']);
    const [frame, own] = unequalTimes(science, sky) ?? [];
    if (own !== undefined)
      warn(
        job,
        `${basename(path)} was exposed for ${own} s, the science frame for ${frame} s: rates are subtracted`,
      );
  }
};
