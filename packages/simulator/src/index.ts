export { type CheckOptions, checkFrame, type FrameCheck, type ReducedFrame } from './check.ts';
export { chiSquareQuantile } from './chisquare.ts';
export { type DetectorSettings, defaultDetector } from './detector.ts';
export { SimulatorError, type SimulatorErrorCode } from './errors.ts';
export { gaussianPsf, type Psf } from './psf.ts';
export { type RampSettings, readTimes, simulateRamp } from './ramp.ts';
export type { Scene, Star } from './scene.ts';
export { type FrameTruth, type TrueStar, truthOf } from './truth.ts';
