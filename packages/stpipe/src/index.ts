export { backgroundsFor, type FrameTraits } from './association.ts';
export { StepError, type StepErrorCode } from './errors.ts';
export { withRoom } from './memory.ts';
export { createReferenceCache, type Lease, type ReferenceCache } from './reference-cache.ts';
export { flagWhereUnknown } from './reference-flags.ts';
export { type PipelineSetup, runSteps, type StepOutcome } from './run.ts';
export type { OptionSpec, OptionsOf, Spec } from './spec.ts';
export {
  type AnyStep,
  type Closable,
  defineStep,
  type Model,
  type OpenReference,
  type Step,
  type StepContext,
  type StepDescription,
  type StepLog,
} from './step.ts';
export { VERSION } from './version.ts';
