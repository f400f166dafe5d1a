import { basename } from 'node:path';
import { openFile } from '@iris-drs/fits/node';
import { type AnyStep, type Model, prefetchReferences } from '@iris-drs/stpipe';
import { info, type Job, loggerName } from './job.ts';
import { stepLogOf } from './log.ts';
import { askedTypes, textsFor } from './options.ts';

/** A file and the steps that it will go through. */
export interface Dataset<M extends Model> {
  readonly file: string;
  readonly steps: readonly AnyStep<M>[];
  readonly skip?: readonly string[];
}

/** stpipe's first line about the references of a file. */
export const sayPrefetching = (job: Job, file: string, types: readonly string[]): void => {
  if (types.length === 0 || !job.hasReferences) return;
  const named = types.map((type) => `'${type}'`).join(', ');
  info(job, `Prefetching reference files for dataset: '${basename(file)}' reftypes = [${named}]`);
};

/**
 * Finds and fetches the references of all files before any work is done, and says so as stpipe does.
 * @returns the run, which will not say it again
 */
export const prefetched = async <M extends Model>(
  job: Job,
  datasets: readonly Dataset<M>[],
): Promise<Job> => {
  if (!job.hasReferences) return job;
  const done = new Set<string>();
  for (const { file, steps, skip = [] } of datasets) {
    if (done.has(file)) continue;
    done.add(file);
    using fits = await openFile(file);
    const texts = textsFor(job, steps, skip);
    sayPrefetching(job, file, askedTypes(steps, texts));
    const log = stepLogOf(job.log, loggerName(job));
    await prefetchReferences(steps, fits.hdu(0).header, { references: job.references, log, options: texts });
  }
  return { ...job, prefetched: done };
};
