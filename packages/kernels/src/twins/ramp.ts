/** Reads of one pixel without a reset between them. */
export interface PixelRamp {
  /** s since the reset. */
  readonly times: readonly number[];
  /** DN, linear. */
  readonly signal: readonly number[];
  /** Group flags; jump searches add to them. */
  readonly flags: number[];
}

export interface RampPixel {
  readonly ramps: readonly PixelRamp[];
  /** e-/DN. */
  readonly gain: number;
  /** DN, of a single read. */
  readonly readNoise: number;
}

export interface PixelFit {
  readonly slope: number;
  readonly varPoisson: number;
  readonly varRnoise: number;
  readonly readsUsed: number;
  /** Smallest relative distance of a number from the limit that it was held against. */
  readonly margin: number;
}

export const DO_NOT_USE = 1;
export const SATURATED = 2;
export const JUMP_DET = 4;
export const DROPOUT = 8;
/** Flags that end a segment: all but PERSISTENCE. */
export const BREAK = 0x4f;

export const median = (values: readonly number[]): number => {
  const sorted = values.toSorted((a, b) => a - b);
  const n = sorted.length;
  return n === 0 ? Number.NaN : (sorted[(n - 1) >> 1]! + sorted[n >> 1]!) / 2;
};

/** One pair of neighbouring reads. */
export interface Difference {
  readonly ramp: number;
  /** Index of the later read in its ramp. */
  readonly read: number;
  readonly dt: number;
  /** DN. */
  readonly rise: number;
  readonly before: number;
  readonly after: number;
}

export const differencesOf = (ramps: readonly PixelRamp[]): Difference[] =>
  ramps.flatMap(({ times, signal, flags }, ramp) =>
    times.slice(1).map((t, i) => ({
      ramp,
      read: i + 1,
      dt: t - times[i]!,
      rise: signal[i + 1]! - signal[i]!,
      before: flags[i]!,
      after: flags[i + 1]!,
    })),
  );
