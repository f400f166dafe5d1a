import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { connectBus, publishEvent } from '@iris-drs/bus';
import { readImage } from '@iris-drs/fits';
import { openFile } from '@iris-drs/fits/node';
import { RampPreview } from '@iris-drs/proto';
import { type ObservationOptions, simulateObservation } from '@iris-drs/simulator';
import { parseEventLine } from '@iris-drs/tmt';
import type { NatsConnection } from '@nats-io/nats-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type Instance, newInstance } from '../fixtures/instance.ts';
import { startReplica } from '../fixtures/replica.ts';

let drs: Instance;
let nc: NatsConnection;
beforeAll(async () => {
  drs = newInstance({ DRS_SKY_DEADLINE: '1', DRS_READ_GRACE: '1' });
  await drs.must('up');
  nc = await connectBus({ url: (await drs.status()).natsUrl, name: 'telescope' });
}, 120_000);
afterAll(async () => {
  await nc?.close();
  await drs[Symbol.asyncDispose]();
}, 60_000);

let serial = 0;

interface Exposed {
  readonly exposureId: string;
  /** Reads that were taken, of all detectors. */
  readonly reads: number;
}

/** Plays one exposure whose reads are files of their own, a read in 0.4 s; `during` is told after each read. */
const expose = async (
  options: Partial<ObservationOptions> = {},
  during: (done: number) => Promise<void> = async () => {},
): Promise<Exposed> => {
  serial += 1;
  let exposureId = '';
  let reads = 0;
  const all: ObservationOptions = {
    ...{ dir: drs.data, size: 128, science: 1, sky: 0, reads: 8, readSeconds: 1.6, stars: 0, threads: 0 },
    ...{ readFiles: true, pace: 4, observationId: `2031A-00${serial}-001`, seed: serial },
    ...options,
  };
  for await (const item of simulateObservation(all)) {
    if (item.kind === 'read') {
      exposureId = item.exposureId;
      reads += 1;
      await during(reads);
    } else if (item.kind === 'event') {
      const { event, body } = parseEventLine(JSON.stringify(item.published));
      await publishEvent(nc, event, body);
    }
  }
  return { exposureId, reads };
};

const frameOf = async (path: string) => {
  using fits = await openFile(path);
  const { header } = fits.hdu(0);
  const sci = Float32Array.from((await readImage(fits, fits.hdu('SCI'))).data as Float32Array).sort();
  return { header, median: sci[sci.length >> 1]! };
};

/** Lines of an exposure's raw science frame, once nothing more can come. */
const l1Lines = async (exposureId: string) => {
  const { products, failures } = await drs.settled();
  expect(failures.filter(({ exposure }) => exposure === exposureId)).toEqual([]);
  return products.filter(({ exposure, level }) => exposure === exposureId && level === 'l1');
};

it('reads are reduced as they come: the frame is there soon after the last, previews before', async () => {
  const previews: RampPreview[] = [];
  const seen = nc.subscribe('drs.preview.imager.IMG1', {
    callback: (_error, message) => void previews.push(RampPreview.decode(message.data)),
  });
  const { exposureId } = await expose({ reads: 5, ramps: 2 });
  const line = await drs.product(exposureId, 'l1');
  const { header, median } = await frameOf(line.path);
  expect(['NRDUSED', 'TIMESRC', 'SAMPMODE', 'INPUT010'].map((name) => String(header.get(name)))).toEqual([
    '10',
    'READTIME',
    'UTR',
    expect.stringMatching(/_00001_00004_uncal\.fits$/),
  ]);
  // 25 e-/s of sky and 0.5 … 2.5 e-/s of dark and glow over 2 e-/DN.
  expect(median).toBeGreaterThan(11);
  expect(median).toBeLessThan(15);
  expect(line.latencySeconds).toBeLessThan(10);
  expect(await l1Lines(exposureId)).toHaveLength(1);
  // Nothing was read twice: sums that cannot be used are told of.
  const log = readFileSync(join(drs.data, '.drs', 'readout.log'), 'utf8');
  expect(log).not.toMatch(/replayed|not summed/);

  seen.unsubscribe();
  expect(previews.length).toBeGreaterThan(0);
  // Four seconds of reads: one a second at most.
  expect(previews.length).toBeLessThanOrEqual(5);
  const last = previews.at(-1)!;
  expect(last).toMatchObject({ exposureId, detector: 'IMG1', readsExpected: 10, ny: 64, nx: 64 });
  expect(last.slopes).toHaveLength(64 * 64 * 4);
  expect(last.medianSlope).toBeGreaterThan(5);
  expect(last.saturatedFraction).toBeLessThan(0.01);
}, 120_000);

it('kill -9 of the worker in mid-ramp loses no read and gives one product', async () => {
  const { exposureId, reads } = await expose({}, async (done) => {
    if (done === 3) await drs.kill('readout');
    if (done === 5) await drs.must('up');
  });
  const { header } = await frameOf((await drs.product(exposureId, 'l1')).path);
  expect([reads, header.get('NRDUSED')]).toEqual([8, 8]);
  expect(await l1Lines(exposureId)).toHaveLength(1);
}, 180_000);

it('kill -9 of the assembly in mid-ramp does no harm either', async () => {
  const { exposureId } = await expose({}, async (done) => {
    if (done === 3) await drs.kill('assembly');
    if (done === 5) await drs.must('up');
  });
  const { header } = await frameOf((await drs.product(exposureId, 'l1')).path);
  expect(header.get('NRDUSED')).toBe(8);
  expect(await l1Lines(exposureId)).toHaveLength(1);
}, 180_000);

it('an aborted exposure gives what there is of it, and says so', async () => {
  const { exposureId } = await expose({ abort: { exposure: 1, reads: 4 } });
  const { header } = await frameOf((await drs.product(exposureId, 'l1')).path);
  expect(['NRDUSED', 'ABORTED'].map((name) => header.get(name))).toEqual([4, true]);
  expect(await l1Lines(exposureId)).toHaveLength(1);
}, 120_000);

it('two replicas never fit one ramp twice, and lost reads leave gaps in time', async () => {
  await using other = await startReplica(drs, 'readout');
  const { exposureId } = await expose({
    detectors: ['IMG1', 'IMG2'],
    missing: [{ ramp: 0, read: 2 }],
  });
  for (const detector of ['IMG1', 'IMG2']) {
    const { header } = await frameOf((await drs.product(exposureId, 'l1', detector)).path);
    expect(header.get('NRDUSED')).toBe(7);
  }
  expect((await l1Lines(exposureId)).map(({ detector }) => detector).sort()).toEqual(['IMG1', 'IMG2']);
  expect(other.log().filter(({ level }) => level === 'error')).toEqual([]);
}, 180_000);
