import { spawn } from 'node:child_process';
import { closeSync, openSync, readFileSync, statSync } from 'node:fs';
import { createServer } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import type { ProcessRecord } from './state.ts';

/** Start time in clock ticks and run state from /proc; undefined when there is no such process (or no /proc). */
const procStat = (pid: number): { started: string; state: string } | undefined => {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, 'utf8');
    const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
    return { state: fields[0] ?? '', started: fields[19] ?? '' };
  } catch {
    return undefined;
  }
};

/** True when some process has this pid, ours to signal or not; a zombie has ended. */
export const exists = (pid: number): boolean => {
  try {
    process.kill(pid, 0);
    return procStat(pid)?.state !== 'Z';
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
};

/** True when that very process still runs: not a zombie, not another one that was given its pid. */
export const isAlive = ({ pid, started }: Pick<ProcessRecord, 'pid' | 'started'>): boolean => {
  if (process.platform !== 'linux') return exists(pid);
  const found = procStat(pid);
  return found !== undefined && found.state !== 'Z' && found.started === started;
};

/** Starts a process that outlives this one, its output appended to a log file. */
export const launch = (command: string, args: readonly string[], env: NodeJS.ProcessEnv, log: string) => {
  const out = openSync(log, 'a');
  try {
    const child = spawn(command, args, { env, detached: true, stdio: ['ignore', out, out] });
    const failed = new Promise<never>((_resolve, reject) => child.once('error', reject));
    failed.catch(() => undefined);
    child.unref();
    const pid = child.pid ?? -1;
    return { pid, started: procStat(pid)?.started ?? '', failed };
  } finally {
    closeSync(out);
  }
};

/** SIGTERM, then SIGKILL after the grace period. */
export const terminate = async (
  record: ProcessRecord,
  graceSeconds: number,
): Promise<'stopped' | 'killed' | 'gone'> => {
  if (!isAlive(record)) return 'gone';
  process.kill(record.pid, 'SIGTERM');
  const until = Date.now() + graceSeconds * 1000;
  while (Date.now() < until) {
    if (!isAlive(record)) return 'stopped';
    await sleep(50);
  }
  if (isAlive(record)) process.kill(record.pid, 'SIGKILL');
  return 'killed';
};

/** A TCP port on loopback that nothing listens on now. */
export const freePort = (): Promise<number> =>
  new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      const port = typeof address === 'object' && address ? address.port : 0;
      server.close(() => resolve(port));
    });
  });

/** The last lines of a log, for an error message. */
export const tailOf = (log: string, bytes = 2000): string => {
  try {
    const size = statSync(log).size;
    return readFileSync(log, 'utf8').slice(-Math.min(bytes, size)).trim();
  } catch {
    return '';
  }
};
