import { spawn } from 'node:child_process';

/** Kept of what a command says, each of its two streams; more than that is counted, not shown. */
const MOST_CHARACTERS = 64 * 1024;

/** Names of variables that may let their reader into the house. */
const SECRET = /TOKEN|SECRET|PASSW|CREDENTIAL|CREDS|_KEY$|APIKEY|AUTH|^NATS_|^DRS_GRPC_|^OTEL_.*HEADERS/i;

/** The environment without what may hold secrets: hooks need none of it. */
const withoutSecrets = (environment: NodeJS.ProcessEnv): NodeJS.ProcessEnv =>
  Object.fromEntries(Object.entries(environment).filter(([name]) => !SECRET.test(name)));

export interface Spawned {
  /** Exit code, or the signal that ended it. */
  readonly code: number | string;
  readonly stdout: string;
  readonly stderr: string;
}

const collect = (stream: NodeJS.ReadableStream): (() => string) => {
  let text = '';
  let more = 0;
  stream.setEncoding('utf8');
  stream.on('data', (chunk: string) => {
    const room = MOST_CHARACTERS - text.length;
    text += chunk.slice(0, room);
    more += Math.max(0, chunk.length - room);
  });
  return () => (more === 0 ? text : `${text}\n… and ${more} characters more`);
};

/**
 * Runs a command in the shell, without standard input, and waits for its end.
 * @throws Error of Node when there is no shell
 */
export const spawnCommand = (command: string, cwd: string): Promise<Spawned> =>
  new Promise((resolve, reject) => {
    const child = spawn('/bin/sh', ['-c', command], {
      cwd,
      env: withoutSecrets(process.env),
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const end = (): void => void child.kill();
    process.once('exit', end);
    const stdout = collect(child.stdout);
    const stderr = collect(child.stderr);
    child.once('error', reject);
    child.once('close', (code, signal) => {
      process.off('exit', end);
      resolve({ code: code ?? signal ?? 'unknown', stdout: stdout(), stderr: stderr() });
    });
  });
