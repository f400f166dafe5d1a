export { findClass, type KnownClass } from './classes.ts';
export { type Configured, type ConfigureRequest, configure, type StepSettings } from './configure.ts';
export { type Hook, parseHooks } from './hooks.ts';
export { loadConfigFile } from './load.ts';
export {
  makeInputPath,
  makeOutputPath,
  type NamingRequest,
  type NamingRules,
  removeSuffix,
} from './naming.ts';
export type { StepLookup } from './shape.ts';
