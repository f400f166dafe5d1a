import { existsSync } from 'node:fs';
import { basename, resolve } from 'node:path';
import { exposureTimeSeconds, type ImageInfo, readImageInfo, sameDetector } from '@iris-drs/datamodels';
import type { Header } from '@iris-drs/fits';
import { PipelineError } from './errors.ts';
import { type Job, settingsOf, warn } from './job.ts';

/** What a background must share with the science frame, where both say it. */
const ALIKE: readonly (readonly [keyword: string, same: (a: string, b: string) => boolean])[] = [
  ['INSTRUME', (a, b) => a.toUpperCase() === b.toUpperCase()],
  ['DETECTOR', sameDetector],
  ['FILTER', (a, b) => a.toUpperCase() === b.toUpperCase()],
];

/** Exposure times closer than this share of one another are equal: headers round them. */
const TIME_TOLERANCE = 1e-3;

/** The file that a step's `background` option names, which is subtracted as it is. */
export const backgroundOption = (job: Job, step: string): string | undefined => {
  const value = settingsOf(job, step)?.values.get('background');
  if (typeof value !== 'string' || value === '') return undefined;
  const path = resolve(job.cwd, value);
  if (existsSync(path)) return path;
  throw new PipelineError('INPUT_MISSING', `background: file ${path} not found.`);
};

const textOf = (headers: readonly Header[], keyword: string): string | undefined => {
  for (const header of headers) {
    const value = header.get(keyword);
    if (typeof value === 'string' && value.trim() !== '') return value.trim();
  }
  return undefined;
};

const unfit = (path: string, science: string, found: string, expected: string): PipelineError =>
  new PipelineError(
    'BACKGROUND_UNFIT',
    `Background ${basename(path)} has ${found}; ${basename(science)} has ${expected}. Take it out of the association.`,
  );

/**
 * Looks whether backgrounds can be subtracted from a science frame before anything is reduced. Exposure times may
 * differ, as pixels are rates; that is said.
 *
 * @throws PipelineError BACKGROUND_UNFIT for another shape, detector or filter
 */
export const checkBackgrounds = async (
  job: Job,
  { path: science, info }: { readonly path: string; readonly info: ImageInfo },
  backgrounds: readonly string[],
): Promise<void> => {
  const seconds = exposureTimeSeconds(info.headers);
  for (const path of backgrounds) {
    const sky = await readImageInfo(path);
    if (sky.shape.join() !== info.shape.join())
      throw unfit(path, science, `[${sky.shape.join(', ')}] pixels`, `[${info.shape.join(', ')}]`);
    for (const [keyword, same] of ALIKE) {
      const [a, b] = [textOf(sky.headers, keyword), textOf(info.headers, keyword)];
      if (a !== undefined && b !== undefined && !same(a, b))
        throw unfit(path, science, `${keyword} '${a}'`, `'${b}'`);
    }
    const own = exposureTimeSeconds(sky.headers);
    if (own === undefined || seconds === undefined) continue;
    if (Math.abs(own - seconds) > TIME_TOLERANCE * Math.max(own, seconds))
      warn(
        job,
        `${basename(path)} was exposed for ${own} s, the science frame for ${seconds} s: rates are subtracted`,
      );
  }
};
