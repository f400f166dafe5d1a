/** Errors of steps and pipelines. `retriable` false: the same input will fail again. */
export type StepErrorCode =
  | 'STEP_OPTION_UNKNOWN'
  | 'STEP_OPTION_TYPE'
  | 'STEP_UNKNOWN'
  | 'REFERENCE_NOT_FOUND'
  | 'REFERENCE_UNAVAILABLE';

/** Thrown when a pipeline cannot be set up or a reference it needs cannot be had. */
export class StepError extends Error {
  override readonly name = 'StepError';
  readonly code: StepErrorCode;
  readonly step: string;
  readonly retriable: boolean;
  constructor(
    code: StepErrorCode,
    step: string,
    message: string,
    options?: { retriable?: boolean; cause?: unknown },
  ) {
    super(message, options?.cause === undefined ? undefined : { cause: options.cause });
    this.code = code;
    this.step = step;
    this.retriable = options?.retriable ?? false;
  }
}
