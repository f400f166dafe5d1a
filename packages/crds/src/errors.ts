import type { CertifyFinding } from './certify/rule.ts';

/** Names CRDS gives its errors, so that answers read alike, and those of the cache that it has no name for. */
export type CrdsErrorCode =
  // mapping files
  | 'MappingFormatError'
  | 'ChecksumError'
  | 'MissingHeaderKeyError'
  | 'MappingNotFound'
  | 'NotSupported'
  // choosing
  | 'CrdsLookupError'
  | 'MatchingError'
  | 'UseAfterError'
  | 'VersionAfterError'
  | 'ValidationError'
  | 'AssertionError'
  | 'AmbiguousMatchError'
  | 'InvalidDatetimeError'
  | 'CrdsUnknownInstrumentError'
  | 'CrdsUnknownReftypeError'
  | 'MissingInstrument'
  | 'CrdsBadReferenceError'
  | 'CrdsBadRulesError'
  // deriving
  | 'MappingInsertionError'
  | 'InvalidUseAfterFormat'
  // the cache
  | 'ContextNotFound'
  | 'ReferenceNotFound'
  | 'ReferenceIsPointer'
  | 'UnsafeName'
  | 'CacheNotEmpty'
  | 'CacheFull'
  | 'CacheReadOnly'
  // changing it
  | 'ReferenceExists'
  | 'ReferenceDamaged'
  | 'NotAReference'
  | 'NotCertified'
  | 'HistoryBroken'
  | 'ContextBroken'
  | 'ContextChanged'
  | 'NothingToRollBack'
  | 'RecordIncomplete'
  | 'WritersCollide';

/** Every failure of this room. `code` names it, `file` the mapping or reference it is about. */
export class CrdsError extends Error {
  readonly code: CrdsErrorCode;
  readonly file?: string;

  constructor(code: CrdsErrorCode, message: string, details: { file?: string; cause?: unknown } = {}) {
    super(message, 'cause' in details ? { cause: details.cause } : undefined);
    this.name = 'CrdsError';
    this.code = code;
    if (details.file !== undefined) this.file = details.file;
  }
}

/** Text that is no mapping file, at `line` (1-based). */
export class MappingFormatError extends CrdsError {
  readonly line: number;

  constructor(message: string, line: number, file?: string) {
    super('MappingFormatError', `${file ?? 'mapping'}, line ${line}: ${message}`, file ? { file } : {});
    this.name = 'MappingFormatError';
    this.line = line;
  }
}

/** References that an ingest refuses; `findings` holds everything that was found, warnings too. */
export class NotCertified extends CrdsError {
  readonly findings: readonly CertifyFinding[];

  constructor(findings: readonly CertifyFinding[]) {
    const errors = findings.filter(({ severity }) => severity === 'error');
    const [first] = errors;
    const more = errors.length > 1 ? ` (and ${errors.length - 1} more)` : '';
    super('NotCertified', `${first?.file ?? 'a reference'} is refused: ${first?.message ?? ''}${more}`);
    this.name = 'NotCertified';
    this.findings = findings;
  }
}

const LOOKUP_ERRORS: ReadonlySet<CrdsErrorCode> = new Set([
  'CrdsLookupError',
  'MatchingError',
  'UseAfterError',
  'VersionAfterError',
]);

/** True for a lookup that found nothing: only these let a selector try its next best candidate. */
export const isLookupError = (error: unknown): error is CrdsError =>
  error instanceof CrdsError && LOOKUP_ERRORS.has(error.code);
