export type { BusErrorCode } from './errors.ts';
export { BusError } from './errors.ts';
export type { Log, ProducedFrame, StageContext, StageDefinition, StepScope } from './stage.ts';
export type { Volume } from './volume.ts';
export { openVolume } from './volume.ts';
