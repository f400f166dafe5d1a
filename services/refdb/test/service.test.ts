import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { servingStatus } from '@iris-drs/bus';
import { buildCache } from '@iris-drs/crds';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { type NatsServer, startNatsServer } from '../../../test/fixtures/nats.ts';
import { startReplica } from './fixtures/replica.ts';

const main = fileURLToPath(new URL('../src/main.ts', import.meta.url));
let dir: string;
let nats: NatsServer;
let child: ChildProcess | undefined;
let output = '';

beforeAll(async () => {
  dir = mkdtempSync(join(tmpdir(), 'refdb-'));
  nats = await startNatsServer();
});
afterEach(() => void child?.kill('SIGKILL'));
afterAll(async () => {
  await nats.stop();
  rmSync(dir, { recursive: true, force: true });
});

const until = async (what: string, holds: () => boolean | Promise<boolean>): Promise<void> => {
  for (let tries = 0; tries < 300; tries++) {
    if (await holds()) return;
    await sleep(100);
  }
  throw new Error(`still not ${what}:\n${output}`);
};

const launch = (env: Record<string, string>): ChildProcess => {
  output = '';
  const { CRDS_PATH: _path, CRDS_CONTEXT: _context, ...rest } = process.env;
  child = spawn(process.execPath, ['--conditions=@iris/source', main], {
    env: { ...rest, NATS_URL: nats.url, DRS_DATA: dir, DRS_READY_FILE: join(dir, 'ready'), ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  for (const stream of [child.stdout, child.stderr]) stream?.on('data', (text) => (output += text));
  return child;
};

describe('refdb as a process', () => {
  it('makes a cache of an empty directory, serves while its context loads, and ends in good order', async () => {
    const cache = join(dir, 'cache');
    const started = launch({ CRDS_PATH: cache });
    await until('ready', () => existsSync(join(dir, 'ready')));
    const { grpc } = JSON.parse(readFileSync(join(dir, 'ready'), 'utf8')) as { grpc: string };
    expect(await servingStatus(grpc)).toBe('SERVING');
    expect(output).toContain('tmt_0001.pmap');

    const pmap = join(cache, 'mappings/tmt/tmt_0001.pmap');
    const text = readFileSync(pmap, 'utf8');
    writeFileSync(pmap, text.slice(0, 50));
    await until('NOT_SERVING', async () => (await servingStatus(grpc)) === 'NOT_SERVING');
    expect(output).toContain('tmt_0001.pmap, line');
    writeFileSync(pmap, text);
    await until('SERVING again', async () => (await servingStatus(grpc)) === 'SERVING');
    await buildCache(cache, { serial: 2, types: { dark: 'N/A' } });
    await until('using the new context', () => output.includes('tmt_0002.pmap'));

    started.kill('SIGTERM');
    expect((await once(started, 'exit'))[0]).toBe(0);
  });

  it('ends in good order with a watch open, and closes the stream', async () => {
    const replica = await startReplica({
      name: 'watched',
      dir,
      cache: join(dir, 'cache'),
      natsUrl: nats.url,
    });
    const updates = replica.client.watch({ after: 0 })[Symbol.asyncIterator]();
    expect((await updates.next()).value).toMatchObject({ context: 'tmt_0002.pmap' });
    const ended = updates.next();
    process.kill(replica.pid, 'SIGTERM');
    expect((await ended).done).toBe(true);
    expect(await replica.stop()).toBe(0);
  });

  it('does not start without a cache, and says why', async () => {
    for (const [env, message] of [
      [{}, 'CRDS_PATH is not set'],
      [
        { CRDS_PATH: join(dir, 'cache2'), CRDS_CONTEXT: 'tmt_0099.pmap' },
        'The context tmt_0099.pmap is not in',
      ],
      [{ CRDS_PATH: join(dir, 'cache'), DRS_TOKENS: join(dir, 'no-tokens') }, 'cannot be read (ENOENT)'],
    ] as const) {
      const [code] = await once(launch(env), 'exit');
      expect(code).toBe(1);
      expect(output).toContain(message);
    }
  });
});
