import { Metadata, type ServiceError, status as Status } from '@grpc/grpc-js';
import { BUS_ERRORS, BusError } from './errors.ts';
import { faultOf } from './fault.ts';

/** Name of the trailers that carry a package's own error code. */
const CODE_TRAILER = 'drs-code';

/** The canonical status of any error: the code of its table in the trailers, its message in the details. */
export const serviceErrorOf = (error: unknown): Partial<ServiceError> => {
  const fault = faultOf(error);
  const metadata = new Metadata();
  metadata.set(CODE_TRAILER, fault.code);
  metadata.set('drs-retriable', String(fault.retriable));
  const code =
    error instanceof BusError
      ? Status[BUS_ERRORS[error.code].grpc]
      : fault.code === 'ENOENT'
        ? Status.NOT_FOUND
        : fault.retriable
          ? Status.UNAVAILABLE
          : Status.FAILED_PRECONDITION;
  return { code, details: fault.message, metadata };
};
