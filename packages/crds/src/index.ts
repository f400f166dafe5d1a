export { type Aliases, IRIS_ALIASES } from './aliases.ts';
export {
  buildCache,
  type CacheReference,
  type CacheRules,
  type CacheSpec,
  initialiseCache,
  REFERENCE_TYPES,
  writeMapping,
} from './cache/build.ts';
export type { CacheLayout } from './cache/layout.ts';
export { type LocalReferences, type LocalReferencesOptions, localReferences } from './cache/local.ts';
export { bestReferences, type Context, loadContext, referenceFiles } from './context.ts';
export { CrdsError, type CrdsErrorCode, MappingFormatError } from './errors.ts';
export { formatMapping, type MappingRules, type MappingText, type MappingValue } from './format.ts';
export { type Mapping, type MappingOptions, parseMapping } from './mapping.ts';
export type { BestReference, ReferenceSource } from './source.ts';
