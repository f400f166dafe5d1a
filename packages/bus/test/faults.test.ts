import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { STREAM } from '@iris-drs/proto';
import { jetstream, jetstreamManager } from '@nats-io/jetstream';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { startNatsServer } from '../../../test/fixtures/nats.ts';
import { connectBus } from '../src/index.ts';
import {
  type Bench,
  calibTask,
  messagesIn,
  openBench,
  productsOf,
  queueTask,
  until,
} from './fixtures/bench.ts';
import { startChild } from './fixtures/child.ts';

let bench: Bench;
beforeEach(async () => {
  bench = await openBench();
});
afterEach(() => bench.close());

const settled = () =>
  until('the tasks are settled', async () => (await messagesIn(bench.jsm, STREAM.tasks)) === 0);
const starts = (exposure: string) =>
  readdirSync(bench.volume.root).filter((name) => name.startsWith(`started-${exposure}-`)).length;

test('a worker killed in mid-task leaves the task to another, and one product', async () => {
  const doomed = await startChild(bench, { BEHAVIOUR: 'die' });
  await queueTask(bench.js, calibTask('K1'));
  expect(await doomed.ended).toBe('SIGKILL');
  const heir = await startChild(bench);
  await settled();
  expect(starts('K1')).toBe(2);
  expect(await productsOf(bench.jsm)).toMatchObject([{ exposureId: 'K1', version: 1 }]);
  heir.process.kill('SIGTERM');
  expect(await heir.ended).toBe(0);
});

test('SIGTERM finishes the work in hand, leaves the rest queued and exits 0', async () => {
  const child = await startChild(bench, { WORK_MS: '600' });
  await queueTask(bench.js, calibTask('T1'));
  await until('it started', () => starts('T1') === 1);
  await queueTask(bench.js, calibTask('T2'));
  child.process.kill('SIGTERM');
  expect(await child.ended).toBe(0);
  expect(await productsOf(bench.jsm)).toMatchObject([{ exposureId: 'T1' }]);
  expect(await messagesIn(bench.jsm, STREAM.tasks)).toBe(1);
  expect(starts('T2')).toBe(0);
  const lines = child
    .output()
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Record<string, unknown>);
  expect(lines.at(-1)).toMatchObject({ service: 'calib', msg: 'stopped' });
  expect(lines.find(({ outcome }) => outcome === 'done')).toMatchObject({
    exposure: 'T1',
    trace_id: expect.stringMatching(/^[0-9a-f]{32}$/),
  });
  expect(existsSync(join(bench.volume.root, '.drs', 'traces', 'calib.ndjson'))).toBe(true);
  expect(existsSync(join(bench.volume.root, '.drs', 'metrics', 'calib.ndjson'))).toBe(true);
});

test('an error that nobody awaits is logged and ends the process with 1', async () => {
  const child = await startChild(bench, { BEHAVIOUR: 'throw later', WORK_MS: '5000' });
  await queueTask(bench.js, calibTask('U1'));
  expect(await child.ended).toBe(1);
  expect(child.output()).toContain('uncaught error: nobody awaits this');
});

test('nats-server killed and restarted in mid-task: one product, and the same task again gives nothing new', async () => {
  const child = await startChild(bench, { WORK_MS: '1500' });
  await queueTask(bench.js, calibTask('N1'));
  await until('it started', () => starts('N1') === 1);
  const { url, storeDir = '' } = bench.server;
  await bench.server.kill();
  const again = await startNatsServer({ storeDir, port: Number(new URL(url).port) });
  try {
    await until(
      'the product is there',
      async () => (await productsOf(bench.jsm).catch(() => [])).length === 1,
    );
    await queueTask(bench.js, calibTask('N1'));
    await settled();
    expect(await productsOf(bench.jsm)).toMatchObject([{ exposureId: 'N1' }]);

    // Once more with everything forgotten but the streams.
    await again.kill();
    const third = await startNatsServer({ storeDir, port: Number(new URL(url).port) });
    try {
      const nc = await connectBus({ url: third.url, name: 'later' });
      await queueTask(jetstream(nc), calibTask('N1'));
      const jsm = await jetstreamManager(nc);
      await until('it is settled', async () => (await messagesIn(jsm, STREAM.tasks)) === 0);
      expect(await productsOf(jsm)).toHaveLength(1);
      expect(starts('N1')).toBe(1);
      child.process.kill('SIGTERM');
      expect(await child.ended).toBe(0);
      await nc.close();
    } finally {
      await third.stop();
    }
  } finally {
    await again.stop();
  }
});
