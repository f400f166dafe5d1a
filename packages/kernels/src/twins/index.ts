/** Plain double-precision forms of the two largest kernels, for benchmarks and oracles outside this room. */
export { type CalibratePixel, calibrate } from './calibrate.ts';
export { type SamplePixel, sample } from './sample.ts';
