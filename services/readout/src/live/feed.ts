import { type KnownReads, openRamp, type RampModel } from '@iris-drs/datamodels';
import {
  combinationFor,
  type Engine,
  onePass,
  type Pair,
  type RawImage,
  type SamplingMethod,
} from '@iris-drs/kernels';
import type { ReadoutPlan } from '../plan.ts';
import { sampleExposure } from '../sampling.ts';
import type { Accumulated, SummedRamp } from './accumulated.ts';
import { stampOf } from './stamp.ts';

/** How the reads of each ramp are summed. */
export interface FeedOptions {
  readonly detector: string;
  readonly known: KnownReads;
  /** Of a ramp of so many reads. */
  readonly method: (reads: number) => SamplingMethod;
  /** Reads of a ramp that the header promises. */
  readonly promised: number | undefined;
  /** Reads that nobody told of, but lie there: asked before a ramp is closed. */
  unheard(): readonly string[];
}

/** Takes in reads as they come. */
export interface Feed {
  readonly accumulated?: Accumulated;
  /** Takes reads that have come, in any order within a ramp. @throws where nothing can come of it any more */
  take(paths: readonly string[]): Promise<void>;
  release(): void;
}

/** Asks the reference pixels of each read what they say, which the plan remembers; for what cannot be summed. */
export const openMeter = (
  { refpix }: ReadoutPlan,
  { detector, known }: Pick<FeedOptions, 'detector' | 'known'>,
): Feed => ({
  async take(paths) {
    for (const path of paths) {
      const { reads } = await openRamp([path], { detector }, known);
      for (const image of reads.flat()) await refpix?.measure(image);
    }
  },
  release() {},
});

interface Waiting {
  readonly image: RawImage;
  readonly place: number;
}

/**
 * Sums of reads under a plan's corrections, ramp after ramp. The first read of a ramp waits for the second: a ramp of
 * one read has no slope, and the time between the first two tells the middle of the ramp, about which sums are exact.
 *
 * @throws KernelsError PoolExhausted
 */
export const openFeed = (engine: Engine, plan: ReadoutPlan, options: FeedOptions): Feed => {
  const { method, promised, known, detector } = options;
  const { shape, bias, nonlinearity, saturation, refpix } = plan;
  const threshold = saturation?.threshold;
  using opened = new DisposableStack();
  const open = (spec: Parameters<Engine['openSums']>[0]) => {
    const sums = engine.openSums(spec);
    opened.defer(() => sums.release());
    return sums;
  };
  const sums = open({ shape, bias, nonlinearity, saturation: threshold });
  const dark = plan.dark ? { sums: open({ shape }), reads: plan.dark } : undefined;
  const kept = opened.move();

  const ramps: SummedRamp[] = [];
  const accumulated = { sums, bias, nonlinearity, threshold, ramps, ...(dark ? { dark } : {}) };
  const files = new Set<string>();
  let waiting: Waiting[] = [];
  /** Seconds from the first read of a ramp to its middle. */
  let half: number | undefined;

  const weightsOf = (times: readonly number[]): ((place: number) => Pair) => {
    const expected = promised ?? times.length;
    half ??= ((times[1]! - times[0]!) * (expected - 1)) / 2;
    const pass = onePass(method(expected), { reads: expected, middle: times[0]! + half });
    return (place) => pass.weights(place, times[place]!);
  };

  const addWaiting = async (times: readonly number[], ramp: SummedRamp): Promise<void> => {
    if (times.length < 2) return;
    const weigh = weightsOf(times);
    const now = waiting.map(({ image, place }) => ({ image, place, weights: weigh(place) }));
    waiting = [];
    const batch = [];
    for (const { image, place, weights } of now) {
      if (weights[0] === 0 && weights[1] === 0) continue;
      const stamp = stampOf(image);
      if (stamp === undefined) throw new Error(`${image.path} is not whole`);
      const offsets = (await refpix?.measure(image))?.columns;
      batch.push({ image, place, weights, stamp, ...(offsets ? { offsets } : {}) });
    }
    if (batch.length === 0) return;
    await sums.add(batch);
    if (dark) await dark.sums.add(batch.map(({ place, weights }) => ({ image: darkRead(place), weights })));
    for (const { image, ...read } of batch) ramp.reads.set(image.path, read);
  };

  const darkRead = (place: number): RawImage => {
    const read = dark?.reads[place];
    if (!read) throw new Error(`the ramp dark has no read ${place}`);
    return read;
  };

  const endRamp = async (images: readonly RawImage[], times: readonly number[], ramp: SummedRamp) => {
    waiting = [];
    if (ramp.reads.size === 0) return;
    const { weights } = sampleExposure([times], method);
    const summed = images.flatMap(({ path }, i) => {
      const read = ramp.reads.get(path);
      return read ? [{ pair: read.weights, weight: weights[i]! }] : [];
    });
    const combination = combinationFor(
      summed.map(({ pair }) => pair),
      summed.map(({ weight }) => weight),
    );
    if (!combination) throw new Error('the reads of a ramp came too late or too few');
    await sums.endRamp(combination);
    await dark?.sums.endRamp(combination);
    ramp.combination = combination;
  };

  const join = async (model: RampModel, fresh: ReadonlySet<string>): Promise<void> => {
    for (const [r, images] of model.reads.entries()) {
      const coming = images.flatMap((image, place) => (fresh.has(image.path) ? [{ image, place }] : []));
      if (coming.length === 0) continue;
      if (r < ramps.length - 1) throw new Error('a read came when its ramp was over');
      while (ramps.length <= r) {
        const last = ramps.length - 1;
        if (last >= 0) await endRamp(model.reads[last]!, model.times[last]!, ramps[last]!);
        ramps.push({ reads: new Map() });
      }
      waiting.push(...coming);
      await addWaiting(model.times[r]!, ramps[r]!);
    }
  };

  const take = async (paths: readonly string[]): Promise<void> => {
    const fresh = new Set(paths.filter((path) => !files.has(path)));
    if (fresh.size === 0) return;
    for (const path of fresh) files.add(path);
    let model = await openRamp([...files].sort(), { detector }, known);
    const last = ramps.length - 1;
    const begins = last >= 0 && model.reads.some((images, r) => r > last && images.length > 0);
    const unheard = begins ? options.unheard().filter((path) => !files.has(path)) : [];
    if (unheard.length > 0) {
      for (const path of unheard) fresh.add(path) && files.add(path);
      model = await openRamp([...files].sort(), { detector }, known);
    }
    await join(model, fresh);
  };

  return { accumulated, take, release: () => kept.dispose() };
};
