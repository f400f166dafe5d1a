import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Header, readImage } from '@iris-drs/fits';
import { openFile, writeFile } from '@iris-drs/fits/node';
import { encodeEventCbor, parseEventLine } from '@iris-drs/tmt';
import { jetstream } from '@nats-io/jetstream';
import type { NatsConnection } from '@nats-io/nats-core';
import { connect } from '@nats-io/transport-node';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { exposureEvents, observeEvent, writeRamp } from '../fixtures/hand-made.ts';
import { type Instance, newInstance } from '../fixtures/instance.ts';

let drs: Instance;
let nc: NatsConnection;
beforeAll(async () => {
  drs = newInstance({ DRS_SKY_DEADLINE: '1' });
  await drs.must('up');
  nc = await connect({ servers: (await drs.status()).natsUrl });
});
afterAll(async () => {
  await nc?.close();
  await drs[Symbol.asyncDispose]();
});

const exposure = (n: number): string => `2031A-004-001-IRIS-IMG1-SCI0-${String(n).padStart(4, '0')}`;

const ramp = (exposureId: string): string => {
  const path = `20310314/readouts/${exposureId}.fits`;
  const size = { ny: 16, nx: 16, reads: 4, groupSeconds: 2 };
  writeRamp({ path: join(drs.data, path), detector: 'IMG1', ...size, rate: () => 10 });
  return path;
};

const goesThrough = async (n: number): Promise<void> => {
  await drs.publish(exposureEvents(exposure(n), [ramp(exposure(n))]));
  await drs.product(exposure(n), 'l1');
};

it('a malformed line is named by publish, and what stood before it is on the bus', async () => {
  const file = join(drs.root, 'malformed.ndjson');
  const id = exposure(1);
  writeFileSync(file, `${exposureEvents(id, [ramp(id)]).join('\n')}\n{"_type":"ObserveEvent",\n`);
  const { code, stderr } = await drs.drs('publish', file);
  expect(code).toBe(2);
  expect(stderr).toMatch(/malformed\.ndjson line 5: .*\(4 events published before it\)/);
  await drs.product(id, 'l1');
});

it('what is put straight on the bus and cannot be read is one failure, and the next exposure goes through', async () => {
  const subject = 'tmt.obs.IRIS.DataWriteEnd.imager.detector';
  await jetstream(nc).publish(subject, new Uint8Array([0xff, 0x00, 0x17]));
  await goesThrough(2);
  await drs.failure(subject, ({ input }) => input?.startsWith(subject) === true);
  const { failures } = await drs.settled();
  expect(failures).toHaveLength(1);
  expect(failures[0]).toMatchObject({ stage: 'assembly', retriable: false });
});

it('an exposure id of an unknown form is one failure, however many of its events come', async () => {
  const odd = 'IRIS-IMG1-SCI0-0001';
  await drs.publish(exposureEvents(odd, [ramp('odd')]));
  await goesThrough(3);
  const { failures } = await drs.settled();
  const lines = failures.filter(({ input }) => input === odd);
  expect(lines).toHaveLength(1);
  expect(lines[0]).toMatchObject({ code: 'SHORT_EXPOSURE_ID', retriable: false });
});

it('CBOR events, as TMT publishes them, are followed', async () => {
  const id = exposure(4);
  for (const line of exposureEvents(id, [ramp(id)])) {
    const { event } = parseEventLine(line);
    await jetstream(nc).publish('tmt.obs.IRIS.cbor.imager.detector', encodeEventCbor(event));
  }
  expect((await drs.product(id, 'l2')).mode).toBe('imager');
});

it('a ramp of the layout of iris_readout reduces: no gain, no times, detector IRIS1', async () => {
  const id = '20310314-092823-IRIS-IMG-SCI0-0001';
  const path = '20310314/readouts/sample_ramp.fits';
  const [reads, ny, nx] = [4, 10, 10];
  const data = new Float32Array(reads * ny * nx).map((_, index) => 4000 * Math.floor(index / (ny * nx)));
  const header = Header.from([
    ['TELESCOP', 'TMT'],
    ['INSTRUME', 'IRIS'],
    ['DETECTOR', 'IRIS1'],
    ['FILTER', 'CLEAR'],
    ['DATE-OBS', '2013-12-10'],
    ['TIME-OBS', '15:00:00'],
  ]);
  mkdirSync(join(drs.data, '20310314/readouts'), { recursive: true });
  writeFile(join(drs.data, path), [
    { kind: 'image', header, shape: [] },
    { kind: 'image', name: 'SCI', shape: [1, reads, ny, nx], data },
  ]);
  await drs.publish(exposureEvents(id, [path]));
  const rate = await drs.product(id, 'l1');
  expect(rate.detector).toBe('IMG1');
  using fits = await openFile(rate.path);
  const sci = await readImage(fits, fits.hdu('SCI'));
  // Without times a read counts as one second.
  expect(sci.shape).toEqual([ny, nx]);
  expect([...sci.data].every((value) => Math.abs(Number(value) - 4000) < 0.5)).toBe(true);
  await drs.product(id, 'l2');
});

it('an exposure whose file is only announced by its start waits, and is reduced when the end comes', async () => {
  const id = exposure(5);
  const filename = ramp(id);
  await drs.publish([
    observeEvent('ExposureStart', { exposureId: id }),
    observeEvent('DataWriteStart', { exposureId: id, filename }),
  ]);
  const { products } = await drs.settled();
  expect(products.filter((line) => line.exposure === id)).toEqual([]);
  await drs.publish([observeEvent('DataWriteEnd', { exposureId: id, filename })]);
  await drs.product(id, 'l1');
});
