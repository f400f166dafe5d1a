import { rmSync } from 'node:fs';
import { rename, writeFile } from 'node:fs/promises';
import type { NatsConnection } from '@nats-io/nats-core';
import { connectBus } from './connection.ts';
import { faultOf } from './fault.ts';
import { type GrpcServer, startGrpc, type TlsFiles } from './grpc.ts';
import { createLog } from './log.ts';
import { readSettings, type Settings } from './settings.ts';
import type { Log } from './stage.ts';
import { openTelemetry, type Telemetry } from './trace.ts';
import { openVolume, type Volume } from './volume.ts';

/** What every service has. */
export interface ServiceContext {
  readonly settings: Settings;
  readonly log: Log;
  readonly telemetry: Telemetry;
  readonly nc: NatsConnection;
  /** Listening, with health; add the service's own here. */
  readonly grpc: GrpcServer;
  readonly volume: Volume;
  readonly tls: TlsFiles;
  /** Ends the process in good order; for a service that cannot go on. The reason is logged. */
  fail(reason: string): void;
}

/** What a service gives back once it works. */
export interface RunningService {
  /** Takes nothing new and finishes the work in hand. */
  stop(): Promise<void>;
}

export interface ServiceDefinition {
  readonly name: string;
  start(context: ServiceContext): Promise<RunningService>;
}

const announceReady = async (path: string, grpc: string): Promise<void> => {
  const partial = `${path}.${process.pid}.part`;
  await writeFile(partial, `${JSON.stringify({ pid: process.pid, grpc })}\n`, { flag: 'w' });
  await rename(partial, path);
};

/**
 * The life of a service: settings → log → telemetry → NATS → gRPC and health → its own start → SERVING. On SIGTERM or
 * SIGINT: NOT_SERVING → its own stop → NATS drained → gRPC calls finished → telemetry flushed → exit 0. Anything that
 * nobody caught, a failed start or a connection that is closed for good ends the process with 1.
 */
export const runService = async (definition: ServiceDefinition): Promise<void> => {
  const { name } = definition;
  const log = createLog(name, { level: process.env.DRS_LOG_LEVEL ?? 'info' });
  const die = (what: string, error: unknown): never => {
    const fault = faultOf(error);
    log.error({ code: fault.code, stack: (error as Error)?.stack }, `${what}: ${fault.message}`);
    process.exit(1);
  };
  process.on('uncaughtException', (error) => die('uncaught error', error));
  process.on('unhandledRejection', (error) => die('uncaught error', error));

  const begin = async () => {
    const settings = readSettings();
    const volume = openVolume(settings.dataDir);
    const { otlpEndpoint, grpcCert: cert, grpcKey: key, grpcCa: ca } = settings;
    const telemetry = openTelemetry({ service: name, dataDir: volume.root, otlpEndpoint });
    const nc = await connectBus({ url: settings.natsUrl, name, log, creds: settings.natsCreds });
    const tls = { cert, key, ca };
    const { tracer } = telemetry;
    const grpc = await startGrpc({
      address: settings.grpcAddress,
      tls,
      tracer,
      healthAddress: settings.healthAddress,
    });
    return { settings, volume, telemetry, nc, grpc, tls };
  };
  const parts = await begin().catch((error: unknown) => die('start failed', error));
  const { settings, telemetry, nc, grpc } = parts;

  let running: RunningService | undefined;
  let ending = false;
  const end = async (code: number) => {
    if (ending) return;
    ending = true;
    grpc.setServing(false);
    // Work in hand has `drainSeconds`; this is for what hangs after that.
    const watchdog = setTimeout(() => process.exit(code || 1), (settings.drainSeconds + 20) * 1000);
    watchdog.unref();
    try {
      await running?.stop();
      if (!nc.isClosed())
        await Promise.race([nc.drain(), new Promise((resolve) => setTimeout(resolve, 5_000))]);
      await grpc.stop(5_000);
    } catch (error) {
      log.error({ code: faultOf(error).code }, `stopping: ${faultOf(error).message}`);
    }
    await telemetry.shutdown();
    if (settings.readyFile) rmSync(settings.readyFile, { force: true });
    log.info('stopped');
    process.exit(code);
  };
  const fail = (reason: string) => {
    log.error(reason);
    void end(1);
  };
  for (const signal of ['SIGTERM', 'SIGINT'] as const) {
    process.on(signal, () => {
      log.info({ signal }, 'stopping');
      void end(0);
    });
  }
  void nc.closed().then((error) => {
    if (!ending) fail(`the NATS connection is closed for good${error ? `: ${error.message}` : ''}`);
  });

  try {
    running = await definition.start({ ...parts, log, fail });
  } catch (error) {
    die('start failed', error);
  }
  if (ending) return;
  grpc.setServing(true);
  if (settings.readyFile) await announceReady(settings.readyFile, grpc.address);
  log.info({ grpc: grpc.address, nats: nc.getServer() }, 'serving');
};
