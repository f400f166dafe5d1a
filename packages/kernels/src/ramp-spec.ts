import { KernelsError } from './errors.ts';
import type { LargeEvents } from './events/large-events.ts';
import type { Nonlinearity } from './feed.ts';
import { checkImageOf } from './frames.ts';
import type { FlagPlane, FloatPlane, RawImage, Shape2 } from './plane.ts';
import { checkTimes } from './sampling.ts';

/** One ramp: reads without a reset between them. A read of which nothing is wanted is left out. */
export interface Ramp {
  readonly reads: readonly RawImage[];
  /** Of the reads, s since the reset, strictly increasing; they need not be even. */
  readonly times: readonly number[];
  /** GROUPDQ of the reads. SATURATED lasts to the end of the ramp, JUMP_DET is before the read that bears it. */
  readonly groupDq?: readonly RawImage[] | undefined;
  /** DN, `[nreads × noutputs]`, subtracted from the columns of each output; outputs are equal vertical stripes. */
  readonly offsets?: Float32Array | undefined;
  /** DN, `[nreads × ny]`, subtracted from the rows. */
  readonly rowOffsets?: Float32Array | undefined;
  /** Rectangles of each read that hold something else than the ramp; they are DROPOUT | DO_NOT_USE there. */
  readonly lost?: readonly (readonly Rectangle[])[] | undefined;
}

/** 0-based pixels of the frame. */
export interface Rectangle {
  readonly x0: number;
  readonly y0: number;
  readonly nx: number;
  readonly ny: number;
}

export interface SaturationSpec {
  /** DN; a raw value at or above it is saturated, and all later ones of the ramp. NaN: not checked. */
  readonly threshold: FloatPlane | number;
  /** DN; a raw value at or below it is AD_FLOOR | DO_NOT_USE. */
  readonly floor?: number | undefined;
  /** Pixels in x and y to which saturation spreads; default 1. */
  readonly grow?: number | undefined;
}

export interface JumpSpec {
  /** σ; default 4, for `likely` 4.5. */
  readonly rejection?: number | undefined;
  /** σ where three differences are left; default 5. */
  readonly fourReads?: number | undefined;
  /** σ where two differences are left; default 6. */
  readonly threeReads?: number | undefined;
  /** σ between which a jump is shared with the four neighbours; default 10 to 1000. */
  readonly neighbours?: { readonly min: number; readonly max: number } | false | undefined;
  /** Reads within `seconds` after a jump of `threshold` DN or more are flagged too; default none. */
  readonly after?: readonly { readonly threshold: number; readonly seconds: number }[] | undefined;
  /** Snowballs are looked for among jumps and saturated pixels, in a replay of its own; default not. */
  readonly large?: LargeEvents | undefined;
}

export interface FitRampSpec {
  readonly shape: Shape2;
  readonly ramps: readonly Ramp[];
  /** Flags of pixels; they go to `dq`, and DO_NOT_USE keeps a pixel out. */
  readonly mask?: FlagPlane | undefined;
  readonly saturation?: SaturationSpec | undefined;
  /** DN, subtracted from every read; NaN counts as 0. */
  readonly bias?: FloatPlane | undefined;
  readonly nonlinearity?: Nonlinearity | undefined;
  /** DN, subtracted read by read from every ramp; NaN counts as 0. */
  readonly dark?: readonly RawImage[] | undefined;
  /** e-/DN. */
  readonly gain: FloatPlane | number;
  /** DN, of a single read. */
  readonly readNoise: FloatPlane | number;
  /** Jumps are looked for: by two-point differences before `ols`, jointly with the fit by `likely`. */
  readonly jump?: JumpSpec | undefined;
  /** `likely` needs three differences; with fewer, `ols` is done. */
  readonly method: 'ols' | 'likely';
  /** Of `ols`: of its own estimator, or by the formulae of JWST's; default exact. */
  readonly variance?: 'exact' | 'jwst' | undefined;
  /** A fit of each ramp too. */
  readonly perRamp?: boolean | undefined;
  readonly readsUsed?: boolean | undefined;
  readonly pedestal?: boolean | undefined;
  /** Where in an open file the final group flags go, uint8 `[nreads of all ramps, ny, nx]`. */
  readonly groupDq?: { readonly fd: number; readonly offset: number } | undefined;
}

/** Frames that the caller releases. */
export interface RampFit {
  /** DN/s. */
  readonly slope: FloatPlane;
  readonly varPoisson: FloatPlane;
  readonly varRnoise: FloatPlane;
  readonly dq: FlagPlane;
  /** Number of reads in the fit. */
  readonly readsUsed?: FlagPlane;
  /** DN, signal at the reset by the first read used. */
  readonly pedestal?: FloatPlane;
}

export interface FitRampResult extends RampFit {
  readonly method: 'ols' | 'likely';
  readonly ramps: readonly RampFit[];
  /** Pixels with a jump before, and pixels saturated in, each read of all ramps. */
  readonly jumps: readonly number[];
  readonly saturated: readonly number[];
  /** Large events in each read of all ramps, where they were looked for. */
  readonly events?: readonly number[];
}

const bad = (message: string): KernelsError => new KernelsError('BadSpec', message);

const checkImages = (images: readonly RawImage[], count: number, what: string, shape: Shape2): void => {
  if (images.length !== count)
    throw bad(`${images.length} ${what} for ${count} reads; give one to each read`);
  for (const image of images) checkImageOf(image, shape);
};

/** Networks and records of the plan have 16 bits for a read. */
const MOST_READS = 4096;

/** @throws KernelsError BadSpec */
export const checkFitRamp = ({ ramps, shape, dark, saturation }: FitRampSpec): void => {
  if (ramps.length === 0) throw bad('no ramps; give one or more');
  for (const { reads, times, groupDq, offsets, rowOffsets, lost = [] } of ramps) {
    if (reads.length < 2) throw bad(`a slope needs two reads or more to a ramp, ${reads.length} given`);
    if (times.length !== reads.length) throw bad(`${times.length} times for ${reads.length} reads`);
    checkTimes(times);
    checkImages(reads, reads.length, 'reads', shape);
    if (groupDq) checkImages(groupDq, reads.length, 'planes of group flags', shape);
    if (dark) checkImages(dark.slice(0, reads.length), reads.length, 'reads of the dark', shape);
    const outputs = offsets ? offsets.length / reads.length : 1;
    if (!Number.isInteger(outputs) || outputs < 1 || shape[1] % outputs !== 0) {
      throw bad(
        `${offsets?.length} offsets for ${reads.length} reads of ${shape[1]} columns; give one per read and output, outputs being equal stripes of columns`,
      );
    }
    if (rowOffsets && rowOffsets.length !== reads.length * shape[0])
      throw bad(`${rowOffsets.length} offsets of rows for ${reads.length} reads of ${shape[0]} rows`);
    const outside = lost
      .flat()
      .find(({ x0, y0, nx, ny }) => !(x0 >= 0 && y0 >= 0 && x0 + nx <= shape[1] && y0 + ny <= shape[0]));
    if (outside) throw bad(`pixels ${JSON.stringify(outside)} are lost of a frame [${shape}]`);
  }
  const total = ramps.reduce((sum, { reads }) => sum + reads.length, 0);
  if (total > MOST_READS) throw bad(`${total} reads; at most ${MOST_READS} are fitted together`);
  const grow = saturation?.grow ?? 1;
  if (!(Number.isInteger(grow) && grow >= 0)) throw bad(`saturation grows by ${grow} pixels; give 0 or more`);
};
