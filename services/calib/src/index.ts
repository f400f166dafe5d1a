export { calibPipeline } from './pipeline.ts';
export { darkCurrent } from './steps/dark-current.ts';
export { dqInit } from './steps/dq-init.ts';
export { flatField } from './steps/flat-field.ts';
