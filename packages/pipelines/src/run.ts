import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import type { ReferenceSource } from '@iris-drs/crds';
import {
  type Association,
  checkMembers,
  createReferenceCache,
  findClass,
  loadAssociation,
  makeInputPath,
  textOption,
} from '@iris-drs/stpipe';
import { checkAvailable } from './catalogue.ts';
import { runCombine, runCombineProducts } from './combine.ts';
import { PipelineError } from './errors.ts';
import { checkHooks } from './hooks/plan.ts';
import { runFileHooks } from './hooks/run.ts';
import { runImage2 } from './image2.ts';
import { info, type Job, loggerName, type RunRequest, warn } from './job.ts';
import { withoutEffect } from './options.ts';
import { runPreprocessFlatfield } from './preprocess-flatfield.ts';
import { runReadoutsamp, runRop } from './rop.ts';
import { runSingle } from './single.ts';
import { unpackedFiles } from './unpacked.ts';

/** References that are kept open: those of a few detectors. */
const OPEN_REFERENCES = 24;

/** Where no cache is known: steps that cannot do without are refused before, the others do without. */
const NO_REFERENCES: ReferenceSource = {
  context: async () => 'N/A',
  best: async (_header, types) =>
    types.map((type) => ({ type, answer: 'notApplicable', reason: 'no CRDS cache' })),
  fetch: async (file) => {
    throw new PipelineError('NO_REFERENCES', `${file} is asked for and CRDS_PATH names no CRDS cache.`);
  },
};

/** stpipe's first lines of a run: what is there, what it is given, which options do nothing. */
export const announce = (job: Pick<RunRequest, 'configured' | 'inputs' | 'log'>): void => {
  const { configured, inputs, log } = job;
  const { known, steps } = configured;
  info(job, `${known.className} instance created.`);
  for (const { section, extra } of steps) {
    if (extra) continue;
    const inner = findClass(known.steps?.[section ?? ''] ?? '')?.className;
    log(loggerName(job, section), 'INFO', `${inner} instance created.`);
  }
  const shown = inputs.map((input) => `'${input}'`).join(', ');
  info(job, `Step ${configured.name} running with args (${shown}${inputs.length === 1 ? ',' : ''}).`);
  for (const option of withoutEffect(job)) warn(job, `option ${option} has no effect here`);
};

const associationOf = (job: Job): Association => {
  const { inputs, cwd, configured } = job;
  const association = loadAssociation(inputs, 2, {
    ...{ cwd, inputDirectory: textOption(configured.own, 'input_dir') },
    warn: (message) => warn(job, message),
  });
  checkMembers(association);
  if (association.products.length === 0)
    throw new PipelineError('INPUTS', `${association.table} has no products: there is nothing to do.`);
  const names = association.products.map(({ name }) => name);
  const twice = names.find((name, i) => names.indexOf(name) !== i);
  const file = textOption(configured.own, 'output_file');
  if (twice !== undefined || (names.length > 1 && file !== null)) {
    throw new PipelineError(
      'INPUTS',
      twice === undefined
        ? `--output_file names one file and there are ${names.length} products; give --output_dir or --suffix.`
        : `Two products of ${association.table} are called ${twice}; one would replace the other.`,
    );
  }
  return association;
};

const pathsOf = (job: Job): [string, ...string[]] => {
  const [first, ...rest] = job.inputs;
  const directory = textOption(job.configured.own, 'input_dir');
  const path = (file: string): string => {
    const found = resolve(job.cwd, makeInputPath(file, directory));
    if (existsSync(found)) return found;
    throw new PipelineError('INPUT_MISSING', `Input file ${found} not found.`);
  };
  return [path(first), ...rest.map(path)];
};

/** Files as they are named, or all members of the one product of an association. */
const membersOrPaths = (job: Job): readonly string[] => {
  if (job.inputs.length > 1 || !/\.json$/i.test(job.inputs[0])) return pathsOf(job);
  const { products, table } = associationOf(job);
  const [product, ...more] = products;
  if (product && more.length === 0) return product.members.map(({ path }) => path);
  throw new PipelineError(
    'INPUTS',
    `${table} has ${products.length} products; expected one, of a frame and its parts.`,
  );
};

const dispatch = (job: Job): Promise<void> => {
  switch (job.configured.known.name) {
    case 'image2':
      return runImage2(job, associationOf(job));
    case 'preprocess_flatfield':
      return runPreprocessFlatfield(job, associationOf(job));
    case 'create_dark':
    case 'create_flatfield':
    case 'combine_frames':
      return job.inputs.length === 1 && /\.json$/i.test(job.inputs[0])
        ? runCombineProducts(job, associationOf(job))
        : runCombine(job, pathsOf(job));
    case 'rop':
      return runRop(job, pathsOf(job));
    case 'readoutsamp':
      return runReadoutsamp(job, pathsOf(job));
    case 'merge_subarrays':
      return runSingle(job, membersOrPaths(job));
    default:
      return runSingle(job, pathsOf(job));
  }
};

/**
 * Runs a pipeline or a step on files, in this process, as its configuration says. Products are written whole or not
 * at all; what was asked for and cannot be done is refused before anything is read.
 *
 * @returns absolute paths of the products
 * @throws PipelineError, StepError, DataModelError, AssociationError, CrdsError
 */
export const runConfigured = async (request: RunRequest): Promise<readonly string[]> => {
  const { configured, references } = request;
  checkAvailable(configured);
  checkHooks(configured);
  const [first, ...rest] = request.inputs;
  if (first === undefined)
    throw new PipelineError('INPUTS', `${configured.known.className} needs a file: FITS or association.`);
  const cache = createReferenceCache(OPEN_REFERENCES);
  using unpacked = unpackedFiles();
  let [done, total] = [0, 0];
  const job: Job = {
    ...request,
    inputs: [first, ...rest],
    references: references ?? NO_REFERENCES,
    hasReferences: references !== undefined,
    cache,
    plain: unpacked.plain,
    saved: [],
    plan(steps) {
      total += steps;
    },
    began(what) {
      request.progress?.({ done, total, what });
    },
    ended() {
      done += 1;
    },
  };
  try {
    announce(job);
    const alone = configured.known.kind === 'step';
    const inputs = alone ? job.inputs : await runFileHooks(job, job.inputs);
    if (!alone && configured.own.values.get('skip') === true) info(job, 'Step skipped.');
    else await dispatch({ ...job, inputs });
    info(job, `Step ${configured.name} done`);
    return job.saved;
  } finally {
    cache.close();
  }
};
