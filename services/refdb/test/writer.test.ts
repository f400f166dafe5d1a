import { setTimeout as sleep } from 'node:timers/promises';
import { connectBus, createLog, provision } from '@iris-drs/bus';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type NatsServer, startNatsServer } from '../../../test/fixtures/nats.ts';
import { leasedWriter } from '../src/writer.ts';

let nats: NatsServer;
beforeAll(async () => {
  nats = await startNatsServer({ isolated: true });
});
afterAll(() => nats.stop());

const open = async (name: string, patienceMs?: number) => {
  const nc = await connectBus({ url: nats.url, name });
  const lines: string[] = [];
  const log = createLog(name, {
    level: 'warn',
    destination: { write: (line: string) => void lines.push(line) },
  });
  return { nc, lines, writer: leasedWriter({ nc, log }, name, patienceMs) };
};

it('writers of several replicas take turns, and all get theirs', async () => {
  const writers = await Promise.all(['a', 'b', 'c'].map((name) => open(name)));
  await provision(writers[0]!.nc, { leaseTtlMs: 1_000 });
  let at = 0;
  const order: string[] = [];
  const works = writers.flatMap(({ writer }, i) =>
    Array.from({ length: 5 }, () =>
      writer.run(async () => {
        at += 1;
        expect(at, 'at the same time').toBe(1);
        await sleep(20);
        order.push('abc'[i]!);
        at -= 1;
      }),
    ),
  );
  await Promise.all(works);
  expect(order.sort().join('')).toBe('aaaaabbbbbccccc');
  expect(writers.flatMap(({ lines }) => lines)).toEqual([]);
  for (const { nc, writer } of writers) {
    await writer.idle();
    await nc.close();
  }
});

it('work that fails does not keep the next one from its turn', async () => {
  const { nc, writer } = await open('a');
  const failing = writer.run(async () => {
    throw new Error('a fault');
  });
  const next = writer.run(async () => 'done');
  await expect(failing).rejects.toThrow('a fault');
  expect(await next).toBe('done');
  await writer.idle();
  await nc.close();
});

it('without the bus it writes without the lease, and says so', async () => {
  const { nc, writer, lines } = await open('a', 200);
  await nc.close();
  expect(await writer.run(async () => 'done')).toBe('done');
  expect(lines.join()).toContain('writing without the lease');
});
