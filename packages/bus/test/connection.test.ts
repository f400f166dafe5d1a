import { setTimeout as sleep } from 'node:timers/promises';
import { jetstream } from '@nats-io/jetstream';
import { headers } from '@nats-io/nats-core';
import { expect, test } from 'vitest';
import { startNatsServer } from '../../../test/fixtures/nats.ts';
import {
  connectBus,
  consumeTasks,
  openTelemetry,
  provision,
  publishDurably,
  silentLog,
} from '../src/index.ts';

test('a server that is not there is a clear error after the limit, with the remedy', async () => {
  await expect(
    connectBus({ url: 'nats://127.0.0.1:1', name: 'test', firstConnectMs: 300 }),
  ).rejects.toMatchObject({
    code: 'NATS_UNREACHABLE',
    message: expect.stringMatching(
      /127\.0\.0\.1:1 .*Start nats-server with JetStream \(-js\) or set NATS_URL/,
    ),
  });
  await expect(connectBus({ url: 'nats://', name: 'test' })).rejects.toMatchObject({
    code: 'SETTING_INVALID',
  });
});

test('a server that comes late is waited for', async () => {
  const first = await startNatsServer({ isolated: true });
  const port = Number(new URL(first.url).port);
  await first.stop();
  const connecting = connectBus({ url: `nats://127.0.0.1:${port}`, name: 'test', firstConnectMs: 10_000 });
  await sleep(100);
  await using _second = await startNatsServer({ port });
  const nc = await connecting;
  expect(nc.isClosed()).toBe(false);
  await nc.close();
});

test('a publish made while the connection is down arrives once when it is back', async () => {
  const first = await startNatsServer({ isolated: true });
  const nc = await connectBus({ url: first.url, name: 'test' });
  await provision(nc);
  const js = jetstream(nc);
  await first.kill();
  const publishing = publishDurably(js, 'drs.dead.test', new Uint8Array([1]), headers(), {
    msgId: 'once',
    timeoutMs: 300,
  });
  await sleep(500);
  const { storeDir = '' } = first;
  const second = await startNatsServer({ storeDir, port: Number(new URL(first.url).port) });
  expect(await publishing).toBe('stored');
  expect(await publishDurably(js, 'drs.dead.test', new Uint8Array([1]), headers(), { msgId: 'once' })).toBe(
    'duplicate',
  );
  await nc.close();
  await second.stop();
  await first.stop();
});

test('publishing stops when told to, and a subject without a stream is not waited for beyond that', async () => {
  await using server = await startNatsServer({ isolated: true });
  const nc = await connectBus({ url: server.url, name: 'test' });
  const stop = AbortSignal.timeout(200);
  const publishing = publishDurably(jetstream(nc), 'drs.nowhere', new Uint8Array(0), headers(), {
    msgId: 'x',
    signal: stop,
  });
  await expect(publishing).rejects.toMatchObject({
    code: 'PUBLISH_FAILED',
    input: 'drs.nowhere',
    retriable: true,
  });
  await nc.close();
});

test('a worker on a server that was not provisioned says what to run', async () => {
  await using server = await startNatsServer({ isolated: true });
  const nc = await connectBus({ url: server.url, name: 'test' });
  const telemetry = openTelemetry({ service: 'test' });
  const worker = consumeTasks({
    nc,
    stage: 'calib',
    level: 'l2a',
    modes: ['imager'],
    concurrency: 1,
    telemetry,
    log: silentLog,
    handle: () => Promise.reject(new Error('unused')),
  });
  await expect(worker).rejects.toMatchObject({
    code: 'NOT_PROVISIONED',
    message: expect.stringContaining('drs provision'),
  });
  await nc.close();
});
