import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { exposureEvents, writeRamp } from '../fixtures/hand-made.ts';
import { type Instance, newInstance } from '../fixtures/instance.ts';

let drs: Instance;
beforeAll(async () => {
  drs = newInstance({ DRS_SKY_DEADLINE: '1' });
  await drs.must('up');
});
afterAll(() => drs[Symbol.asyncDispose]());

let serial = 0;

/** Publishes an exposure big enough that the kill falls into its reduction. */
const expose = async (): Promise<string> => {
  serial += 1;
  const exposureId = `2031A-002-001-IRIS-IMG1-SCI0-${String(serial).padStart(4, '0')}`;
  const path = `20310314/readouts/${exposureId}.fits`;
  writeRamp({
    path: join(drs.data, path),
    detector: 'IMG1',
    ny: 1024,
    nx: 1024,
    reads: 8,
    groupSeconds: 2,
    rate: (x) => 5 + (x % 16),
  });
  const file = join(drs.root, `${serial}.ndjson`);
  writeFileSync(file, `${exposureEvents(exposureId, [path]).join('\n')}\n`);
  await drs.must('publish', file);
  return exposureId;
};

it.each(['assembly', 'readout', 'calib', 'imager', 'refdb', 'nats-server'])(
  'kill -9 of %s in mid-exposure leads, after up, to exactly one complete product',
  async (name) => {
    const exposureId = await expose();
    await sleep(40 * (serial % 4));
    await drs.kill(name);
    await drs.must('up');
    await drs.product(exposureId, 'l2', 60);
    const { products, failures } = await drs.seen(3);
    const levels = products.filter(({ exposure }) => exposure === exposureId).map(({ level }) => level);
    expect(levels.sort()).toEqual(['l1', 'l2', 'l2a']);
    expect(failures).toEqual([]);
  },
  120_000,
);
