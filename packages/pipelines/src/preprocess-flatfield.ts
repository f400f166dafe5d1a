import { closeImage, writeProvenance } from '@iris-drs/datamodels';
import { type Association, type AssociationProduct, scienceMember, withRoom } from '@iris-drs/stpipe';
import { PREPROCESS_FLATFIELD } from './catalogue.ts';
import { runOn } from './frames.ts';
import { runHooks } from './hooks/run.ts';
import { info, type Job, settingsOf, warn } from './job.ts';
import { prefetched } from './prefetch.ts';
import { openFrame, productPathOf, saveFrame, toldAtTheEnd } from './products.ts';
import { asReference } from './reference-keywords.ts';
import { saveReferences } from './saved-references.ts';

const reduce = async (
  job: Job,
  association: Association,
  product: AssociationProduct,
  say: (line: string) => void,
): Promise<void> => {
  info(job, `Processing product ${product.name}`);
  const exposure = scienceMember(association, product, (message) => warn(job, message));
  const inputs = product.members.map(({ path }) => path);
  const output = productPathOf(job, job.configured.own, { name: product.name, suffix: 'flat', inputs });
  info(job, `Working on input ${exposure.expname} ...`);
  job.plan(PREPROCESS_FLATFIELD.length);
  const model = await openFrame(job, exposure.path);
  using _held = { [Symbol.dispose]: () => closeImage(model) };
  writeProvenance(model.header, {
    inputs: [exposure.path],
    association: { pool: association.pool, table: association.table },
  });
  await runOn(job, PREPROCESS_FLATFIELD, model, {
    file: exposure.path,
    save: (step) =>
      saveFrame(job, model, productPathOf(job, settingsOf(job, step)!, { name: product.name, inputs })),
  });
  asReference(model.header, 'flat', `flat of ${exposure.expname}`);
  info(job, `Finished processing product ${product.name}`);
  await runHooks(job, 'post', job.configured.own, { model, frame: model, file: exposure.path, more: [] });
  await saveReferences(job, model, inputs);
  await saveFrame(job, model, output, say);
};

/** PreprocessFlatfield: each exposure without its dark, divided by its own median, as `<product>_flat.fits`. */
export const runPreprocessFlatfield = async (given: Job, association: Association): Promise<void> => {
  const exposures = association.products.map((product) => scienceMember(association, product, () => {}));
  const job = await prefetched(
    given,
    exposures.map(({ path }) => ({ file: path, steps: PREPROCESS_FLATFIELD })),
  );
  info(job, 'Starting preprocess flatfield ...');
  await toldAtTheEnd(job, async (say) => {
    for (const product of association.products)
      await withRoom(job.cache, () => reduce(job, association, product, say));
    info(job, '... ending preprocess flatfield');
  });
};
