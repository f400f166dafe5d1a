export { dueTasks, isWaiting, type Rules } from './decide.ts';
export type { ExposureRecord, FrameState, ProductSummary } from './record.ts';
