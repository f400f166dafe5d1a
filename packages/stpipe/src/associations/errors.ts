/** What can be wrong with an association. */
export type AssociationErrorCode =
  | 'ASN_NOT_FOUND' // no such file, or it cannot be read
  | 'ASN_NOT_JSON' // the file is no JSON text
  | 'ASN_NOT_VALID' // JSON, but not what an association holds
  | 'ASN_NO_SCIENCE' // a product without a science member
  | 'ASN_MEMBER_MISSING'; // members that are no files

/** Thrown when an association cannot be used. The same input will fail again. */
export class AssociationError extends Error {
  override readonly name = 'AssociationError';
  readonly code: AssociationErrorCode;
  /** The association file, or the first input where there is none. */
  readonly file: string;
  constructor(code: AssociationErrorCode, file: string, message: string, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause });
    this.code = code;
    this.file = file;
  }
}
