import { availableParallelism } from 'node:os';
import * as arithmetic from './arithmetic.ts';
import { batchedCore } from './batch.ts';
import { type CalibrateSpec, calibrate } from './calibrate.ts';
import { type Combined, type CombineSpec, combine } from './combine.ts';
import type { Core } from './core.ts';
import { countGood, type GoodCount } from './count-good.ts';
import { type EncodedPlanes, encodePlanes, type PlacedPlane, writePlanes } from './encode.ts';
import { KernelsError } from './errors.ts';
import { fitRamp } from './fit-ramp.ts';
import { readFlags, readFloat } from './frames.ts';
import type { FlagPlane, FloatPlane, RawImage, Shape2 } from './plane.ts';
import type { WriteTarget } from './plane-writer.ts';
import { COUNTER, createPool, type PoolUse } from './pool.ts';
import { type Good, type Quantiles, quantiles } from './quantiles.ts';
import type { FitRampResult, FitRampSpec } from './ramp-spec.ts';
import { type SampleResult, type SampleSpec, sample } from './sample.ts';
import { type Statistics, statistics } from './statistics.ts';
import { openSums, type Sums, type SumsSpec } from './sums.ts';
import { type Build, compileModule, startTeam } from './team.ts';

export interface EngineOptions {
  /** Worker threads; default `DRS_THREADS`, else one per core. */
  readonly threads?: number;
  /** Cap of the frame pool; default and most: what one WebAssembly memory holds, 4 GiB. */
  readonly maxBytes?: number;
  /** Module to run; default the relaxed one where the JavaScript engine knows its instructions. */
  readonly build?: Build;
}

/**
 * Frames in a pool and the kernels that work on them. Calls may overlap; they run one after the other, each on all
 * threads. Frames given to a call must not be released before its promise settles; on error nothing is left held.
 */
export interface Engine {
  readonly threads: number;
  readonly pool: PoolUse;
  /** New frame, filled with `fill` (default 0). @throws KernelsError PoolExhausted */
  float32(shape: Shape2, fill?: number): FloatPlane;
  /** New flag frame, filled with `fill` (default 0). @throws KernelsError PoolExhausted */
  uint32(shape: Shape2, fill?: number): FlagPlane;
  /** New frame with whatever its memory held: for an operation that writes every pixel. @throws KernelsError PoolExhausted */
  unset(shape: Shape2): FloatPlane;
  readFloat(image: RawImage): Promise<FloatPlane>;
  readFlags(image: RawImage): Promise<FlagPlane>;
  /** As they stand in a file, to be written when there is time; the planes may be given back at once. */
  encodePlanes(planes: readonly PlacedPlane[]): Promise<EncodedPlanes>;
  /** Writes pixels at places of an open file and returns their DATASUMs. */
  writePlanes(planes: readonly PlacedPlane[], target: WriteTarget): Promise<number[]>;
  sample(spec: SampleSpec): Promise<SampleResult>;
  /** Sums fed read by read while a ramp runs. @throws KernelsError BadSpec, PoolExhausted */
  openSums(spec: SumsSpec): Sums;
  fitRamp(spec: FitRampSpec): Promise<FitRampResult>;
  calibrate(spec: CalibrateSpec): Promise<void>;
  subtractPlane(spec: arithmetic.SubtractPlaneSpec): Promise<void>;
  subtractValue(
    spec: arithmetic.ValueSpec & { readonly variance?: FloatPlane; readonly valueVariance?: number },
  ): Promise<void>;
  /** plane += add. */
  addPlane(spec: { readonly plane: FloatPlane; readonly add: FloatPlane }): Promise<void>;
  divideValue(spec: arithmetic.ValueSpec & { readonly variances?: readonly FloatPlane[] }): Promise<void>;
  orFlags(dq: FlagPlane, flags: FlagPlane | number): Promise<void>;
  flagNotAbove(spec: arithmetic.FlagNotAboveSpec): Promise<void>;
  copyGood(spec: arithmetic.CopyGoodSpec): Promise<void>;
  /** Counts pixels of flag frames that have none of the mask's bits. */
  countGood(mask: number): GoodCount;
  errorOf(components: readonly FloatPlane[]): Promise<FloatPlane>;
  quantiles(plane: FloatPlane, q: readonly number[], good?: Good): Promise<Quantiles>;
  statistics(plane: FloatPlane, good?: Good): Promise<Statistics>;
  combine(frames: readonly FloatPlane[], spec: CombineSpec): Promise<Combined>;
  /** plane = (factor·plane)². */
  square(spec: { readonly plane: FloatPlane; readonly factor?: number }): Promise<void>;
  /**
   * An engine over the same memory and threads that puts off what works pixel by pixel until a call needs its result,
   * and does it in one pass: reading, calibration and arithmetic of a frame are then fetched from memory once. Frames
   * that it made are its own; their `data` is there after `settled`. Errors of what was put off come with a later call.
   */
  batched(): Engine;
  /** Waits for what `batched` has put off. */
  settled(): Promise<void>;
  /** Waits for the calls in hand and ends the threads. */
  close(): Promise<void>;
}

