import { status as Status } from '@grpc/grpc-js';

/** Any error, normalised once at the boundary of a service. */
export interface Fault {
  /** Stable code from an error table, or a name that the platform gives. */
  readonly code: string;
  /** One line. */
  readonly message: string;
  readonly retriable: boolean;
  readonly input: string;
  readonly hdu: string;
  readonly keyword: string;
}

const RETRIABLE_STATUS: readonly number[] = [
  Status.UNAVAILABLE,
  Status.DEADLINE_EXCEEDED,
  Status.RESOURCE_EXHAUSTED,
  Status.ABORTED,
  Status.CANCELLED,
];

const text = (value: unknown): string =>
  typeof value === 'string' || typeof value === 'number' ? String(value) : '';

const isSystemError = (error: object): boolean => 'syscall' in error || 'errno' in error;

const classify = (error: object): { code: string; retriable: boolean } => {
  const { code, retriable, name } = error as { code?: unknown; retriable?: unknown; name?: string };
  const given = typeof retriable === 'boolean' ? retriable : undefined;
  // gRPC status: numbers.
  if (typeof code === 'number' && 'details' in error) {
    return { code: `GRPC_${Status[code] ?? code}`, retriable: given ?? RETRIABLE_STATUS.includes(code) };
  }
  if (typeof code === 'string' && code !== '') {
    // ENOSPC, ESTALE, EIO, ENOENT on a network volume: the same work may succeed later. A coded error of a table: not.
    const system = isSystemError(error) || code.startsWith('ERR_');
    return { code, retriable: given ?? system };
  }
  if (name === 'AbortError') return { code: 'ABORTED', retriable: true };
  return { code: name && name !== 'Error' ? name : 'UNKNOWN', retriable: given ?? true };
};

/**
 * Normalises anything thrown. Errors of our tables (a string `code`) are permanent unless they say `retriable`;
 * I/O errors, busy or absent services, and what nobody foresaw are retriable.
 */
export const faultOf = (error: unknown): Fault => {
  if (typeof error !== 'object' || error === null) {
    return { code: 'UNKNOWN', message: String(error), retriable: true, input: '', hdu: '', keyword: '' };
  }
  const fields = error as Record<string, unknown>;
  const message = text(fields.details) || text(fields.message) || 'no message';
  return {
    ...classify(error),
    message: message.replace(/\s*\n\s*/g, ' '),
    input: text(fields.input) || text(fields.file) || text(fields.path),
    hdu: text(fields.hdu),
    keyword: text(fields.keyword),
  };
};
