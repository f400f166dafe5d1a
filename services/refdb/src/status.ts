import { serviceErrorOf } from '@iris-drs/bus';
import { CrdsError, type CrdsErrorCode, NotCertified } from '@iris-drs/crds';

const INVALID_ARGUMENT = 3;
const NOT_FOUND = 5;
const ALREADY_EXISTS = 6;
const RESOURCE_EXHAUSTED = 8;
const FAILED_PRECONDITION = 9;
const ABORTED = 10;
const DATA_LOSS = 15;

/** Canonical codes of gRPC for what a client can be told apart by; the rest as every service maps errors. */
const STATUS: Partial<Record<CrdsErrorCode, number>> = {
  UnsafeName: INVALID_ARGUMENT,
  NotAReference: INVALID_ARGUMENT,
  RecordIncomplete: INVALID_ARGUMENT,
  ContextNotFound: NOT_FOUND,
  MappingNotFound: NOT_FOUND,
  ReferenceNotFound: NOT_FOUND,
  ReferenceExists: ALREADY_EXISTS,
  CacheFull: RESOURCE_EXHAUSTED,
  CacheReadOnly: FAILED_PRECONDITION,
  ReferenceIsPointer: FAILED_PRECONDITION,
  ContextBroken: FAILED_PRECONDITION,
  NothingToRollBack: FAILED_PRECONDITION,
  ContextChanged: ABORTED,
  WritersCollide: ABORTED,
  HistoryBroken: DATA_LOSS,
  ReferenceDamaged: DATA_LOSS,
};

/** What was found in references that are refused, as JSON; trailers are kept below 8 kB. */
const FINDINGS_TRAILER = 'drs-findings-bin';
const MAX_FINDINGS_BYTES = 4096;

const findingsOf = ({ findings }: NotCertified): Buffer => {
  for (let count = findings.length; ; count = Math.floor(count / 2)) {
    const bytes = Buffer.from(JSON.stringify(findings.slice(0, count)));
    if (bytes.length <= MAX_FINDINGS_BYTES) return bytes;
  }
};

/** The gRPC status of any error. */
export const statusOf = (error: unknown): ReturnType<typeof serviceErrorOf> => {
  const answer = serviceErrorOf(error);
  if (error instanceof NotCertified) answer.metadata?.set(FINDINGS_TRAILER, findingsOf(error));
  const code = error instanceof CrdsError ? STATUS[error.code] : undefined;
  return code === undefined ? answer : { ...answer, code };
};
