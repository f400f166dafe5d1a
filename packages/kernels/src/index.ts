export type { SubtractPlaneSpec, ValueSpec } from './arithmetic.ts';
export type { CalibrateSpec, Correction } from './calibrate.ts';
export { combinationFor, isCombination, type Pair } from './combination.ts';
export { type Combined, type CombineSpec, MOST_FRAMES, medianFactor } from './combine.ts';
export type { GoodCount } from './count-good.ts';
export { type Engine, type EngineOptions, openEngine } from './engine.ts';
export { KernelsError, type KernelsErrorCode } from './errors.ts';
export type { LargeEvents } from './events/large-events.ts';
export type { Nonlinearity } from './feed.ts';
export type { FlagPlane, FloatPlane, Plane, RawImage, Shape2 } from './plane.ts';
export { type PlaneWriter, planeWriter, type WriteTarget } from './plane-writer.ts';
export type { PoolUse } from './pool.ts';
export type { Good, Quantiles } from './quantiles.ts';
export type {
  FitRampResult,
  FitRampSpec,
  JumpSpec,
  Ramp,
  RampFit,
  Rectangle,
  SaturationSpec,
} from './ramp-spec.ts';
export type { SampleResult, SampleSpec } from './sample.ts';
export {
  averageRamps,
  type OnePass,
  onePass,
  type Sampling,
  type SamplingMethod,
  samplingOf,
  samplingWeights,
} from './sampling.ts';
export type { Statistics } from './statistics.ts';
export type { FinishSpec, SummedRead, Sums, SumsSpec } from './sums.ts';
