/** Plain double-precision forms of the largest kernels, for benchmarks and oracles outside this room. */
export { type CalibratePixel, calibrate } from './calibrate.ts';
export { fitRamp, type RampFrame, type TwinFit } from './fit-ramp.ts';
export { type SamplePixel, sample } from './sample.ts';
