import { readFileSync } from 'node:fs';
import {
  ChannelCredentials,
  type ClientOptions,
  Server,
  ServerCredentials,
  type ServiceDefinition,
  type UntypedServiceImplementation,
} from '@grpc/grpc-js';
import type { Tracer } from '@opentelemetry/api';
import { HealthImplementation } from 'grpc-health-check';
import { BusError } from './errors.ts';
import { addReflection } from './grpc-reflection.ts';
import { tracingClientInterceptor, tracingServerInterceptor } from './grpc-tracing.ts';

/** PEM files. */
export interface TlsFiles {
  readonly cert: string | undefined;
  readonly key: string | undefined;
  readonly ca: string | undefined;
}

export interface GrpcServerOptions {
  /** host:port; port 0 for any free one. */
  readonly address: string;
  readonly tls?: TlsFiles;
  readonly tracer: Tracer;
  /** A second, plain listener that serves health alone, for probes that speak no TLS. */
  readonly healthAddress?: string | undefined;
}

export interface GrpcServer {
  /** host:port that it is bound to. */
  readonly address: string;
  /** host:port of the plain listener for health, if asked for. */
  readonly healthAddress: string | undefined;
  add(service: ServiceDefinition, implementation: UntypedServiceImplementation): void;
  setServing(serving: boolean): void;
  /** Lets calls in flight finish, for `limitMs` at most. */
  stop(limitMs: number): Promise<void>;
}

const LOOPBACK = /^(localhost|127(\.\d+){3}|\[?::1\]?)$/;

const hostOf = (address: string): string => address.replace(/:\d+$/, '');
/** True for an address that only this machine can reach. */
export const isLoopback = (address: string): boolean =>
  address.startsWith('unix:') || LOOPBACK.test(hostOf(address));

const credentialsFor = (address: string, tls: TlsFiles | undefined): ServerCredentials => {
  if (tls?.cert && tls.key) {
    const pair = { cert_chain: readFileSync(tls.cert), private_key: readFileSync(tls.key) };
    return ServerCredentials.createSsl(tls.ca ? readFileSync(tls.ca) : null, [pair], tls.ca !== undefined);
  }
  if (isLoopback(address)) return ServerCredentials.createInsecure();
  throw new BusError(
    'GRPC_INSECURE',
    address,
    `gRPC would listen on ${address}, beyond loopback, without credentials. Set DRS_GRPC_CERT and DRS_GRPC_KEY (and DRS_GRPC_CA to check clients), or bind to 127.0.0.1.`,
  );
};

const bind = (server: Server, address: string, credentials: ServerCredentials): Promise<string> =>
  new Promise((resolve, reject) => {
    server.bindAsync(address, credentials, (error, port) => {
      if (!error) resolve(address.startsWith('unix:') ? address : `${hostOf(address)}:${port}`);
      else
        reject(
          new BusError(
            'GRPC_BIND',
            address,
            `gRPC cannot listen on ${address}: ${error.message}. Choose another DRS_GRPC_ADDRESS.`,
            error,
          ),
        );
    });
  });

const shutdown = async (server: Server, limitMs: number): Promise<void> => {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, limitMs);
  });
  const done = new Promise<void>((resolve) => server.tryShutdown(() => resolve()));
  await Promise.race([done, late]);
  clearTimeout(timer);
  server.forceShutdown();
};

/**
 * Starts a gRPC server with health (NOT_SERVING until told otherwise; the service name "liveness" is always SERVING)
 * and reflection.
 * @throws BusError GRPC_INSECURE beyond loopback without credentials, GRPC_BIND
 */
export const startGrpc = async (options: GrpcServerOptions): Promise<GrpcServer> => {
  const credentials = credentialsFor(options.address, options.tls);
  const server = new Server({ interceptors: [tracingServerInterceptor(options.tracer)] });
  const health = new HealthImplementation({
    '': 'NOT_SERVING',
    readiness: 'NOT_SERVING',
    liveness: 'SERVING',
  });
  health.addToServer(server);
  addReflection(server);
  const address = await bind(server, options.address, credentials);
  let probes: Server | undefined;
  let healthAddress: string | undefined;
  if (options.healthAddress) {
    probes = new Server();
    health.addToServer(probes);
    healthAddress = await bind(probes, options.healthAddress, ServerCredentials.createInsecure());
  }
  return {
    address,
    healthAddress,
    add: (service, implementation) => server.addService(service, implementation),
    setServing(serving) {
      for (const name of ['', 'readiness']) health.setStatus(name, serving ? 'SERVING' : 'NOT_SERVING');
    },
    async stop(limitMs) {
      await shutdown(server, limitMs);
      probes?.forceShutdown();
    },
  };
};

type ClientClass<C> = new (
  address: string,
  credentials: ChannelCredentials,
  options?: Partial<ClientOptions>,
) => C;

export interface GrpcClientOptions {
  readonly tls?: TlsFiles;
  readonly tracer?: Tracer;
}

/** A client of one of our services: TLS with our own certificate when an authority is given, else plain. */
export const grpcClient = <C>(
  client: ClientClass<C>,
  address: string,
  options: GrpcClientOptions = {},
): C => {
  const { tls, tracer } = options;
  const secure = tls?.ca !== undefined;
  const pem = (path: string | undefined) => (path ? readFileSync(path) : null);
  const credentials = secure
    ? ChannelCredentials.createSsl(pem(tls.ca), pem(tls.key), pem(tls.cert))
    : ChannelCredentials.createInsecure();
  return new client(address, credentials, tracer ? { interceptors: [tracingClientInterceptor(tracer)] } : {});
};
