import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { acquireLease, connectBus } from '../src/index.ts';
import { type Bench, openBench } from './fixtures/bench.ts';

let bench: Bench;
beforeAll(async () => {
  bench = await openBench();
});
afterAll(() => bench.close());

test('one instance is active; a standby takes over when it lets go', async () => {
  const { nc } = bench;
  const first = await acquireLease(nc, { name: 'assembly', owner: 'a' });
  let second: Awaited<ReturnType<typeof acquireLease>> | undefined;
  const waiting = acquireLease(nc, { name: 'assembly', owner: 'b' }).then((lease) => {
    second = lease;
    return lease;
  });
  await sleep(1_600); // longer than the lease lives unrenewed
  expect(second).toBeUndefined();
  expect(first.held).toBe(true);
  await first.release();
  const lease = await waiting;
  await sleep(1_200);
  expect(lease.held).toBe(true);
  expect(await first.lost).toBe('released');
  await lease.release();
});

test('a holder that falls silent loses the lease before the standby has it', async () => {
  const silent = await connectBus({ url: bench.server.url, name: 'silent' });
  const first = await acquireLease(silent, { name: 'silent', owner: 'a' });
  let lostAt = 0;
  void first.lost.then(() => {
    lostAt = performance.now();
  });
  await silent.close();
  const second = await acquireLease(bench.nc, { name: 'silent', owner: 'b' });
  expect(lostAt).toBeGreaterThan(0);
  expect(performance.now()).toBeGreaterThan(lostAt);
  expect(first.held).toBe(false);
  await second.release();
});

test('a lease that another overwrote is reported as lost', async () => {
  const { Kvm } = await import('@nats-io/kv');
  const lease = await acquireLease(bench.nc, { name: 'stolen', owner: 'a' });
  const kv = await new Kvm(bench.nc).open('leases');
  await kv.put('stolen', 'thief');
  expect(await lease.lost).toBe('lost');
});

test('a standby can stop waiting', async () => {
  const lease = await acquireLease(bench.nc, { name: 'stop', owner: 'a' });
  const stop = new AbortController();
  const waiting = acquireLease(bench.nc, { name: 'stop', owner: 'b', signal: stop.signal });
  setTimeout(() => stop.abort(), 50);
  await expect(waiting).rejects.toThrow();
  await lease.release();
});
