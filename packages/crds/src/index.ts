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
export { checksumsIgnored } from './cache/environment.ts';
export { assertSafeName, isMappingName } from './cache/files.ts';
export type { HistoryEntry, IngestedReference } from './cache/history.ts';
export {
  beginIngest,
  type IngestAccount,
  type IngestBatch,
  type Ingested,
  type IngestRequest,
  ingest,
  type NewReference,
} from './cache/ingest.ts';
export { type CacheLayout, contextsOf, findContext, findReference, locateMapping } from './cache/layout.ts';
export { type LocalReferences, type LocalReferencesOptions, localReferences } from './cache/local.ts';
export { type PutOptions, putReference } from './cache/put-reference.ts';
export { fileChecksum, readRegular } from './cache/regular-file.ts';
export { type StagedReference, type StoredReference, sweepStaging } from './cache/stage-reference.ts';
export { certifyMapping } from './certify/mapping.ts';
export { type CertifyOptions, certifyReference } from './certify/reference.ts';
export type { CertifyFinding } from './certify/rule.ts';
export type { Applicability } from './choose.ts';
export { bestReferences, type Context, referenceFiles, referenceTypes } from './context.ts';
export {
  type ContextChanges,
  type Derivation,
  type DerivedChange,
  type DerivedMapping,
  deriveContext,
} from './derive/derive.ts';
export {
  type ContextDiff,
  type Difference,
  diffContexts,
  diffInstrumentMappings,
  diffReferenceMappings,
  diffText,
} from './diff/diff.ts';
export { CrdsError, type CrdsErrorCode, MappingFormatError, NotCertified } from './errors.ts';
export {
  type Condition,
  type ExplainedLevel,
  type Explanation,
  explain,
  explanationText,
} from './explain.ts';
export { filesOf } from './files.ts';
export { formatMapping, type MappingRules, type MappingText, type MappingValue } from './format.ts';
export { type MappingJson, mappingJson } from './json.ts';
export { loadContext, loadInstrument } from './load.ts';
export { type Mapping, type MappingOptions, parseMapping } from './mapping.ts';
export { type MatchAnswer, matchHeader } from './match-header.ts';
export { type MappingSum, mappingSum, withChecksum } from './rechecksum.ts';
export type { BestReference, ReferenceSource } from './source.ts';
