import {
  combinationFor,
  type FloatPlane,
  isCombination,
  type Nonlinearity,
  type Pair,
  type RawImage,
  type SampleResult,
  type Sums,
} from '@iris-drs/kernels';
import type { Noise } from '../noise.ts';
import type { ReadoutPlan } from '../plan.ts';
import type { ExposureSampling } from '../sampling.ts';
import { stampOf } from './stamp.ts';

/** A read that is in the sums. */
export interface SummedRead {
  readonly stamp: string;
  readonly weights: Pair;
  /** DN, of each column. */
  readonly offsets?: Float32Array;
  /** Its place in the ramp when it came, which chose the read of the ramp dark. */
  readonly place: number;
}

export interface SummedRamp {
  /** By path, as far as they weigh anything. */
  readonly reads: Map<string, SummedRead>;
  /** How its sums were combined, once that is done. */
  combination?: Pair;
}

/** Sums over the reads of an exposure, and all that went into them. */
export interface Accumulated {
  readonly sums: Sums;
  readonly bias: FloatPlane | undefined;
  readonly nonlinearity: Nonlinearity | undefined;
  readonly threshold: FloatPlane | undefined;
  readonly ramps: readonly SummedRamp[];
  /** Reads of the ramp dark under the same weights. */
  readonly dark?: { readonly sums: Sums; readonly reads: readonly RawImage[] };
  /** The sums have become frames. */
  spent?: boolean;
}

const sameNumbers = (a: Float32Array | undefined, b: Float32Array | undefined): boolean =>
  a === b || (a !== undefined && b !== undefined && a.length === b.length && a.every((v, i) => v === b[i]));

const sameNonlinearity = (a: Nonlinearity | undefined, b: Nonlinearity | undefined): boolean =>
  a === b ||
  (a?.form === b?.form &&
    a?.coefficients.length === b?.coefficients.length &&
    a?.coefficients.every((plane, i) => plane === b?.coefficients[i]) === true);

/** One ramp's combination, where its sums are those of the wanted weights, and whether its dark is. Else what differs. */
const fitRamp = (
  { reads: summed, combination }: SummedRamp,
  images: readonly RawImage[],
  wanted: readonly number[],
  columnsOf: (read: number) => Float32Array | undefined,
): { readonly combination: Pair; readonly inPlace: boolean } | string => {
  const pairs: Pair[] = [];
  let inPlace = true;
  for (const [i, image] of images.entries()) {
    const own = summed.get(image.path);
    if ((own === undefined) !== (wanted[i] === 0)) return 'is of other reads';
    if (!own) continue;
    if (own.stamp !== stampOf(image)) return `has ${image.path}, which has changed`;
    if (!sameNumbers(own.offsets, columnsOf(i))) return 'has other reference pixels';
    pairs.push(own.weights);
    inPlace &&= own.place === i;
  }
  if (pairs.length !== summed.size) return 'is of other reads';
  const weights = wanted.filter((w) => w !== 0);
  const found = combination ?? combinationFor(pairs, weights);
  if (!found || !isCombination(found, pairs, weights)) return 'is weighed in another way';
  return { combination: found, inPlace };
};

/** The last ramp's combination, where the sums are those that a replay would make. Else what differs. */
const fit = (
  { bias, nonlinearity, threshold, ramps, spent }: Accumulated,
  plan: ReadoutPlan,
  { weights, ramps: used }: ExposureSampling,
): { readonly last: Pair; readonly inPlace: boolean } | string => {
  if (spent) return 'they have been used';
  if (bias !== plan.bias) return 'the bias is another';
  if (!sameNonlinearity(nonlinearity, plan.nonlinearity)) return 'the non-linearity is another';
  if (threshold !== plan.saturation?.threshold) return 'the saturation is another';
  const { reads, shape } = plan.ramp;
  if (ramps.length !== reads.length) return `the exposure has ${reads.length} ramps, not ${ramps.length}`;
  const nx = shape[3];
  let first = 0;
  let last: Pair = [0, 0];
  let inPlace = true;
  for (const [r, images] of reads.entries()) {
    const from = first;
    first += images.length;
    // The sum over ramps is divided by their number when it is finished.
    const wanted = weights.slice(from, first).map((w) => w * used);
    const columns = plan.refpix?.columns;
    const one = fitRamp(ramps[r]!, images, wanted, (i) =>
      columns?.subarray((from + i) * nx, (from + i + 1) * nx),
    );
    if (typeof one === 'string') return `ramp ${r} ${one}`;
    last = one.combination;
    inPlace &&= one.inPlace;
  }
  return { last, inPlace };
};

/** Frames from the sums, and the slope of the ramp dark where that was summed too. The caller releases them. */
export interface Taken {
  readonly result: SampleResult;
  readonly dark?: FloatPlane;
}

/**
 * What the sums give, if they are those that a replay of the reads under this plan would make: of the same reads,
 * unchanged, under the same references, offsets and weights. Else why they are not.
 *
 * @throws KernelsError PoolExhausted; it may be asked again
 */
export const takeSums = async (
  accumulated: Accumulated,
  plan: ReadoutPlan,
  sampling: ExposureSampling,
  { gain, readNoise }: Noise,
): Promise<Taken | string> => {
  const fits = fit(accumulated, plan, sampling);
  if (typeof fits === 'string') return fits;
  const { sums, dark, ramps } = accumulated;
  const { poissonFactor, readNoiseFactor } = sampling;
  const scale = 1 / sampling.ramps;
  const ramp = ramps.at(-1)!;
  if (ramp.combination === undefined && ramp.reads.size > 0) {
    await sums.endRamp(fits.last);
    await dark?.sums.endRamp(fits.last);
  }
  ramp.combination = fits.last;
  const result = await sums.finish({ scale, gain, readNoise, poissonFactor, readNoiseFactor });
  accumulated.spent = true;
  if (!dark || dark.reads !== plan.dark || !fits.inPlace) return { result };
  try {
    const { slope, ...rest } = await dark.sums.finish({ scale, poissonFactor: 0, readNoiseFactor: 0 });
    for (const plane of Object.values(rest)) plane.release();
    return { result, dark: slope };
  } catch (error) {
    for (const plane of Object.values(result)) plane.release();
    throw error;
  }
};
