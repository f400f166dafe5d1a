import { writeProvenance } from '@iris-drs/datamodels';
import type { ImagerFrame } from '@iris-drs/imager';
import {
  type AnyStep,
  type Association,
  type AssociationProduct,
  membersOf,
  scienceMember,
  withRoom,
} from '@iris-drs/stpipe';
import { frameFile } from './alike.ts';
import { backgroundOption, checkBackgroundCount, checkBackgrounds } from './backgrounds.ts';
import { BACKGROUND, IMAGE2, IMAGE2_SEED_ORDER } from './catalogue.ts';
import { hooksFrames } from './hooks/plan.ts';
import { runHooks } from './hooks/run.ts';
import { info, type Job, savesResult, settingsOf, silent, warn } from './job.ts';
import { type Dataset, prefetched } from './prefetch.ts';
import { productPathOf, saveFrame, toldAtTheEnd, withoutSuffix } from './products.ts';
import { saveReferences } from './saved-references.ts';
import { reducedStrips, stripsOf } from './strips.ts';

const SUBTRACTION = 'bkg_subtract';

/** Steps that some of the classes lack; where they do, nobody misses them. */
const LATE = ['assign_wcs', 'photom', 'resample'];

/** A product of a run: what is saved after some of the steps. */
interface Product {
  readonly steps: readonly AnyStep<ImagerFrame>[];
  readonly target: ReturnType<typeof productPathOf>;
}

/** Products before the last: of steps whose section says `save_results`, and with `save_bsub`. */
const earlyProducts = (
  job: Job,
  steps: readonly AnyStep<ImagerFrame>[],
  { name, inputs, subtracts }: { name: string; inputs: readonly string[]; subtracts: boolean },
): Product[] => {
  const { own } = job.configured;
  return steps.flatMap((step, i) => {
    const upTo = steps.slice(0, i + 1);
    const settings = settingsOf(job, step.name);
    const products = savesResult(settings)
      ? [{ steps: upTo, target: productPathOf(job, settings, { name, inputs }) }]
      : [];
    if (step.name !== SUBTRACTION || own.values.get('save_bsub') !== true) return products;
    if (!subtracts) {
      warn(job, 'save_bsub: no background was subtracted, so there is nothing to save');
      return products;
    }
    const target = productPathOf(job, withoutSuffix(own), { name, suffix: 'bsub', inputs });
    return [...products, { steps: upTo, target }];
  });
};

const reduce = async (
  job: Job,
  association: Association,
  product: AssociationProduct,
  say: (line: string) => void,
): Promise<void> => {
  const { own } = job.configured;
  info(job, `Processing product ${product.name}`);
  const { path: science, expname } = scienceMember(association, product, (message) => warn(job, message));
  const given = backgroundOption(job, SUBTRACTION);
  const members = given === undefined ? membersOf(product, 'background').map(({ path }) => path) : [];
  const backgrounds = [...members, ...(given === undefined ? [] : [given])];
  const inputs = [...product.members.map(({ path }) => path), ...backgrounds];
  const target = productPathOf(job, own, { name: product.name, suffix: 'cal', inputs });
  info(job, `Working on input ${expname} ...`);

  const seedOrder = own.values.get('compat') === 'seed_order';
  const steps = seedOrder ? IMAGE2_SEED_ORDER : IMAGE2;
  const subtracts = backgrounds.length > 0 && settingsOf(job, SUBTRACTION)?.values.get('skip') !== true;
  const file = await frameFile(science);
  if (subtracts) await checkBackgrounds(job, file, backgrounds);
  const { shape } = file.info;
  const asTheyAre = given === undefined && !seedOrder ? [] : backgrounds;
  // Hooks are given whole frames.
  const inOnePiece = hooksFrames(job.configured);
  const rows = stripsOf(shape, inOnePiece ? Number.POSITIVE_INFINITY : job.stripPixels);
  const work = {
    ...{ science, rows, shape, backgroundSteps: BACKGROUND },
    backgrounds: subtracts && asTheyAre.length === 0 ? members : [],
    asTheyAre: subtracts ? asTheyAre : [],
    // stpipe leaves the step out where the association names no background.
    skip: [...(subtracts ? [] : [SUBTRACTION]), ...LATE.filter((step) => !settingsOf(job, step))],
    prepare({ header }: ImagerFrame): void {
      const { pool, table } = association;
      writeProvenance(header, { inputs: [science, ...backgrounds], association: { pool, table } });
      if (seedOrder) header.history("compat = 'seed_order': background subtracted before dark and flat");
    },
  };
  const early = earlyProducts(job, steps, { name: product.name, inputs, subtracts });
  // A product of an earlier step is a run that ends there: that costs less than to hold the whole frame.
  for (const { steps: upTo, target: path } of inOnePiece ? [] : early)
    await saveFrame(job, reducedStrips(silent(job), { ...work, steps: upTo }), path);
  // What there is to say of references is said when they are opened.
  if (early.length > 0) await job.cache.trim();
  job.plan(rows.length * (steps.length + work.backgrounds.length * BACKGROUND.length));
  let reduced: ImagerFrame | undefined;
  const strips = reducedStrips(job, {
    ...{ ...work, steps },
    between: (inOnePiece ? early : []).map(({ steps: upTo, target: path }) => ({
      after: upTo.length,
      work: (model) => saveFrame(job, model, path),
    })),
    async finish(model) {
      info(job, `Finished processing product ${product.name}`);
      reduced = model;
      await runHooks(job, 'post', own, { model, frame: model, file: science, more: [] });
    },
  });
  await saveFrame(job, strips, target, say);
  if (reduced) await saveReferences(job, { ...reduced, shape }, inputs);
};

/** What references are asked for: science with all steps, backgrounds with those of the calibration, as stpipe does. */
const datasetsOf = (job: Job, association: Association): Dataset<ImagerFrame>[] =>
  association.products.flatMap((product): Dataset<ImagerFrame>[] => {
    const unsubtracted = settingsOf(job, SUBTRACTION)?.values.get('skip') === true;
    const asTheyAre = backgroundOption(job, SUBTRACTION) !== undefined;
    const backgrounds = unsubtracted || asTheyAre ? [] : membersOf(product, 'background');
    checkBackgroundCount(backgrounds);
    return [
      { file: scienceMember(association, product, () => {}).path, steps: IMAGE2 },
      ...backgrounds.map(({ path }) => ({ file: path, steps: BACKGROUND })),
    ];
  });

/**
 * Image2Pipeline: each science exposure of a level 2 association, reduced and rid of its backgrounds, as
 * `<product>_cal.fits`.
 */
export const runImage2 = async (given: Job, association: Association): Promise<void> => {
  // Hooks look at pixels in between.
  const engine = hooksFrames(given.configured) ? given.engine : given.engine.batched();
  const job = await prefetched({ ...given, engine }, datasetsOf(given, association));
  info(job, 'Starting calwebb_image2 ...');
  try {
    await toldAtTheEnd(job, async (say) => {
      for (const product of association.products)
        await withRoom(job.cache, () => reduce(job, association, product, say));
      info(job, '... ending calwebb_image2');
    });
  } finally {
    // After an error there may be work that nobody waits for, on frames that are given back with it.
    await engine.settled().catch(() => undefined);
  }
};
