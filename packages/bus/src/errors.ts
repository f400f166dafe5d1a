/** Errors of the bus. `retriable` says whether the same work may succeed later. */
export const BUS_ERRORS = {
  SETTING_INVALID: { retriable: false, grpc: 'INVALID_ARGUMENT' },
  NATS_UNREACHABLE: { retriable: true, grpc: 'UNAVAILABLE' },
  PROVISION_MISMATCH: { retriable: false, grpc: 'FAILED_PRECONDITION' },
  NOT_PROVISIONED: { retriable: false, grpc: 'FAILED_PRECONDITION' },
  MESSAGE_INVALID: { retriable: false, grpc: 'INVALID_ARGUMENT' },
  PUBLISH_FAILED: { retriable: true, grpc: 'UNAVAILABLE' },
  VOLUME_OUTSIDE: { retriable: false, grpc: 'PERMISSION_DENIED' },
  VOLUME_ROOT: { retriable: false, grpc: 'FAILED_PRECONDITION' },
  VOLUME_MISSING: { retriable: true, grpc: 'NOT_FOUND' },
  GRPC_INSECURE: { retriable: false, grpc: 'FAILED_PRECONDITION' },
  GRPC_BIND: { retriable: false, grpc: 'UNAVAILABLE' },
  TASK_INVALID: { retriable: false, grpc: 'INVALID_ARGUMENT' },
  TASK_MISROUTED: { retriable: false, grpc: 'INVALID_ARGUMENT' },
  REFERENCE_MISSING: { retriable: false, grpc: 'NOT_FOUND' },
  REFERENCE_FETCH: { retriable: true, grpc: 'UNAVAILABLE' },
  UNAUTHENTICATED: { retriable: false, grpc: 'UNAUTHENTICATED' },
  WRITING_DISABLED: { retriable: false, grpc: 'PERMISSION_DENIED' },
  DRAINING: { retriable: true, grpc: 'UNAVAILABLE' },
} as const;

export type BusErrorCode = keyof typeof BUS_ERRORS;

/** Thrown by everything in this room; `message` says what was found, what was expected and what to do. */
export class BusError extends Error {
  override readonly name = 'BusError';
  readonly code: BusErrorCode;
  readonly retriable: boolean;
  /** File, subject or address at fault. */
  readonly input: string;
  constructor(code: BusErrorCode, input: string, message: string, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause });
    this.code = code;
    this.input = input;
    this.retriable = BUS_ERRORS[code].retriable;
  }
}
