import { bearer, bestReferenceOf, grpcClient } from '@iris-drs/bus';
import { ReferenceDataClient } from '@iris-drs/proto';
import { CliError, type ExitCode, usageError } from '../../errors.ts';
import { isAddress } from './with-remote.ts';

type Metadata = ReturnType<typeof bearer>;
/** A method of the client with one request and one answer. */
type Unary<Q, R> = (
  request: Q,
  metadata: Metadata,
  options: { readonly deadline: number },
  answer: (error: Error | null, response: R) => void,
) => unknown;

/** What gRPC adds to an error. */
interface Failure {
  readonly code?: number;
  readonly details?: string;
  readonly metadata?: Metadata;
}

/** A reference service that is asked in the place of a cache directory. */
export interface Remote {
  readonly client: ReferenceDataClient;
  /** Shows the token of DRS_TOKEN. */
  readonly metadata: Metadata;
  /** Makes one call: `ask(client.activate, request)`. @throws CliError */
  ask<Q, R>(method: Unary<Q, R>, request: Q): Promise<R>;
  /** An answer of the service in the form of the library. */
  readonly answerOf: typeof bestReferenceOf;
  /** The failure of a call as the command tells it. */
  failure(error: unknown): CliError;
}

const DEADLINE_MS = 60_000;

/** By canonical code: wrong usage, what the environment lacks (5: a context, as in a cache directory), all others. */
const EXIT_CODES: Readonly<Record<number, ExitCode>> = { 3: 2, 5: 3, 7: 3, 14: 3, 16: 3 };
const UNAVAILABLE = 14;
const DEADLINE_EXCEEDED = 4;

/**
 * Opens the reference service at `host:port`, with TLS where DRS_GRPC_CA is set, for as long as the work takes.
 * @throws CliError 2 for what is no address
 */
export const withRemote = async <T>(address: string, work: (remote: Remote) => Promise<T>): Promise<T> => {
  if (!isAddress(address)) throw usageError(`--remote ${address}: expected HOST:PORT`);
  const { DRS_GRPC_CA: ca, DRS_GRPC_CERT: cert, DRS_GRPC_KEY: key, DRS_TOKEN: token } = process.env;
  const client = grpcClient(ReferenceDataClient, address, ca ? { tls: { ca, cert, key } } : {});
  const metadata = bearer(token);
  const failure = (error: unknown): CliError => {
    if (error instanceof CliError) return error;
    const { code = 2, details, message, metadata: trailer } = error as Error & Failure;
    const what = typeof details === 'string' && details !== '' ? details : message;
    if (code === UNAVAILABLE) {
      return new CliError(3, `no reference service answers at ${address}: ${what}`, error);
    }
    if (code === DEADLINE_EXCEEDED) {
      return new CliError(1, `the reference service at ${address} gave no answer in time`, error);
    }
    // A file that is none is no wrong usage: the cache itself ends with 1 then.
    const noReference = trailer?.get('drs-code')[0] === 'NotAReference';
    return new CliError(noReference ? 1 : (EXIT_CODES[code] ?? 1), what, error);
  };
  try {
    return await work({
      client,
      metadata,
      failure,
      answerOf: bestReferenceOf,
      ask: (method, request) =>
        new Promise((resolve, reject) => {
          method.call(client, request, metadata, { deadline: Date.now() + DEADLINE_MS }, (error, response) =>
            error ? reject(failure(error)) : resolve(response),
          );
        }),
    });
  } finally {
    client.close();
  }
};
