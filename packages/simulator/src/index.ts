export { type CheckOptions, checkFrame, type FrameCheck, type ReducedFrame } from './check.ts';
export type { CswEvent, CswParameter, PublishedEvent } from './csw.ts';
export { type DetectorSettings, defaultDetector } from './detector.ts';
export type { Effects, FlickerEffect, OutputEffects } from './effects.ts';
export { SimulatorError, type SimulatorErrorCode } from './errors.ts';
export type { Rectangle } from './frame.ts';
export { type Hit, type HitKind, type HitSettings, trueHits } from './hits.ts';
export type { LightSettings, Settling } from './light.ts';
export { type ObservationItem, simulateObservation } from './observation.ts';
export { type OutputOffsets, trueOutputOffsets } from './outputs.ts';
export { type PixelTruth, pixelTruth } from './pixeltruth.ts';
export {
  type ExposurePlan,
  type MissingRead,
  type ObservationEffects,
  type ObservationOptions,
  type ObservationPlan,
  planObservation,
  type ReadFile,
  type SimulationProgress,
} from './plan.ts';
export { gaussianPsf, type Psf } from './psf.ts';
export { type RampSettings, simulateRamp } from './ramp.ts';
export type { ReadNumber } from './readfile.ts';
export { type CalibrationSettings, perfectCalibration } from './reference.ts';
export type { Scene, Star } from './scene.ts';
export { type SeeingSettings, seeingSeries } from './seeing.ts';
export {
  type SoakEvents,
  type SoakOptions,
  type SoakReferencesOptions,
  type SoakWriter,
  soakEvents,
  soakReferences,
  soakWriter,
} from './soak.ts';
export { type FrameTruth, type TrueHit, type TrueStar, truthOf } from './truth.ts';
export { writeRamp } from './writeramp.ts';
