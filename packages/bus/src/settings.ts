import { MODES, type Mode } from '@iris-drs/proto';
import { BusError } from './errors.ts';

/** What a service reads from its environment. */
export interface Settings {
  readonly natsUrl: string;
  /** File with NATS credentials (.creds). */
  readonly natsCreds: string | undefined;
  /** Volume root that all stages share. */
  readonly dataDir: string;
  readonly crdsPath: string | undefined;
  readonly crdsContext: string | undefined;
  /** Kernel threads; undefined means one a core. */
  readonly threads: number | undefined;
  /** How long a science frame waits for its sky, seconds. */
  readonly skyDeadlineSeconds: number;
  /** Modes whose tasks this service takes. */
  readonly modes: readonly Mode[];
  /** host:port of the gRPC listener; port 0 means any free one. */
  readonly grpcAddress: string;
  /** PEM files of the gRPC listener; needed beyond loopback. */
  readonly grpcCert: string | undefined;
  readonly grpcKey: string | undefined;
  /** PEM file of the authority that clients must be signed by; also what our clients trust. */
  readonly grpcCa: string | undefined;
  /** Second, plain listener for health alone: Kubernetes probes speak no TLS. */
  readonly healthAddress: string | undefined;
  /** File of the tokens that calls which change something must show; needed beyond loopback. */
  readonly tokensFile: string | undefined;
  /** gRPC address of the reference service. */
  readonly refdbAddress: string | undefined;
  /** Base URL of an OTLP collector; traces and metrics go to files without one. */
  readonly otlpEndpoint: string | undefined;
  /** Written when the service is SERVING. */
  readonly readyFile: string | undefined;
  readonly logLevel: string;
  /** Below this much free space on the volume no new task is taken. */
  readonly minFreeBytes: number;
  /** How long a drain waits for work in hand before it gives it back, seconds. */
  readonly drainSeconds: number;
}

type Environment = Readonly<Record<string, string | undefined>>;

const invalid = (name: string, text: string, expected: string): BusError =>
  new BusError('SETTING_INVALID', name, `${name}='${text}'; expected ${expected}.`);

const numberOf = (env: Environment, name: string, fallback: number, minimum: number): number => {
  const text = env[name];
  if (text === undefined || text === '') return fallback;
  const value = Number(text);
  if (!Number.isFinite(value) || value < minimum)
    throw invalid(name, text, `a number of at least ${minimum}`);
  return value;
};

const modesOf = (text: string | undefined): readonly Mode[] => {
  if (text === undefined || text === '' || text === 'all') return MODES;
  const names = text.split(',').map((name) => name.trim());
  for (const name of names) {
    if (!MODES.includes(name as Mode))
      throw invalid('DRS_MODES', text, `a comma-separated list of ${MODES.join(', ')}, or all`);
  }
  return MODES.filter((mode) => names.includes(mode));
};

/**
 * Reads the settings once, at the start of a service.
 * @throws BusError SETTING_INVALID naming the variable, what it holds and what was expected
 */
export const readSettings = (env: Environment = process.env): Settings => {
  const text = (name: string) => env[name] || undefined;
  const dataDir = text('DRS_DATA');
  if (dataDir === undefined) {
    throw new BusError(
      'SETTING_INVALID',
      'DRS_DATA',
      'DRS_DATA is not set; set it to the data volume that all stages share.',
    );
  }
  const threads =
    text('DRS_THREADS') === undefined ? undefined : Math.floor(numberOf(env, 'DRS_THREADS', 1, 1));
  const traces = text('OTEL_EXPORTER_OTLP_ENDPOINT');
  return {
    natsUrl: text('NATS_URL') ?? 'nats://127.0.0.1:4222',
    natsCreds: text('NATS_CREDS'),
    dataDir,
    crdsPath: text('CRDS_PATH'),
    crdsContext: text('CRDS_CONTEXT'),
    threads,
    skyDeadlineSeconds: numberOf(env, 'DRS_SKY_DEADLINE', 20, 0),
    modes: modesOf(text('DRS_MODES')),
    grpcAddress: text('DRS_GRPC_ADDRESS') ?? '127.0.0.1:0',
    grpcCert: text('DRS_GRPC_CERT'),
    grpcKey: text('DRS_GRPC_KEY'),
    grpcCa: text('DRS_GRPC_CA'),
    healthAddress: text('DRS_HEALTH_ADDRESS'),
    tokensFile: text('DRS_TOKENS'),
    refdbAddress: text('DRS_REFDB'),
    otlpEndpoint: env.OTEL_SDK_DISABLED === 'true' ? undefined : traces,
    readyFile: text('DRS_READY_FILE'),
    logLevel: text('DRS_LOG_LEVEL') ?? 'info',
    minFreeBytes: numberOf(env, 'DRS_MIN_FREE_BYTES', 2 ** 30, 0),
    drainSeconds: numberOf(env, 'DRS_DRAIN_SECONDS', 60, 0),
  };
};
