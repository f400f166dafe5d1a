import { basename, join } from 'node:path';
import { closeImage, saveImage, writeProvenance } from '@iris-drs/datamodels';
import type { ImagerFrame } from '@iris-drs/imager';
import {
  type Association,
  type AssociationProduct,
  membersOf,
  scienceMember,
  withRoom,
} from '@iris-drs/stpipe';
import { BACKGROUND, IMAGE2 } from './catalogue.ts';
import { runOn } from './frames.ts';
import { runHooks } from './hooks/run.ts';
import { info, type Job, settingsOf, warn } from './job.ts';
import { openFrame, productPathOf, saveFrame } from './products.ts';
import { temporaryDirectory } from './temporary.ts';

const SUBTRACTION = 'bkg_subtract';
const AT = IMAGE2.findIndex(({ name }) => name === SUBTRACTION);
/** More full frames than these do not fit into the frame pool beside the references. */
const SKIES_BESIDE_REFERENCES = 5;

/** Mask, dark and flat of a background; one that has had them already is taken as it is. */
const calibrated = async (job: Job, path: string, directory: string, index: number): Promise<string> => {
  const model = await openFrame(job, path);
  using _held = { [Symbol.dispose]: () => closeImage(model) };
  const outcomes = await runOn(job, BACKGROUND, model, { file: path });
  if (outcomes.every(({ reason }) => reason === 'already COMPLETE')) return path;
  const target = join(directory, `${index}_${basename(path)}`);
  await saveImage(job.engine, model, target);
  return target;
};

const reduce = async (job: Job, association: Association, product: AssociationProduct): Promise<void> => {
  const { own } = job.configured;
  info(job, `Processing product ${product.name}`);
  const science = scienceMember(association, product, (message) => warn(job, message));
  const backgrounds = membersOf(product, 'background').map(({ path }) => path);
  const inputs = product.members.map(({ path }) => path);
  const output = productPathOf(job, own, { name: product.name, suffix: 'cal', inputs });
  info(job, `Working on input ${science.expname} ...`);

  const subtracts = backgrounds.length > 0 && settingsOf(job, SUBTRACTION)?.values.get('skip') !== true;
  job.plan(IMAGE2.length + (subtracts ? backgrounds.length * BACKGROUND.length : 0));
  using held = new DisposableStack();
  const skies: string[] = [];
  if (subtracts) {
    const directory = held.use(temporaryDirectory()).path;
    for (const [i, path] of backgrounds.entries()) skies.push(await calibrated(job, path, directory, i));
  }
  const frame = await openFrame(job, science.path);
  const model: ImagerFrame = { ...frame, backgrounds: skies, remark: '' };
  held.defer(() => closeImage(model));
  writeProvenance(model.header, {
    inputs: [science.path, ...backgrounds],
    association: { pool: association.pool, table: association.table },
  });
  const save = async (step: string): Promise<void> => {
    const settings = settingsOf(job, step)!;
    await saveFrame(job, model, productPathOf(job, settings, { name: product.name, inputs }));
  };
  const run = {
    file: science.path,
    arguments: { [SUBTRACTION]: backgrounds },
    // stpipe leaves the step out where the association names no background.
    skip: subtracts ? [] : [SUBTRACTION],
    save,
  };
  await runOn(job, IMAGE2.slice(0, AT), model, { ...run, skip: [] });
  if (skies.length > SKIES_BESIDE_REFERENCES) await job.cache.trim();
  await runOn(job, IMAGE2.slice(AT, AT + 1), model, run);
  if (own.values.get('save_bsub') === true) {
    if (subtracts) {
      const bare = { ...own, values: new Map([...own.values].filter(([key]) => key !== 'suffix')) };
      await saveFrame(job, model, productPathOf(job, bare, { name: product.name, suffix: 'bsub', inputs }));
    } else warn(job, 'save_bsub: no background was subtracted, so there is nothing to save');
  }
  await runOn(job, IMAGE2.slice(AT + 1), model, { ...run, skip: [] });
  info(job, `Finished processing product ${product.name}`);
  await runHooks(job, 'post', own, { model, frame: model, file: science.path, more: [] });
  await saveFrame(job, model, output);
};

/**
 * Image2Pipeline: each science exposure of a level 2 association, reduced and rid of its backgrounds, as
 * `<product>_cal.fits`.
 */
export const runImage2 = async (job: Job, association: Association): Promise<void> => {
  info(job, 'Starting calwebb_image2 ...');
  for (const product of association.products)
    await withRoom(job.cache, () => reduce(job, association, product));
  info(job, '... ending calwebb_image2');
};
