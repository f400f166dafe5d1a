import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { datasum } from '@iris-drs/fits';
import { openFile } from '@iris-drs/fits/node';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { exposureEvents, writeRamp } from '../fixtures/hand-made.ts';
import { type Instance, newInstance } from '../fixtures/instance.ts';

const NIGHT = '20310314';

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
  const path = `${NIGHT}/readouts/${exposureId}.fits`;
  const size = { ny: 1024, nx: 1024, reads: 8, groupSeconds: 2 };
  writeRamp({ path: join(drs.data, path), detector: 'IMG1', ...size, rate: (x) => 5 + (x % 16) });
  await drs.publish(exposureEvents(exposureId, [path]));
  return exposureId;
};

/** Files of products, previews aside, relative to the volume; what a dead writer left is among them. */
const filesOf = (): string[] =>
  ['raw', 'reduced/imager'].flatMap((directory) => {
    const path = join(drs.data, NIGHT, directory);
    return readdirSync(path)
      .filter((name) => !name.endsWith('.png'))
      .map((name) => join(path, name));
  });

/** Every data unit of a file has the checksum that its header states. */
const expectIntact = async (path: string): Promise<void> => {
  using fits = await openFile(path);
  for (const { header, dataOffset, dataBytes } of fits.hdus) {
    const padded = Math.ceil(dataBytes / 2880) * 2880;
    const bytes = await fits.source.slice(dataOffset, dataOffset + padded);
    expect(bytes).toHaveLength(padded);
    expect(String(datasum(bytes))).toBe(header.string('DATASUM')?.trim());
  }
};

it.each(['assembly', 'readout', 'calib', 'imager', 'refdb', 'nats-server'])(
  'kill -9 of %s in mid-exposure leads, after up, to exactly one complete product',
  async (name) => {
    const exposureId = await expose();
    await sleep(40 * (serial % 4));
    await drs.kill(name);
    await drs.must('up');
    await drs.product(exposureId, 'l2');
    const { products, failures } = await drs.settled();
    const lines = products.filter(({ exposure }) => exposure === exposureId);
    expect(lines.map(({ level }) => level).sort()).toEqual(['l1', 'l2', 'l2a']);
    expect(failures).toEqual([]);
    // One file a product, and nothing half written was announced.
    const files = filesOf().filter((path) => !path.endsWith('.part'));
    expect(files.sort()).toEqual(products.map(({ path }) => path).sort());
    for (const { path } of lines) await expectIntact(path);
  },
  180_000,
);

it('what a killed writer leaves is hidden from readers', () => {
  for (const path of filesOf().filter((name) => name.endsWith('.part'))) expect(path).toMatch(/\/\.[^/]+$/);
});
