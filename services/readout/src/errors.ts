export type ReadoutErrorCode = 'EXPOSURE_ABORTED'; // and the setting says that aborted exposures give no product

/** What the readout stage itself refuses; its steps throw StepError. */
export class ReadoutError extends Error {
  override readonly name = 'ReadoutError';
  readonly code: ReadoutErrorCode;
  readonly retriable = false;
  constructor(code: ReadoutErrorCode, message: string) {
    super(message);
    this.code = code;
  }
}
