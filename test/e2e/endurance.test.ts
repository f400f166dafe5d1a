import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { exposureEvents, writeRamp } from '../fixtures/hand-made.ts';
import { type Instance, newInstance } from '../fixtures/instance.ts';

/** Compiled code and heaps reach most of their size in the first; over 1500 frames all were flat from 1100 on. */
const WARM = 200;
const FRAMES = WARM + 300;
const BATCH = 25;

let drs: Instance;
beforeAll(async () => {
  drs = newInstance();
  await drs.must('up');
});
afterAll(() => drs[Symbol.asyncDispose]());

/** Standalone exposures wait for no sky: each goes through all three imager stages at once. */
const idOf = (n: number): string => `20310314-092653-IRIS-IMG1-SCI0-${String(n).padStart(4, '0')}`;

const expose = async (from: number): Promise<void> => {
  const lines: string[] = [];
  for (let n = from; n < from + BATCH; n++) {
    const path = `20310314/readouts/${idOf(n)}.fits`;
    const size = { ny: 64, nx: 64, reads: 4, groupSeconds: 2 };
    writeRamp({ path: join(drs.data, path), detector: 'IMG1', ...size, rate: (x) => 5 + (x % 16) });
    lines.push(...exposureEvents(idOf(n), [path]));
  }
  await drs.publish(lines);
  for (let n = from; n < from + BATCH; n++) await drs.product(idOf(n), 'l2');
};

const SERVICES = ['refdb', 'assembly', 'readout', 'calib', 'imager'];

/** Resident memory of each service, MB. */
const resident = async (): Promise<number[]> => {
  const found: number[] = [];
  for (const name of SERVICES) {
    const status = readFileSync(`/proc/${await drs.pid(name)}/status`, 'utf8');
    found.push(Number(/VmRSS:\s+(\d+)/.exec(status)?.[1]) / 1024);
  }
  return found;
};

it('300 frames in a row give their products and leave the memory of every service flat', async () => {
  let early: number[] = [];
  for (let n = 1; n <= FRAMES; n += BATCH) {
    await expose(n);
    if (n + BATCH - 1 === WARM) early = await resident();
  }
  const late = await resident();
  const { products, failures } = await drs.settled();
  expect(failures).toEqual([]);
  expect(products).toHaveLength(3 * FRAMES);
  const growth = SERVICES.map((name, index) => ({ name, ratio: late[index]! / early[index]! }));
  for (const { name, ratio } of growth)
    expect(ratio, `${name}: ${early} MB, then ${late} MB`).toBeLessThan(1.1);
}, 300_000);
