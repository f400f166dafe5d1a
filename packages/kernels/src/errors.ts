/** Everything that can go wrong in this room. */
export type KernelsErrorCode =
  | 'PoolExhausted' // the frame pool's cap is reached: release frames or raise maxBytes
  | 'BadSpec' // shapes, counts or values of a call do not fit together
  | 'Released' // a plane was used after its release
  | 'Pending' // a frame of a batching engine was looked at before its work was done
  | 'ReadFailed' // a file could not be opened or ended too early
  | 'WriteFailed' // a file did not take the bytes
  | 'WorkerFailed' // a worker thread died or threw something unforeseen
  | 'NotBuilt' // the WebAssembly module is not there
  | 'Closed'; // the engine was closed

export interface KernelsErrorFields {
  readonly path?: string | undefined;
  /** Byte offset in the file. */
  readonly offset?: number | undefined;
  /** System error name such as ENOENT. */
  readonly errno?: string | undefined;
  readonly requestedBytes?: number | undefined;
  readonly maxBytes?: number | undefined;
}

export class KernelsError extends Error {
  readonly code: KernelsErrorCode;
  readonly path: string | undefined;
  readonly offset: number | undefined;
  readonly errno: string | undefined;
  readonly requestedBytes: number | undefined;
  readonly maxBytes: number | undefined;

  constructor(
    code: KernelsErrorCode,
    message: string,
    fields: KernelsErrorFields = {},
    options?: ErrorOptions,
  ) {
    super(message, options);
    this.name = 'KernelsError';
    this.code = code;
    this.path = fields.path;
    this.offset = fields.offset;
    this.errno = fields.errno;
    this.requestedBytes = fields.requestedBytes;
    this.maxBytes = fields.maxBytes;
  }
}

/** An error as it crosses from a worker thread. */
export interface ErrorRecord extends KernelsErrorFields {
  readonly code: KernelsErrorCode;
  readonly message: string;
}

export const toRecord = (error: unknown): ErrorRecord => {
  if (error instanceof KernelsError) {
    const { code, message, path, offset, errno } = error;
    return { code, message, path, offset, errno };
  }
  return {
    code: 'WorkerFailed',
    message: error instanceof Error ? (error.stack ?? error.message) : String(error),
  };
};

export const fromRecord = (record: ErrorRecord): KernelsError =>
  new KernelsError(record.code, record.message, record);

/** The system's name of what went wrong, ENOSPC say. */
export const errnoOf = (error: unknown): string | undefined =>
  error instanceof Error && 'code' in error ? String(error.code) : undefined;

export const writeFailed = (cause: unknown, offset: number): KernelsError => {
  const errno = errnoOf(cause);
  return new KernelsError('WriteFailed', `writing at byte ${offset} failed: ${errno ?? String(cause)}`, {
    offset,
    errno,
  });
};
