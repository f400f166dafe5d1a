import { existsSync, readFileSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { connectBus } from '@iris-drs/bus';
import { jetstream, jetstreamManager } from '@nats-io/jetstream';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { observeEvent, writeRamp } from '../fixtures/hand-made.ts';
import { type Instance, newInstance, until } from '../fixtures/instance.ts';

const NIGHT = '20200314';
const time = '2020-03-14T09:26:53.589Z';
const [first, second, lost] = [1, 2, 3].map((n) => `2020A-001-123-IRIS-IMG1-SCI0-000${n}`) as [
  string,
  string,
  string,
];

let drs: Instance;
const reads = (exposureId: string): string => join(drs.data, NIGHT, 'readouts', `${exposureId}_uncal.fits`);
const raw = (exposureId: string): string => join(drs.data, NIGHT, 'raw', `${exposureId}_rate.fits`);

const ramp = (exposureId: string): void =>
  writeRamp({
    path: reads(exposureId),
    detector: 'IMG1',
    ny: 16,
    nx: 16,
    reads: 4,
    groupSeconds: 2,
    rate: () => 10,
  });

beforeAll(async () => {
  drs = newInstance({ DRS_SKY_DEADLINE: '0' });
  await drs.must('up');
  for (const exposureId of [first, second, lost]) ramp(exposureId);
  for (const exposureId of [first, second]) {
    const filename = reads(exposureId);
    await drs.publish(
      ['ExposureStart', 'ExposureEnd', 'DataWriteEnd'].map((name) =>
        observeEvent(name, name === 'DataWriteEnd' ? { exposureId, filename } : { exposureId }, { time }),
      ),
    );
  }
  for (const exposureId of [first, second]) await drs.product(exposureId, 'l2');
}, 120_000);
afterAll(() => drs[Symbol.asyncDispose]());

/** What `gc` would remove now, as names of files. */
const candidates = async (): Promise<string[]> => {
  const out = await drs.must('gc', '--dry-run', '--json', '--older-than', '0');
  return out
    .split('\n')
    .flatMap((line) => (line === '' ? [] : [(JSON.parse(line) as { path: string }).path]));
};

it('reads go when the retention is over, their frames are sound and everything on the bus is worked off', async () => {
  // Files of this moment are younger than any retention.
  expect(await drs.must('gc', '--dry-run', '--json')).toBe('');
  const found = await until('an idle bus', async () => {
    const paths = await candidates();
    return paths.length > 0 ? paths : undefined;
  });
  expect(found).toEqual([reads(first), reads(second)]);

  // A task that nobody has taken yet.
  const { natsUrl } = await drs.status();
  await using bus = await connectBus({ url: natsUrl, name: 'test' }).then((nc) => ({
    nc,
    [Symbol.asyncDispose]: () => nc.close(),
  }));
  await jetstream(bus.nc).publish('drs.task.ifs.slicer.IFS.x', 'waits for a stage that does not run');
  expect(await candidates()).toEqual([]);
});

it('a raw science frame that is damaged vouches for nothing, and reads without one stay', async () => {
  const { natsUrl } = await drs.status();
  const nc = await connectBus({ url: natsUrl, name: 'test' });
  await (await jetstreamManager(nc)).streams.purge('TASKS');
  await nc.close();
  const bytes = readFileSync(raw(second));
  bytes[bytes.length - 2880 * 2]! ^= 0x10;
  bytes[2880 * 6 + 17]! ^= 0x10;
  writeFileSync(raw(second), bytes);
  // The other one is written to once more, and then once more made into a frame.
  const now = Date.now() / 1000;
  utimesSync(reads(first), now, now);
  expect(await candidates()).toEqual([]);
  utimesSync(raw(first), now, now);
  const out = await drs.must('gc', '--older-than', '0');
  expect(out).toContain(`removed ${reads(first)}`);
  expect([first, second, lost].map((id) => existsSync(reads(id)))).toEqual([false, true, true]);
  expect([first, second].map((id) => existsSync(raw(id)))).toEqual([true, true]);
});
