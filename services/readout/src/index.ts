export { readoutPipeline } from './pipeline.ts';
export { planOf, type ReadoutPlan } from './plan.ts';
