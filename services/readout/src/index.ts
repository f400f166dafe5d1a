export { readoutPipeline } from './pipeline.ts';
export { planOf, type ReadoutPlan } from './plan.ts';
export { saveRateints } from './rateints.ts';
