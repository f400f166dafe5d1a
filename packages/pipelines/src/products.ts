import { existsSync, realpathSync } from 'node:fs';
import { basename, dirname, resolve } from 'node:path';
import {
  closeImage,
  DQ,
  type ImageModel,
  type MadeStrip,
  openImage,
  saveImage,
  saveStrips,
} from '@iris-drs/datamodels';
import {
  makeOutputPath,
  type NamingRequest,
  type NamingRules,
  type StepSettings,
  textOption,
} from '@iris-drs/stpipe';
import { makeDirectory } from './directory.ts';
import { PipelineError } from './errors.ts';
import { info, type Job, warn } from './job.ts';

/** Opens a frame, what had to be assumed about it into the log. Pixels that are no number become DO_NOT_USE. */
export const openFrame = async (
  job: Job,
  path: string,
  rows?: readonly [from: number, to: number],
): Promise<ImageModel> => {
  const model = rows
    ? await openImage(job.engine, await job.plain(path), { rows })
    : await openImage(job.engine, path);
  for (const warning of model.warnings) warn(job, `${path}: ${warning}`);
  try {
    const { sci, dq } = model;
    await job.engine.flagNotAbove({ plane: sci, dq, lowest: Number.NEGATIVE_INFINITY, flags: DQ.DO_NOT_USE });
  } catch (error) {
    closeImage(model);
    throw error;
  }
  return model;
};

/** stpipe's rules for the run itself, or for a section of its pipeline. */
const rulesOf = (job: Job, settings: StepSettings): NamingRules => {
  const { configured, inputs } = job;
  const inner = settings.section !== undefined;
  return {
    name: settings.section ?? configured.name,
    outputExtension: textOption(settings, 'output_ext'),
    suffix: textOption(settings, 'suffix'),
    outputFile: textOption(settings, 'output_file'),
    searchOutputFile: settings.values.get('search_output_file') !== false,
    outputDirectory: textOption(settings, 'output_dir'),
    inputFile: inputs[0],
    ...(inner ? { parent: { ...rulesOf(job, configured.own), suffix: null } } : {}),
  };
};

/** Settings for a product beside the last, whose suffix is its own. */
export const withoutSuffix = (settings: StepSettings): StepSettings => ({
  ...settings,
  values: new Map([...settings.values].filter(([key]) => key !== 'suffix')),
});

/** Of a file's name, on every file system of Linux. */
const MAX_NAME_BYTES = 255;

const sameFile = (a: string, b: string): boolean =>
  a === b || (existsSync(a) && existsSync(b) && realpathSync(a) === realpathSync(b));

/**
 * Path of a product as stpipe names it, as the user would write it, and absolute. A suffix or an output file that the
 * user gives wins.
 *
 * @param name    of the product, where the run has products with names of their own
 * @param suffix  where the user gives none; the name of the step unless given
 * @param inputs  absolute paths that a product must not replace
 * @throws PipelineError OUTPUT_IS_INPUT, OUTPUT_NAME
 */
export const productPathOf = (
  job: Job,
  settings: StepSettings,
  {
    name,
    suffix,
    inputs,
  }: { readonly name?: string; readonly suffix?: string; readonly inputs: readonly string[] },
): { readonly shown: string; readonly path: string } => {
  const rules = rulesOf(job, settings);
  const given = textOption(job.configured.own, 'output_file') ?? textOption(settings, 'output_file');
  const request: NamingRequest = {
    ...(name === undefined || given !== null ? {} : { base: `${name}.fits` }),
    ...(suffix === undefined || rules.suffix ? {} : { suffix }),
  };
  const shown = makeOutputPath(rules, request);
  const bytes = Buffer.byteLength(basename(shown));
  if (shown.includes('\0') || bytes > MAX_NAME_BYTES) {
    const found = shown.includes('\0') ? 'holds a NUL byte' : `has ${bytes} bytes`;
    throw new PipelineError(
      'OUTPUT_NAME',
      `The name of the product, ${JSON.stringify(basename(shown).slice(0, 40))} …, ${found}; expected at most ` +
        `${MAX_NAME_BYTES} bytes of text. Give --output_file, or correct the association.`,
    );
  }
  const path = resolve(job.cwd, shown);
  const replaced = inputs.find((input) => sameFile(path, input));
  if (replaced !== undefined) {
    throw new PipelineError(
      'OUTPUT_IS_INPUT',
      `The product ${shown} would replace the input ${replaced}. Give --output_dir, --output_file or --suffix.`,
    );
  }
  return { shown, path };
};

/**
 * Writes a frame, or the strips of one, with ERR; in whole or not at all.
 * @param say  hears of it: stpipe tells of a pipeline's products when all are made
 */
export const saveFrame = async (
  job: Job,
  model: ImageModel | AsyncIterable<MadeStrip>,
  { shown, path }: { readonly shown: string; readonly path: string },
  say = (line: string): void => info(job, line),
): Promise<void> => {
  makeDirectory(dirname(path));
  const options = { err: true };
  await (Symbol.asyncIterator in model
    ? saveStrips(job.engine, model, path, options)
    : saveImage(job.engine, model, path, options));
  job.saved.push(path);
  say(`Saved model in ${shown}`);
};

/** Does work and says afterwards, also when it fails, what products it has made. */
export const toldAtTheEnd = async (
  job: Job,
  work: (say: (line: string) => void) => Promise<void>,
): Promise<void> => {
  const lines: string[] = [];
  try {
    await work((line) => lines.push(line));
  } finally {
    for (const line of lines) info(job, line);
  }
};
