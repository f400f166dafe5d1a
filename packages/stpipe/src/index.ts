export { backgroundsFor, type FrameTraits } from './association.ts';
export { StepError, type StepErrorCode } from './errors.ts';
export { createReferenceCache, type Lease, type ReferenceCache } from './reference-cache.ts';
export { headerTexts, type PipelineSetup, runSteps, type StepOutcome } from './run.ts';
export { type OptionSpec, type OptionsOf, parseOptions, type Spec } from './spec.ts';
export {
  type AnyStep,
  type Closable,
  defineStep,
  type Model,
  type Step,
  type StepContext,
  type StepDescription,
  type StepLog,
} from './step.ts';
export { VERSION } from './version.ts';
