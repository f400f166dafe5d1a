export { type Aliases, IRIS_ALIASES } from './aliases.ts';
export { type ActivateOptions, activate, history, rollback } from './cache/activate.ts';
export {
  buildCache,
  type CacheReference,
  type CacheRules,
  type CacheSpec,
  initialiseCache,
  REFERENCE_TYPES,
  writeMapping,
} from './cache/build.ts';
export type { Account } from './cache/change.ts';
export type { HistoryEntry, IngestedReference } from './cache/history.ts';
export { type CacheLayout, contextsOf, findContext, locateMapping } from './cache/layout.ts';
export { type LocalReferences, type LocalReferencesOptions, localReferences } from './cache/local.ts';
export { type PutOptions, putReference } from './cache/put-reference.ts';
export { type StoredReference, sweepStaging } from './cache/stage-reference.ts';
export { bestReferences, type Context, loadContext, referenceFiles } from './context.ts';
export { CrdsError, type CrdsErrorCode, MappingFormatError } from './errors.ts';
export { formatMapping, type MappingRules, type MappingText, type MappingValue } from './format.ts';
export { type MappingJson, mappingJson } from './json.ts';
export { type Mapping, type MappingOptions, parseMapping } from './mapping.ts';
export { type MatchAnswer, matchHeader } from './match-header.ts';
export { type MappingSum, mappingSum, withChecksum } from './rechecksum.ts';
export type { BestReference, ReferenceSource } from './source.ts';
