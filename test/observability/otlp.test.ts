import { writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { gunzipSync } from 'node:zlib';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { exposureEvents, writeRamp } from '../fixtures/hand-made.ts';
import { type Instance, newInstance } from '../fixtures/instance.ts';

const exposure = '2031A-003-001-IRIS-IMG1-SCI0-0001';

/** What a collector received, by path: the raw protobuf of each export. */
const received: { path: string; body: Buffer }[] = [];
const collector = createServer((request, response) => {
  void buffer(request).then((raw) => {
    const body = request.headers['content-encoding'] === 'gzip' ? gunzipSync(raw) : raw;
    received.push({ path: request.url ?? '', body });
    response.writeHead(200, { 'content-type': 'application/x-protobuf' }).end();
  });
});

let drs: Instance;
beforeAll(async () => {
  await new Promise<void>((resolve) => collector.listen(0, '127.0.0.1', resolve));
  const { port } = collector.address() as AddressInfo;
  drs = newInstance({ OTEL_EXPORTER_OTLP_ENDPOINT: `http://127.0.0.1:${port}`, DRS_SKY_DEADLINE: '0' });
  await drs.must('up');
});
afterAll(async () => {
  await drs[Symbol.asyncDispose]();
  collector.close();
});

const seenIn = (path: string, needle: Buffer | string): boolean =>
  received.some((one) => one.path === path && one.body.includes(needle));

it('one trace of an exposure, and the metrics of every service, reach an OTLP collector', async () => {
  const path = `20310314/readouts/${exposure}.fits`;
  writeRamp({
    path: join(drs.data, path),
    detector: 'IMG1',
    ny: 32,
    nx: 32,
    reads: 4,
    groupSeconds: 2,
    rate: () => 9,
  });
  const events = join(drs.root, 'events.ndjson');
  writeFileSync(events, `${exposureEvents(exposure, [path]).join('\n')}\n`);
  await drs.must('publish', events);
  const { traceId } = await drs.product(exposure, 'l2');
  // What is still in the batches is sent when the services stop.
  await drs.must('down');

  expect(seenIn('/v1/traces', Buffer.from(traceId, 'hex'))).toBe(true);
  for (const service of ['assembly', 'readout', 'calib', 'imager', 'refdb']) {
    const spans = received.filter((one) => one.path === '/v1/traces' && one.body.includes(service));
    expect(
      spans.some(({ body }) => body.includes(Buffer.from(traceId, 'hex'))),
      service,
    ).toBe(true);
  }
  for (const step of ['readoutsamp', 'bkg_subtract']) expect(seenIn('/v1/traces', step), step).toBe(true);
  expect(seenIn('/v1/metrics', 'drs.frames')).toBe(true);
});
