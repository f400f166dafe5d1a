export {
  type AssociableFrame,
  backgroundsFor,
  becomesImage,
  type FrameTraits,
  isCalibrated,
} from './association.ts';
export {
  type Association,
  type AssociationMember,
  type AssociationProduct,
  checkMembers,
  membersOf,
  scienceMember,
} from './associations/association.ts';
export { AssociationError, type AssociationErrorCode } from './associations/errors.ts';
export { type LoadOptions, loadAssociation } from './associations/load.ts';
export {
  ASSOCIATION_RULES,
  type AssociableFile,
  type AssociationJson,
  type AssociationRule,
  makeAssociations,
} from './associations/make.ts';
export { stepSections } from './cfg/class-entry.ts';
export { findClass, type KnownClass } from './cfg/classes.ts';
export {
  type Configured,
  type ConfigureRequest,
  configure,
  optionPath,
  type StepSettings,
  textOption,
} from './cfg/configure.ts';
export { isDefault } from './cfg/defaults.ts';
export { commandLine, type Hook, parseHooks } from './cfg/hooks.ts';
export { loadConfigFile } from './cfg/load.ts';
export { type LogHandler, type LogRule, loadLogConfig, logLevel, parseLogConfig } from './cfg/log-config.ts';
export { DEFAULT_LOG_FORMAT, type LogRecord, parseLogFormat } from './cfg/log-format.ts';
export {
  isFitsName,
  makeInputPath,
  makeOutputPath,
  type NamingRequest,
  type NamingRules,
} from './cfg/naming.ts';
export { matchOption } from './cfg/options.ts';
export { parametersText } from './cfg/parameters.ts';
export { referenceParameters } from './cfg/reference-parameters.ts';
export { classSpec, type StepLookup } from './cfg/shape.ts';
export { ConfigError, type ConfigErrorCode } from './config/errors.ts';
export { configToJson } from './config/json.ts';
export type { ConfigSection, ConfigValue } from './config/section.ts';
export { type ConfigSpec, checkAt, formatSpec, type OptionHelp, specHelp } from './config/spec.ts';
export { StepError, type StepErrorCode } from './errors.ts';
export { withRoom } from './memory.ts';
export { createReferenceCache, type Lease, type ReferenceCache } from './reference-cache.ts';
export { flagWhereUnknown } from './reference-flags.ts';
export { type PipelineSetup, prefetchReferences, runSteps, type StepOutcome } from './run.ts';
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
