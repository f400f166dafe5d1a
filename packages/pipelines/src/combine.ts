import { closeImage, createImage, type ImageModel, writeProvenance } from '@iris-drs/datamodels';
import type { FloatPlane } from '@iris-drs/kernels';
import { type AnyStep, type Association, type AssociationProduct, withRoom } from '@iris-drs/stpipe';
import { frameFile, requireAlike, unequalTimes } from './alike.ts';
import { CREATE_FLATFIELD } from './catalogue.ts';
import { PipelineError } from './errors.ts';
import { runOn } from './frames.ts';
import { hooksFrames } from './hooks/plan.ts';
import { runHooks } from './hooks/run.ts';
import { info, type Job } from './job.ts';
import { openFrame, productPathOf, saveFrame } from './products.ts';
import { asReference } from './reference-keywords.ts';
import { combineFrames, type FrameStack } from './steps/combine-frames.ts';
import { stripsOf } from './strips.ts';

/** What is made of several frames. */
interface Recipe {
  /** What each frame gets first. */
  readonly before: readonly AnyStep<ImageModel>[];
  /** What the combined frame gets. */
  readonly after: readonly AnyStep<ImageModel>[];
  /** Keywords that frames must share, beside their shape. */
  readonly alike: readonly string[];
  readonly sameTime: boolean;
  /** Type of the reference that it makes, which is its suffix too. */
  readonly reference?: string;
}

const RECIPES: Readonly<Record<string, Recipe>> = {
  combine_frames: { before: [], after: [], alike: ['INSTRUME', 'DETECTOR'], sameTime: false },
  create_dark: {
    ...{ before: [], after: [], alike: ['INSTRUME', 'DETECTOR'], sameTime: true },
    reference: 'dark',
  },
  create_flatfield: {
    before: CREATE_FLATFIELD.before,
    after: CREATE_FLATFIELD.after,
    alike: ['INSTRUME', 'DETECTOR', 'FILTER'],
    sameTime: false,
    reference: 'flat',
  },
};

const checkFrames = async (paths: readonly string[], { alike, sameTime }: Recipe): Promise<void> => {
  const [first, ...rest] = await Promise.all(paths.map(frameFile));
  for (const other of rest) {
    requireAlike(first!, other, alike);
    const times = sameTime ? unequalTimes(first!, other) : undefined;
    if (times) {
      throw new PipelineError(
        'FRAMES_UNLIKE',
        `${other.path} was exposed for ${times[1]} s and ${first!.path} for ${times[0]} s; a master dark is made of ` +
          'equal exposures.',
      );
    }
  }
};

/** The frames combined strip by strip, so that any number of them fits, in one frame that the caller closes. */
const combined = async (job: Job, paths: readonly string[], { before }: Recipe): Promise<ImageModel> => {
  const { engine } = job;
  const { shape } = (await frameFile(paths[0]!)).info;
  // Hooks are given whole frames.
  const rows = stripsOf(shape, hooksFrames(job.configured) ? Number.POSITIVE_INFINITY : job.stripPixels);
  if (rows.length > 1) await Promise.all(paths.map(job.plain));
  let whole: ImageModel | undefined;
  try {
    for (const [i, part] of rows.entries()) {
      const now: Job = i === 0 ? job : { ...job, log: () => undefined };
      using held = new DisposableStack();
      const frames: ImageModel[] = [];
      for (const path of paths) {
        const frame = await openFrame(now, path, rows.length > 1 ? part : undefined);
        held.defer(() => closeImage(frame));
        frames.push(frame);
        if (before.length > 0) await runOn(now, before, frame, { file: path });
      }
      const [first, ...others] = frames;
      const stack: FrameStack = Object.assign(first!, { others });
      await runOn(now, [combineFrames], stack, {
        file: paths[0]!,
        arguments: { combine_frames: paths.slice(1) },
      });
      if (!whole) {
        const { header, sciHeader, units } = stack;
        whole = createImage(engine, { shape, header, sciHeader, units });
        Object.assign(whole, { extra: stack.extra });
        if (stack.varFlat) Object.assign(whole, { varFlat: engine.float32(shape) });
      }
      const at = part[0] * shape[1];
      const copy = (to: FloatPlane | undefined, from: FloatPlane | undefined): void => {
        if (to && from) to.data.set(from.data, at);
      };
      for (const plane of ['sci', 'varPoisson', 'varRnoise', 'varFlat'] as const)
        copy(whole[plane], stack[plane]);
      whole.dq.data.set(stack.dq.data, at);
    }
    await job.cache.trim();
    return whole!;
  } catch (error) {
    if (whole) closeImage(whole);
    throw error;
  }
};

const reduce = async (
  job: Job,
  paths: readonly string[],
  product?: { readonly name: string; readonly association: Association },
): Promise<void> => {
  const { own, known } = job.configured;
  const recipe = RECIPES[known.name]!;
  const target = productPathOf(job, own, {
    ...(product ? { name: product.name } : {}),
    ...(recipe.reference ? { suffix: recipe.reference } : {}),
    inputs: paths,
  });
  await checkFrames(paths, recipe);
  job.plan(paths.length * recipe.before.length + 1 + recipe.after.length);
  const model = await combined(job, paths, recipe);
  using _held = { [Symbol.dispose]: () => closeImage(model) };
  const association = product && { pool: product.association.pool, table: product.association.table };
  writeProvenance(model.header, { inputs: paths, ...(association ? { association } : {}) });
  if (recipe.after.length > 0) await runOn(job, recipe.after, model, { file: paths[0]! });
  if (recipe.reference)
    asReference(model.header, recipe.reference, `${recipe.reference} of ${paths.length} exposure(s)`);
  if (known.kind === 'pipeline')
    await runHooks(job, 'post', own, { model, frame: model, file: paths[0]!, more: [] });
  await saveFrame(job, model, target);
};

/** CombineFramesStep, CreateDark, CreateFlatfield of the files named. */
export const runCombine = (job: Job, paths: readonly string[]): Promise<void> =>
  withRoom(job.cache, () => reduce(job, paths));

/** The same for each product of an association, of all its members. */
export const runCombineProducts = async (job: Job, association: Association): Promise<void> => {
  for (const { name, members } of association.products as readonly AssociationProduct[]) {
    info(job, `Processing product ${name}`);
    const paths = members.map(({ path }) => path);
    await withRoom(job.cache, () => reduce(job, paths, { name, association }));
  }
};
