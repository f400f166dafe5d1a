/** Errors of steps and pipelines. */
export type StepErrorCode =
  | 'STEP_OPTION_UNKNOWN' // an option that the step's spec lacks
  | 'STEP_OPTION_TYPE' // an option's value is not what its spec asks for
  | 'STEP_UNKNOWN' // options for a step that the pipeline lacks
  | 'STEP_NEEDED' // a step was skipped without which there is no product
  | 'STEP_INPUT' // the frame lacks what the step works on
  | 'REFERENCE_NOT_FOUND' // the rules have no answer for a reference that is needed
  | 'MEMORY_SHORT'; // the frame pool is full; retriable, as other frames will leave it

/** Thrown when a pipeline cannot be set up or a step cannot do its work. `retriable` false: it will fail again. */
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
