import { BUCKET } from '@iris-drs/proto';
import { Kvm } from '@nats-io/kv';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { withFrame, withTask } from '../src/record.ts';
import { openStore } from '../src/store.ts';
import { type Bench, openBench } from './fixtures/bench.ts';
import { start } from './fixtures/events.ts';
import { frameOf, play } from './fixtures/play.ts';

let bench: Bench;
beforeAll(async () => {
  bench = await openBench();
});
afterAll(() => bench.close());

const recordOf = (id: string) => {
  const stage = play(() => []);
  stage.event(start(id));
  return stage.records.get(id)!;
};

it('thousands of records are read again as they were', async () => {
  const store = await openStore(bench.nc);
  const ids = Array.from(
    { length: 3_000 },
    (_, n) =>
      `2031A-001-${String(1 + (n % 30)).padStart(3, '0')}-IRIS-IMG1-SCI0-${String(n).padStart(4, '0')}`,
  );
  for (let n = 0; n < ids.length; n += 250)
    await Promise.all(ids.slice(n, n + 250).map((id) => store.save(recordOf(id))));
  const again = await openStore(bench.nc);
  expect([...again.recent()]).toHaveLength(3_000);
  expect(again.observation('2031A-001-007')).toHaveLength(100);
  expect(await again.get(ids[1_234]!)).toEqual(recordOf(ids[1_234]!));
  expect(again.waiting()).toEqual([]);
});

it('a record that is not in memory is found in the bucket, and can be written', async () => {
  const id = '2031A-002-001-IRIS-IMG1-SCI0-0001';
  const store = await openStore(bench.nc);
  const kv = await new Kvm(bench.js).open(BUCKET.exposures);
  await kv.put(id, JSON.stringify(recordOf(id)));
  const record = await store.get(id);
  expect(record).toEqual(recordOf(id));
  await store.save(withFrame(record!, frameOf()));
  expect((await kv.get(id))?.json()).toMatchObject({ frames: { IMG1: { detector: 'IMG1' } } });
  expect(await store.get('no such exposure')).toBeUndefined();
  expect(await store.get('')).toBeUndefined();
});

it('progress is kept in memory, and written with the next change', async () => {
  const id = '2031A-002-001-IRIS-IMG1-SCI0-0002';
  const store = await openStore(bench.nc);
  store.note(recordOf(id));
  expect(await (await openStore(bench.nc)).get(id)).toBeUndefined();
  await store.save(recordOf(id));
  expect(await (await openStore(bench.nc)).get(id)).toBeDefined();
});

it('keywords leave a record with its readout task, so that records stay small', () => {
  const record = withFrame(
    { ...recordOf('2031A-002-001-IRIS-IMG-SCI0-0003'), keywords: { IMG1: [], IMG2: [] } },
    frameOf(),
  );
  expect(Object.keys(withTask(record, 'IMG1', 'readout').keywords)).toEqual(['IMG2']);
});
