import { execFileSync, spawnSync } from 'node:child_process';
import { accessSync, constants, existsSync, mkdirSync, readdirSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { CliError } from '../errors.ts';
import { ROOT } from './paths.ts';

const TOOLS = join(ROOT, '.drs-tools');

const runnable = (path: string): boolean => {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
};

const onPath = (): string | undefined =>
  [
    ...(process.env.PATH ?? '').split(delimiter),
    '/usr/sbin',
    '/usr/local/sbin',
    '/usr/local/bin',
    join(TOOLS, 'usr/sbin'),
    join(TOOLS, 'usr/bin'),
  ]
    .filter((dir) => dir !== '')
    .map((dir) => join(dir, 'nats-server'))
    .find(runnable);

const has = (command: string): boolean => spawnSync('sh', ['-c', `command -v ${command}`]).status === 0;

const quietly = (command: string, args: readonly string[], cwd?: string): boolean =>
  spawnSync(command, args, {
    cwd,
    stdio: 'ignore',
    env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' },
  }).status === 0;

/** Debian's package: installed with root's rights, else downloaded and unpacked beside the checkout. */
const fromDebian = (say: (line: string) => void): string | undefined => {
  if (!has('apt-get') || !has('dpkg-deb')) return undefined;
  if (process.getuid?.() === 0) {
    say('installing nats-server from the Debian package');
    if (
      quietly('apt-get', ['install', '-y', '--no-install-recommends', 'nats-server']) ||
      (quietly('apt-get', ['update']) &&
        quietly('apt-get', ['install', '-y', '--no-install-recommends', 'nats-server']))
    ) {
      return onPath();
    }
    return undefined;
  }
  say(`downloading the Debian package nats-server into ${TOOLS}`);
  mkdirSync(TOOLS, { recursive: true });
  if (!quietly('apt-get', ['download', 'nats-server'], TOOLS)) return undefined;
  const deb = readdirSync(TOOLS).find((name) => name.startsWith('nats-server_') && name.endsWith('.deb'));
  if (!deb || !quietly('dpkg-deb', ['-x', join(TOOLS, deb), TOOLS])) return undefined;
  return onPath();
};

export type NatsServer = { readonly kind: 'binary'; readonly path: string } | { readonly kind: 'docker' };

/**
 * A nats-server to run: on PATH, from Debian, or in Docker.
 * @throws CliError 3 with the remedy when there is none
 */
export const findNatsServer = (say: (line: string) => void): NatsServer => {
  const found = onPath() ?? fromDebian(say);
  if (found) return { kind: 'binary', path: found };
  if (quietly('docker', ['info'])) return { kind: 'docker' };
  throw new CliError(
    3,
    "no nats-server: none on PATH, Debian's package could not be had and Docker does not answer. " +
      'Install nats-server >= 2.9 (https://nats.io/download), or set NATS_URL to a server with JetStream.',
  );
};

/** Command line that runs the server on this port with its store in `store`. */
export const natsCommand = (
  server: NatsServer,
  port: number,
  store: string,
): { command: string; args: string[] } => {
  mkdirSync(store, { recursive: true });
  if (server.kind === 'binary') {
    return {
      command: server.path,
      args: ['--addr', '127.0.0.1', '--port', String(port), '--jetstream', '--store_dir', store],
    };
  }
  return {
    command: 'docker',
    args: [
      'run',
      '--rm',
      '-p',
      `127.0.0.1:${port}:4222`,
      '-v',
      `${store}:/store`,
      'nats:2.10-alpine',
      '--jetstream',
      '--store_dir',
      '/store',
    ],
  };
};

export const natsVersion = (server: NatsServer): string => {
  if (server.kind === 'docker') return 'nats:2.10-alpine (Docker)';
  return existsSync(server.path) ? execFileSync(server.path, ['--version'], { encoding: 'utf8' }).trim() : '';
};
