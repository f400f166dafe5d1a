import { join } from 'node:path';
import { openFile } from '@iris-drs/fits/node';
import { jetstreamManager } from '@nats-io/jetstream';
import { connect } from '@nats-io/transport-node';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { exposureEvents, writeRamp } from '../fixtures/hand-made.ts';
import { type Instance, isRunning, newInstance, until } from '../fixtures/instance.ts';
import { startReplica } from '../fixtures/replica.ts';

let drs: Instance;
beforeAll(async () => {
  // Long enough that no science frame of these tests goes on without its sky.
  drs = newInstance({ DRS_SKY_DEADLINE: '600' });
  await drs.must('up');
});
afterAll(() => drs[Symbol.asyncDispose]());

const expose = async (...exposureIds: readonly string[]): Promise<void> => {
  const lines = exposureIds.flatMap((exposureId) => {
    const path = `20310314/readouts/${exposureId}.fits`;
    const rate = exposureId.includes('SKY') ? 5 : 25;
    const size = { ny: 32, nx: 32, reads: 4, groupSeconds: 10 };
    writeRamp({ path: join(drs.data, path), detector: 'IMG1', ...size, rate: () => rate });
    return exposureEvents(exposureId, [path]);
  });
  await drs.publish(lines);
};

const methodOf = async (path: string) => {
  using fits = await openFile(path);
  return fits.hdu(0).header.get('BKGMETH');
};

it('science and sky handled by different processes of readout and calib still meet', async () => {
  const science = '2031A-003-001-IRIS-IMG1-SCI0-0001';
  const sky = '2031A-003-001-IRIS-IMG1-SKY0-0002';
  await expose(science);
  await drs.product(science, 'l2a');
  await using readout = await startReplica(drs, 'readout');
  await using calib = await startReplica(drs, 'calib');
  for (const name of ['readout', 'calib']) {
    const pid = await drs.pid(name);
    process.kill(pid, 'SIGTERM');
    await until(`${name} stopped`, () => !isRunning(pid) || undefined);
  }
  await expose(sky);
  const { path } = await drs.product(science, 'l2');
  expect(await methodOf(path)).toBe('SKY');
  const did = (log: Record<string, unknown>[]) => log.some(({ exposure }) => exposure === sky);
  expect([did(readout.log()), did(calib.log())]).toEqual([true, true]);
  await drs.must('up');
});

it('frames shared between replicas are each reduced once', async () => {
  await using _readout = await startReplica(drs, 'readout');
  await using _calib = await startReplica(drs, 'calib');
  const ids = Array.from({ length: 8 }, (_, n) => `2031A-003-002-IRIS-IMG1-SCI0-000${n + 1}`);
  await expose('2031A-003-002-IRIS-IMG1-SKY0-0009', ...ids);
  for (const id of ids) await drs.product(id, 'l2');
  const { products, failures } = await drs.settled();
  expect(failures).toEqual([]);
  const lines = products.filter(({ exposure }) => exposure.startsWith('2031A-003-002'));
  expect(new Set(lines.map(({ path }) => path)).size).toBe(lines.length);
  expect(lines).toHaveLength(8 * 3 + 2);
});

it('a standby assembly takes over when the active one is killed', async () => {
  await using standby = await startReplica(drs, 'assembly');
  await until(
    'standing by',
    () => standby.log().some(({ msg }) => String(msg).includes('standing by')) || undefined,
  );
  const science = '2031A-003-003-IRIS-IMG1-SCI0-0001';
  await expose(science);
  await drs.product(science, 'l1');
  await drs.kill('assembly');
  const sky = '2031A-003-003-IRIS-IMG1-SKY0-0002';
  await expose(sky);
  const { path } = await drs.product(science, 'l2');
  expect(await methodOf(path)).toBe('SKY');
  const { products, failures } = await drs.settled();
  expect(products.filter(({ exposure }) => exposure.startsWith('2031A-003-003'))).toHaveLength(5);
  expect(failures).toEqual([]);
});

it('records that are lost give nothing new, and new exposures are followed', async () => {
  await drs.must('up');
  const { natsUrl } = await drs.status();
  const before = await drs.settled();
  const nc = await connect({ servers: natsUrl });
  const jsm = await jetstreamManager(nc);
  await drs.kill('assembly');
  await jsm.streams.delete('KV_exposures');
  await nc.close();
  await drs.must('up');
  expect(await drs.settled()).toEqual(before);
  const next = ['2031A-003-004-IRIS-IMG1-SCI0-0001', '2031A-003-004-IRIS-IMG1-SKY0-0002'] as const;
  await expose(...next);
  await drs.product(next[0], 'l2');
});
