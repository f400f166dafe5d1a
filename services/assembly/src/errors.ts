/** Every failure of this room: when it is thrown, and whether trying again may help. */
const ASSEMBLY_ERRORS = {
  /** Another instance wrote a record, or the bucket was replaced: this term is over. */
  STORE_TAKEN: { retriable: true },
  /** A file that an event announced has not become visible. */
  FILE_ABSENT: { retriable: true },
  /** A second file for a detector whose data are being reduced already. */
  SECOND_FILE: { retriable: false },
  /** A file of several detectors without the one that the event names. */
  DETECTOR_ABSENT: { retriable: false },
} as const;

type AssemblyErrorCode = keyof typeof ASSEMBLY_ERRORS;

export class AssemblyError extends Error {
  override readonly name = 'AssemblyError';
  readonly code: AssemblyErrorCode;
  readonly retriable: boolean;
  /** File or key at fault. */
  readonly input: string;

  constructor(code: AssemblyErrorCode, input: string, message: string) {
    super(message);
    this.code = code;
    this.retriable = ASSEMBLY_ERRORS[code].retriable;
    this.input = input;
  }
}