const defaultThreads = (): number => {
  const given = process.env.DRS_THREADS;
  if (given === undefined || given === '') return availableParallelism();
  const threads = Number(given);
  if (Number.isInteger(threads) && threads > 0) return threads;
  throw new KernelsError(
    'BadSpec',
    `DRS_THREADS is "${given}"; set it to a positive integer or leave it unset`,
  );
};

/** Starts the worker threads. They do not keep the process alive while idle. */
export const openEngine = async (options: EngineOptions = {}): Promise<Engine> => {
  const threads = options.threads ?? defaultThreads();
  if (!(Number.isInteger(threads) && threads > 0)) {
    throw new KernelsError('BadSpec', `${threads} threads; give a positive integer`);
  }
  const pool = createPool(options.maxBytes);
  const module = await compileModule(options.build);
  const team = startTeam(module, pool.memory, threads, COUNTER);
  const settled = async (): Promise<void> => {};
  return engineOver({ pool, team, settled }, pool, () => team.close());
};

const engineOver = (core: Core, use: PoolUse, close: () => Promise<void>): Engine => {
  const { pool, team } = core;
  return {
    threads: team.threads,
    pool: use,
    float32: (shape, fill = 0) => pool.float32(shape, fill),
    uint32: (shape, fill = 0) => pool.uint32(shape, fill),
    unset: (shape) => pool.float32(shape),
    readFloat: (image) => readFloat(core, image),
    readFlags: (image) => readFlags(core, image),
    encodePlanes: (planes) => encodePlanes(core, planes),
    writePlanes: (planes, target) => writePlanes(core, planes, target),
    sample: (spec) => sample(core, spec),
    openSums: (spec) => openSums(core, spec),
    fitRamp: (spec) => fitRamp(core, spec),
    calibrate: (spec) => calibrate(core, spec),
    subtractPlane: (spec) => arithmetic.subtractPlane(core, spec),
    subtractValue: (spec) => arithmetic.subtractValue(core, spec),
    addPlane: (spec) => arithmetic.addTo(core, spec),
    divideValue: (spec) => arithmetic.divideValue(core, spec),
    orFlags: (dq, flags) => arithmetic.orFlags(core, dq, flags),
    flagNotAbove: (spec) => arithmetic.flagNotAbove(core, spec),
    copyGood: (spec) => arithmetic.copyGood(core, spec),
    countGood: (mask) => countGood(core, mask),
    errorOf: (components) => arithmetic.errorOf(core, components),
    quantiles: (plane, q, good) => quantiles(core, plane, q, good),
    statistics: (plane, good) => statistics(core, plane, good),
    combine: (frames, spec) => combine(core, frames, spec),
    square: (spec) => arithmetic.square(core, spec),
    batched: () => engineOver(batchedCore(core), use, close),
    settled: () => core.settled(),
    close,
  };
};
