import { BUCKET, STREAM } from '@iris-drs/proto';
import { jetstream, jetstreamManager } from '@nats-io/jetstream';
import { Kvm } from '@nats-io/kv';
import { nanos } from '@nats-io/nats-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type NatsServer, startNatsServer } from '../../../test/fixtures/nats.ts';
import { connectBus, provision } from '../src/index.ts';

let server: NatsServer;
beforeAll(async () => {
  server = await startNatsServer({ isolated: true });
});
afterAll(() => server.stop());

test('provisions a fresh server, changes nothing the second time, and keeps data while correcting older settings', async () => {
  const nc = await connectBus({ url: server.url, name: 'test' });
  const jsm = await jetstreamManager(nc);
  const js = jetstream(nc);
  // An older release's stream and consumer, holding a message.
  await jsm.streams.add({ name: STREAM.products, subjects: ['drs.product.l1.>'], max_age: nanos(1000_000) });
  await js.publish('drs.product.l1.imager.IMG1.x.1', 'kept');
  await jsm.consumers.add(STREAM.products, {
    durable_name: 'assembly',
    ack_policy: 'explicit',
    ack_wait: nanos(60_000),
  });

  const first = await provision(nc);
  const corrected = first.filter(({ action }) => action === 'updated');
  expect(corrected.map(({ name }) => name)).toEqual([STREAM.products, `${STREAM.products}.assembly`]);
  expect(corrected[0]?.fields).toContain('subjects');
  expect(first.filter(({ action }) => action === 'created')).toHaveLength(first.length - 2);
  const kept = await jsm.streams.getMessage(STREAM.products, { seq: 1 });
  expect(kept?.string()).toBe('kept');

  const second = await provision(nc);
  expect(second.every(({ action }) => action === 'unchanged')).toBe(true);
  const third = await provision(nc, { ackWaitMs: 2_000, backoffMs: [2_000, 3_000] });
  expect(third.filter(({ action }) => action === 'updated').length).toBeGreaterThan(10);
  await nc.close();
});

test('refuses to go on when a stream cannot be made as planned, and deletes nothing', async () => {
  const nc = await connectBus({ url: server.url, name: 'test' });
  const jsm = await jetstreamManager(nc);
  await jsm.streams.delete(STREAM.tasks);
  await jsm.streams.add({ name: STREAM.tasks, subjects: ['drs.task.>'], retention: 'limits' });
  await expect(provision(nc)).rejects.toMatchObject({ code: 'PROVISION_MISMATCH', input: STREAM.tasks });
  expect((await jsm.streams.info(STREAM.tasks)).config.retention).toBe('limits');
  await jsm.streams.delete(STREAM.tasks);
  await provision(nc);
  await nc.close();
});

test('the buckets are what the key-value client expects', async () => {
  const nc = await connectBus({ url: server.url, name: 'test' });
  for (const name of Object.values(BUCKET)) {
    const kv = await new Kvm(nc).open(name);
    const revision = await kv.create('key', 'one');
    await expect(kv.create('key', 'two')).rejects.toThrow();
    await kv.update('key', 'three', revision);
    await expect(kv.update('key', 'four', revision)).rejects.toMatchObject({ code: 10071 });
    expect((await kv.get('key'))?.string()).toBe('three');
  }
  await nc.close();
});
