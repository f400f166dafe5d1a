import { closeImage, DQ, type ImageModel, type MadeStrip } from '@iris-drs/datamodels';
import type { ImagerFrame } from '@iris-drs/imager';
import type { FloatPlane, GoodCount, Shape2 } from '@iris-drs/kernels';
import type { AnyStep } from '@iris-drs/stpipe';
import { PipelineError } from './errors.ts';
import { runOn } from './frames.ts';
import type { Job } from './job.ts';
import { openFrame } from './products.ts';

/** Pixels of a strip: few enough that the pages of its planes cost little, enough that opening files for each does too. */
const STRIP_PIXELS = 2 ** 21;

/** Of the first strip, before which nothing is written. */
const FIRST_PIXELS = 2 ** 18;

/** Of the last, at least: while it is written the level of what was subtracted is found. */
const LAST_PIXELS = 2 ** 20;

/**
 * Rows of each strip: a frame of more than `pixels` begins with few, each strip has at most twice as many as the one
 * before, and the last two share what is left.
 */
export const stripsOf = (
  [ny, nx]: Shape2,
  pixels = STRIP_PIXELS,
): (readonly [from: number, to: number])[] => {
  const rowsIn = (wanted: number): number => Math.max(1, Math.floor(Math.min(wanted, pixels) / nx));
  const most = rowsIn(pixels);
  if (ny <= most) return [[0, ny]];
  const strips: [number, number][] = [];
  for (let [from, next] = [0, rowsIn(FIRST_PIXELS)]; from < ny; ) {
    const left = ny - from;
    const half = left < 2 * rowsIn(LAST_PIXELS) ? left : Math.ceil(left / 2);
    const rows = Math.min(most, next, half);
    strips.push([from, from + rows]);
    from += rows;
    next = 2 * rows;
  }
  return strips;
};

export interface StripWork {
  readonly science: string;
  /** Get `backgroundSteps` first, then are subtracted. */
  readonly backgrounds: readonly string[];
  readonly backgroundSteps: readonly AnyStep<ImageModel>[];
  /** Are subtracted as they are. */
  readonly asTheyAre: readonly string[];
  readonly steps: readonly AnyStep<ImagerFrame>[];
  readonly shape: Shape2;
  readonly rows: readonly (readonly [from: number, to: number])[];
  /** Steps to be skipped whatever the options say. */
  readonly skip: readonly string[];
  /** Done to the frame before its steps. */
  prepare(model: ImagerFrame): void;
  /** Of a frame in one piece: done after so many steps, in order. */
  readonly between?: readonly { readonly after: number; work(model: ImagerFrame): Promise<void> }[];
  /** Done to the last strip after its steps. */
  finish?(model: ImagerFrame): Promise<void>;
}

/** The background's pixels of all strips, for its level. */
const collector = (job: Job, shape: Shape2) => {
  let plane: FloatPlane | undefined;
  return {
    async take(row: number, { sci, dq }: Pick<ImageModel, 'sci' | 'dq'>): Promise<void> {
      plane ??= job.engine.unset(shape);
      await job.engine.copyGood({ from: sci, dq, mask: DQ.DO_NOT_USE, to: plane, row });
    },
    /** Undefined without any pixel. */
    async level(): Promise<number | undefined> {
      if (!plane) return undefined;
      const { values, count } = await job.engine.quantiles(plane, [0.5]);
      return count > 0 ? values[0] : undefined;
    },
    [Symbol.dispose](): void {
      plane?.release();
    },
  };
};

const PRODUCT = 'The reduced frame';

/** Which files have a pixel that may be used, as they come. */
const usableFiles = ({ engine }: Job) => {
  const counts = new Map<string, GoodCount>();
  const empty = (paths: readonly string[]): string | undefined =>
    paths.find((path) => !counts.get(path)?.pixels);
  return {
    async see(path: string, { dq }: ImageModel): Promise<void> {
      const count = counts.get(path) ?? engine.countGood(DQ.DO_NOT_USE);
      counts.set(path, count);
      if (count.pixels === 0) await count.add(dq);
    },
    async require(paths: readonly string[], remedy: string): Promise<void> {
      // Most have shown one in a strip that is done.
      if (empty(paths) !== undefined) await engine.settled();
      const none = empty(paths);
      if (none === undefined) return;
      throw new PipelineError('NO_PIXELS', `${none}: every pixel is NaN or flagged DO_NOT_USE; ${remedy}.`);
    },
    [Symbol.dispose](): void {
      for (const count of counts.values()) count[Symbol.dispose]();
    },
  };
};

/**
 * A frame reduced strip by strip, so that a run needs the memory of a strip and of no whole frame: pages that a process
 * touches for the first time cost more than the arithmetic on them. What is said is said for the first.
 */
export async function* reducedStrips(job: Job, work: StripWork): AsyncGenerator<MadeStrip> {
  const { science, backgrounds, asTheyAre, rows, shape } = work;
  using pixels = collector(job, shape);
  using usable = usableFiles(job);
  const quiet: Job = { ...job, log: () => undefined };
  if (rows.length > 1) await Promise.all([science, ...backgrounds, ...asTheyAre].map(job.plain));
  let first: ImagerFrame | undefined;
  for (const [i, part] of rows.entries()) {
    const now = i === 0 ? job : quiet;
    const open = async (path: string, held: DisposableStack): Promise<ImageModel> => {
      const model = await openFrame(now, path, rows.length > 1 ? part : undefined);
      held.defer(() => closeImage(model));
      return model;
    };
    using held = new DisposableStack();
    using beside = new DisposableStack();
    const skies: ImageModel[] = [];
    const openSky = async (path: string): Promise<ImageModel> => {
      const sky = await open(path, beside);
      await usable.see(path, sky);
      skies.push(sky);
      return sky;
    };
    for (const path of backgrounds) {
      const sky = await openSky(path);
      await runOn(now, work.backgroundSteps, sky, { file: path });
    }
    for (const path of asTheyAre) await openSky(path);
    const model: ImagerFrame = Object.assign(await open(science, held), {
      backgrounds: skies,
      remark: '',
      ...(rows.length > 1
        ? { level: (background: Pick<ImageModel, 'sci' | 'dq'>) => pixels.take(part[0], background) }
        : {}),
    });
    await usable.see(science, model);
    work.prepare(model);
    const named = [...backgrounds, ...asTheyAre];
    const run = { file: science, arguments: { bkg_subtract: named }, skip: work.skip };
    let done = 0;
    for (const { after, work: midway } of work.between ?? []) {
      await runOn(now, work.steps.slice(done, after), model, run);
      await midway(model);
      done = after;
    }
    await runOn(now, work.steps.slice(done), model, run);
    first ??= model;
    await usable.see(PRODUCT, model);
    const last = i === rows.length - 1;
    if (last) {
      await usable.require([science, ...backgrounds, ...asTheyAre], 'there is nothing to reduce');
      await usable.require([PRODUCT], 'look at its references');
      await work.finish?.(model);
    }
    beside.dispose();
    if (rows.length > 1) await job.cache.trim();
    const mine = held.move();
    yield { model, release: () => mine.dispose() };
  }
  // The card is there before pixels are written, its value known when the last are on their way.
  if (first?.level && first.header.has('BKGLEVEL'))
    first.header.set('BKGLEVEL', (await pixels.level()) ?? null, '[DN/s] median of the background');
}
