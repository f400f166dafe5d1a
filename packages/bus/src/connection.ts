import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import type { ConnectionOptions, NatsConnection } from '@nats-io/nats-core';
import { connect, credsAuthenticator, usernamePasswordAuthenticator } from '@nats-io/transport-node';
import { BusError } from './errors.ts';
import { silentLog } from './log.ts';
import type { Log } from './stage.ts';

export interface ConnectOptions {
  /** nats://[user:password@]host:port or tls://…; several, separated by commas, for a cluster. */
  readonly url: string;
  /** Shown by the server's monitoring. */
  readonly name: string;
  readonly log?: Log;
  /** How long the first connection may take, ms. */
  readonly firstConnectMs?: number;
  /** Path of a .creds file. */
  readonly creds?: string | undefined;
}

const authenticators = (url: URL, creds: string | undefined): Pick<ConnectionOptions, 'authenticator'> => {
  if (creds !== undefined) return { authenticator: credsAuthenticator(readFileSync(creds)) };
  if (url.username === '') return {};
  return {
    authenticator: usernamePasswordAuthenticator(
      decodeURIComponent(url.username),
      decodeURIComponent(url.password),
    ),
  };
};

const parse = (text: string): URL => {
  try {
    const url = new URL(text.includes('://') ? text : `nats://${text}`);
    if (url.hostname !== '') return url;
  } catch {
    // said below
  }
  throw new BusError('SETTING_INVALID', text, `NATS_URL holds '${text}'; expected nats://host:port.`);
};

const logStatus = async (nc: NatsConnection, log: Log): Promise<void> => {
  for await (const status of nc.status()) {
    if (status.type === 'disconnect')
      log.warn({ server: status.server }, 'NATS connection lost; reconnecting');
    if (status.type === 'reconnect') log.info({ server: status.server }, 'NATS connection is back');
    if (status.type === 'error') log.error({ error: status.error.message }, 'NATS server reports an error');
    if (status.type === 'ldm') log.warn({ server: status.server }, 'NATS server is going away');
  }
};

/**
 * Connects to NATS and stays connected: after the first connection it reconnects for ever.
 * @throws BusError NATS_UNREACHABLE when the first connection does not come about in time
 */
export const connectBus = async (options: ConnectOptions): Promise<NatsConnection> => {
  const { name, log = silentLog, firstConnectMs = 30_000 } = options;
  const urls = options.url.split(',').map((text) => parse(text.trim()));
  const [url] = urls as [URL, ...URL[]];
  const servers = urls.map(({ hostname, port }) => `${hostname}:${port || 4222}`);
  const address = servers.join(', ');
  const config: ConnectionOptions = {
    ...authenticators(url, options.creds),
    servers,
    ...(url.protocol === 'tls:' ? { tls: {} } : {}),
    name,
    maxReconnectAttempts: -1,
    reconnectTimeWait: 250,
    reconnectJitter: 100,
    pingInterval: 10_000,
    timeout: 5_000,
  };
  const deadline = Date.now() + firstConnectMs;
  for (let attempt = 1; ; attempt++) {
    try {
      const nc = await connect({ ...config, timeout: Math.max(250, Math.min(5_000, deadline - Date.now())) });
      void logStatus(nc, log);
      return nc;
    } catch (error) {
      const left = deadline - Date.now();
      const refused = (error as Error).name === 'AuthorizationError';
      if (left <= 0 || refused) {
        throw new BusError(
          'NATS_UNREACHABLE',
          address,
          `no connection to NATS at ${address} (${(error as Error).message}). ${
            refused
              ? 'Check NATS_CREDS or the user in NATS_URL.'
              : 'Start nats-server with JetStream (-js) or set NATS_URL.'
          }`,
          error,
        );
      }
      if (attempt === 1) log.warn({ server: address }, 'waiting for NATS');
      await sleep(Math.min(250, left));
    }
  }
};
