export type { ImagerFrame } from './frame.ts';
export { imagerPipeline } from './pipeline.ts';
export { bkgSubtract } from './steps/bkg-subtract.ts';
