import { setTimeout as sleep } from 'node:timers/promises';
import { provision } from '@iris-drs/bus';
import { BUCKET } from '@iris-drs/proto';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { exposureEvents, observeEvent } from '../../../test/fixtures/hand-made.ts';
import { startNatsServer } from '../../../test/fixtures/nats.ts';
import { type Bench, openBench, until } from './fixtures/bench.ts';
import { end, start, systemEvent, written } from './fixtures/events.ts';

// Message ids are forgotten at once: nothing rests on them.
const topology = { ackWaitMs: 1_000, backoffMs: [1_000, 1_000], leaseTtlMs: 1_000, duplicateWindowMs: 100 };

let bench: Bench;
beforeEach(async () => {
  bench = await openBench({}, topology);
});
afterEach(() => bench.close());

const science = '2031A-001-001-IRIS-IMG1-SCI0-0001';
const sky = '2031A-001-001-IRIS-IMG1-SKY0-0002';

const told = async (): Promise<string[]> =>
  (await bench.tasks()).map(({ stage, exposureId }) => `${stage} ${exposureId.slice(-9)}`);

const angle = (value: number, time: string) =>
  systemEvent('TCS.cmIRIS.positionAngle', { positionAngle: value }, time);

const angleOf = async (exposureId: string) =>
  (await bench.task(exposureId, 'readout')).keywords.find(({ name }) => name === 'PA')?.value;

