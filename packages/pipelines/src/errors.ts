/** What can be wrong with an offline run beside its configuration, its files and its steps. */
export type PipelineErrorCode =
  | 'NOT_AVAILABLE' // a class, step or option that users know and that does nothing here yet
  | 'INPUTS' // more or fewer input files than the class takes
  | 'INPUT_MISSING' // a file that is named is not there
  | 'NO_REFERENCES' // a reference is needed and no CRDS cache is known
  | 'NO_DIRECTORY' // a file stands where products are to go
  | 'NO_PIXELS' // a frame of which no pixel may be used
  | 'HOOK_FAILED' // a hook of the user ended with an error, or left no frame
  | 'FRAMES_UNLIKE' // frames of another detector, filter, shape or exposure time than may be reduced together
  | 'OUTPUT_NAME' // no file can be called as the product is to be
  | 'OUTPUT_IS_INPUT'; // the product would replace one of its inputs

/** Thrown before the product is written. */
export class PipelineError extends Error {
  override readonly name = 'PipelineError';
  readonly code: PipelineErrorCode;
  constructor(code: PipelineErrorCode, message: string, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause });
    this.code = code;
  }
}
