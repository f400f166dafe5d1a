/** What can be wrong with a configuration; the names are those of ConfigObj where it has one. */
export type ConfigErrorCode =
  | 'NestingError' // a section deeper than its parent allows, or brackets that do not balance
  | 'DuplicateError' // a key or a section given twice
  | 'ParseError' // a line that is neither section nor key, or a value with unbalanced quotes or commas
  | 'ConfigObjError' // several of the above, in `errors`; or a value that cannot be quoted
  | 'MissingInterpolationOption' // %(name)s and no such name
  | 'InterpolationLoopError' // %(a)s that leads back to itself
  | 'RecursionError' // %(a)s through too many names, or that grows without bound
  | 'TypeError' // %(name)s of a list
  | 'AttributeError' // a section where a value belongs, or a value named DEFAULT
  | 'UnicodeDecodeError' // the file is not UTF-8 text
  | 'SpecError' // the spec itself, not the configuration, is wrong
  | 'NOT_FOUND' // no such file
  | 'CLASS_UNKNOWN' // class names no pipeline or step of ours
  | 'VALIDATION'; // values or keys that the spec does not allow: all of them in the message

/**
 * Thrown for a configuration that cannot be read or does not fit its spec. `errors` holds all that was found, in
 * the order of the lines; it is never empty.
 */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';
  readonly code: ConfigErrorCode;
  /** 1-based. */
  readonly line: number | undefined;
  readonly file: string | undefined;
  readonly errors: readonly ConfigError[];
  constructor(
    code: ConfigErrorCode,
    message: string,
    details?: { line?: number; file?: string; errors?: readonly ConfigError[]; cause?: unknown },
  ) {
    super(message, details?.cause === undefined ? undefined : { cause: details.cause });
    this.code = code;
    this.line = details?.line;
    this.file = details?.file;
    this.errors = details?.errors ?? [this];
  }
}