it('events again, with new ids and after restarts, give nothing new', async () => {
  const lines = exposureEvents(science, [bench.ramp(science)]);
  const term = await bench.begin();
  await bench.publish(lines);
  await bench.finish(await bench.task(science, 'readout'));
  await bench.task(science, 'calib');
  await term.stop();
  for (const _again of [1, 2]) {
    const again = await bench.begin();
    await bench.publish(
      lines.map((line) => line.replace(/"eventId":"[^"]*"/, `"eventId":"${crypto.randomUUID()}"`)),
    );
    await bench.quiet();
    await again.stop();
  }
  expect(await told()).toEqual(['readout SCI0-0001', 'calib SCI0-0001']);
});

it('an event that is in the buffer when a term ends is handled by the next at once', async () => {
  // Left to its lease it would come after longer than the test waits.
  await bench.close();
  bench = await openBench({}, { ...topology, ackWaitMs: 60_000 });
  const ids = Array.from({ length: 12 }, (_, n) => `2031A-001-001-IRIS-IMG1-SCI0-${String(n + 10)}00`);
  await bench.publish(ids.flatMap((id) => exposureEvents(id, [bench.ramp(id)])));
  const term = await bench.begin();
  await until('a task', async () => (await bench.tasks()).length > 0);
  await term.stop();
  expect((await bench.tasks()).length).toBeLessThan(ids.length);
  await bench.begin();
  await bench.quiet();
  expect((await told()).sort()).toEqual(ids.map((id) => `readout ${id.slice(-9)}`).sort());
});

it('what an instance held when it died comes to the next at once', async () => {
  await bench.close();
  bench = await openBench({}, { ...topology, ackWaitMs: 60_000 });
  await bench.publish(exposureEvents(science, [bench.ramp(science)]));
  const consumer = await bench.js.consumers.get('OBSERVE', 'assembly');
  await consumer.next();
  await bench.begin();
  await bench.task(science, 'readout');
  await bench.quiet();
  expect(await told()).toEqual(['readout SCI0-0001']);
});

it('telemetry outlives a restart, as it stood at each exposure', async () => {
  const term = await bench.begin();
  await bench.publish([angle(12.5, '2031-03-14T09:00:00Z')]);
  await bench.quiet();
  await term.stop();
  // While nobody follows: an exposure, then a newer value, then another exposure.
  await bench.publish([
    start(science),
    angle(99, '2031-03-14T10:00:00Z'),
    start(sky),
    ...[science, sky].map((id) => written(id, bench.ramp(id))),
  ]);
  await bench.begin();
  expect(await angleOf(science)).toEqual({ $case: 'number', value: 12.5 });
  expect(await angleOf(sky)).toEqual({ $case: 'number', value: 99 });
});

it('telemetry is read from its last checkpoint, not from the start of the stream', async () => {
  const term = await bench.begin();
  await bench.publish([angle(12.5, '2031-03-14T09:00:00Z')]);
  const { jsm } = bench;
  await until(
    'checkpoint',
    async () =>
      (await jsm.streams
        .getMessage(`KV_${BUCKET.telemetry}`, { last_by_subj: `$KV.${BUCKET.telemetry}.latest` })
        .catch(() => undefined)) ?? undefined,
  );
  await until(
    'position',
    async () => term.store.settings && (await jsm.streams.info(`KV_${BUCKET.exposures}`)).state.messages > 0,
  );
  await term.stop();
  await jsm.streams.purge('OBSERVE');
  await bench.begin();
  await bench.publish([start(science), written(science, bench.ramp(science))]);
  expect(await angleOf(science)).toEqual({ $case: 'number', value: 12.5 });
});

it('records that were lost are made again from the streams, and a sky that is there is not overlooked', async () => {
  const term = await bench.begin({ skyDeadlineSeconds: 0.2 });
  const done = '2031A-001-002-IRIS-IMG1-SCI0-0001';
  for (const id of [science, sky, done]) await bench.publish(exposureEvents(id, [bench.ramp(id)]));
  for (const stage of ['readout', 'calib']) {
    await bench.finish(await bench.task(sky, stage));
    await bench.finish(await bench.task(done, stage));
  }
  await bench.finish(await bench.task(done, 'imager'));
  await bench.finish(await bench.task(science, 'readout'));
  const calib = await bench.task(science, 'calib');
  await term.stop();
  const before = await told();
  // Ready for the imager, its deadline long past, when the records are lost.
  await bench.finish(calib);
  await sleep(300);
  await bench.jsm.streams.delete(`KV_${BUCKET.exposures}`);
  await provision(bench.nc, topology);
  await bench.begin({ skyDeadlineSeconds: 0.2 });
  const imager = await bench.task(science, 'imager');
  expect(imager.inputs.map(({ exptype }) => exptype)).toEqual(['science', 'background']);
  const next = '2031A-001-003-IRIS-IMG1-SCI0-0001';
  await bench.publish(exposureEvents(next, [bench.ramp(next)]));
  await bench.task(next, 'readout');
  await bench.quiet();
  expect(await told()).toEqual([...before, 'imager SCI0-0001', 'readout SCI0-0001']);
});

it('a bucket replaced under a running term ends it, and the next has everything', async () => {
  const term = await bench.begin();
  await bench.publish(exposureEvents(science, [bench.ramp(science)]));
  await bench.finish(await bench.task(science, 'readout'));
  await bench.task(science, 'calib');
  await bench.jsm.streams.delete(`KV_${BUCKET.exposures}`);
  await provision(bench.nc, topology);
  await bench.publish([
    end(science),
    observeEvent('ExposureAborted', { exposureId: science, reason: 'clouds' }),
  ]);
  await expect(term.ended).rejects.toMatchObject({ code: 'STORE_TAKEN' });
  const again = await bench.begin();
  await bench.quiet();
  const record = await again.store.get(science);
  expect(record?.exposure).toMatchObject({ aborted: true, abortReason: 'clouds' });
  expect(record?.frames.IMG1?.products.l1).toBeDefined();
});

it('of two active instances the slower one gives up', async () => {
  const first = await bench.begin();
  await bench.publish([start(science)]);
  await bench.quiet();
  const second = await bench.begin();
  await bench.publish([end(science), written(science, bench.ramp(science)), observeEvent('ObserveEnd', {})]);
  await bench.task(science, 'readout');
  const ended = await Promise.race([
    first.ended.catch((error: unknown) => error),
    second.ended.catch((error: unknown) => error),
  ]);
  expect(ended).toMatchObject({ code: 'STORE_TAKEN' });
});

it('an answer that comes too late is not taken for a rival', async () => {
  const { pid } = bench.server;
  if (pid === undefined) throw new Error('needs a nats-server of its own');
  const term = await bench.begin();
  await bench.publish([start(science)]);
  await bench.quiet();
  // Held still while the write is under way: it arrives, and its answer after the writer stopped waiting for it.
  process.kill(pid, 'SIGSTOP');
  const change = term.desk.change((settings) => ({ ...settings, observer: { OBSERVER: 'A' } }));
  change.catch(() => undefined);
  await sleep(3_500);
  process.kill(pid, 'SIGCONT');
  await change.catch(() => undefined);
  await term.desk.change((settings) => ({ ...settings, observer: { OBSERVER: 'B' } }));
  expect(term.store.settings.observer).toEqual({ OBSERVER: 'B' });
  await bench.publish([end(science), written(science, bench.ramp(science))]);
  await bench.task(science, 'readout');
});

it('deadlines pass although telemetry never pauses, and a backlog of it is followed', async () => {
  const time = (n: number) => new Date(Date.UTC(2031, 2, 14, 9) + n * 10).toISOString();
  const tick = (n: number) => angle(n % 360, time(n));
  for (let n = 0; n < 3_000; n += 500)
    await Promise.all(Array.from({ length: 500 }, (_, k) => bench.publish([tick(n + k)])));
  await bench.publish(exposureEvents(science, [bench.ramp(science)]));
  const streaming = { on: true };
  const stream = (async () => {
    for (let n = 3_000; streaming.on; n += 2) {
      await Promise.all([bench.publish([tick(n)]), bench.publish([tick(n + 1)])]);
      await sleep(2);
    }
  })();
  try {
    await bench.begin({ skyDeadlineSeconds: 0.3 });
    for (const stage of ['readout', 'calib']) await bench.finish(await bench.task(science, stage));
    expect((await bench.task(science, 'imager')).remark).toBe('no sky within 0.3 s');
  } finally {
    streaming.on = false;
    await stream;
  }
});

it('nats-server killed and started again: the term goes on', async () => {
  await bench.close();
  const first = await startNatsServer({ isolated: true });
  await first.stop();
  const port = Number(new URL(first.url).port);
  bench = await openBench({ port }, topology);
  const { storeDir } = bench.server;
  await bench.begin();
  await bench.publish(exposureEvents(science, [bench.ramp(science)]));
  await bench.task(science, 'readout');
  await bench.server.kill();
  const again = await startNatsServer({ port, storeDir: storeDir! });
  try {
    await until('connection', () =>
      bench.nc.flush().then(
        () => true,
        () => false,
      ),
    );
    await bench.finish(await bench.task(science, 'readout'));
    await bench.task(science, 'calib');
    await bench.publish(exposureEvents(sky, [bench.ramp(sky)]));
    await bench.task(sky, 'readout');
    expect(await told()).toEqual(['readout SCI0-0001', 'calib SCI0-0001', 'readout SKY0-0002']);
  } finally {
    await again.kill();
  }
});
