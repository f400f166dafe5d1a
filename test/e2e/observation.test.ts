import { mkdirSync, symlinkSync, truncateSync } from 'node:fs';
import { join } from 'node:path';
import { Header, readImage } from '@iris-drs/fits';
import { openFile, writeFile } from '@iris-drs/fits/node';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { exposureEvents, observeEvent, writeRamp } from '../fixtures/hand-made.ts';
import { type Instance, newInstance } from '../fixtures/instance.ts';

const NIGHT = '20310314/readouts';
const science1 = '2031A-001-123-IRIS-IMG1-SCI0-0001';
const science2 = '2031A-001-123-IRIS-IMG1-SCI0-0002';
const sky = '2031A-001-123-IRIS-IMG1-SKY0-0003';
const lone = '2031A-001-124-IRIS-IMG1-SCI0-0001';

let drs: Instance;

const ramp = (exposureId: string, rate: (x: number, y: number) => number, detector = 'IMG1'): string => {
  const path = `${NIGHT}/${exposureId}.fits`;
  writeRamp({ path: join(drs.data, path), detector, ny: 48, nx: 64, reads: 5, groupSeconds: 10, rate });
  return path;
};

const pixels = async (path: string, name: string): Promise<ArrayLike<number>> => {
  using fits = await openFile(path);
  return (await readImage(fits, fits.hdu(name))).data as ArrayLike<number>;
};

beforeAll(async () => {
  drs = newInstance({ DRS_SKY_DEADLINE: '1' });
  await drs.must('up');
});
afterAll(() => drs[Symbol.asyncDispose]());

const observation = (): string[] => [
  ...exposureEvents(science1, [
    join(
      drs.data,
      ramp(science1, (x) => 20 + x),
    ),
  ]),
  ...exposureEvents(science2, [ramp(science2, (_x, y) => 20 + y)]),
  ...exposureEvents(sky, [ramp(sky, () => 5)]),
];
let lines: string[];

it('a hand-written observation gives every product that watch lists', async () => {
  lines = observation();
  await drs.publish(lines);
  await drs.product(science1, 'l2');
  await drs.product(science2, 'l2');
  const { products, failures } = await drs.settled();
  expect(failures).toEqual([]);
  expect(
    products.map(({ exposure, level, suffix }) => `${exposure.slice(-9)} ${level} ${suffix}`).sort(),
  ).toEqual([
    'SCI0-0001 l1 rate',
    'SCI0-0001 l2 cal',
    'SCI0-0001 l2a flt',
    'SCI0-0002 l1 rate',
    'SCI0-0002 l2 cal',
    'SCI0-0002 l2a flt',
    'SKY0-0003 l1 rate',
    'SKY0-0003 l2a flt',
  ]);
});

it('slopes are those of the ramps, and the sky is subtracted', async () => {
  const rate = await pixels((await drs.product(science1, 'l1')).path, 'SCI');
  // Reads are rounded to whole DN: the slope of five reads 10 s apart is off by less than 0.5 DN over 20 s.
  for (const x of [0, 7, 63]) expect(Math.abs((rate[x] ?? 0) - (20 + x))).toBeLessThan(0.025);
  const reduced = await pixels((await drs.product(science2, 'l2')).path, 'SCI');
  for (const y of [0, 11, 47]) expect(Math.abs((reduced[y * 64 + 3] ?? 0) - (15 + y))).toBeLessThan(0.05);
});

it('variances are those of photons and reads', async () => {
  const { path } = await drs.product(science1, 'l1');
  const [poisson, reads] = [await pixels(path, 'VAR_POISSON'), await pixels(path, 'VAR_RNOISE')];
  // Five reads 10 s apart: weights ±0.02, ±0.01, 0 per second; gain 2 e-/DN, read noise 5 e- = 2.5 DN.
  expect(reads[0]).toBeCloseTo(2.5 ** 2 * 2 * (0.02 ** 2 + 0.01 ** 2), 6);
  const photons = 10 * (0.02 ** 2 + 0.03 ** 2 + 0.03 ** 2 + 0.02 ** 2);
  expect(poisson[10]).toBeCloseTo((30 / 2) * photons, 3);
});

it('the same events again give nothing new, nor after a restart of everything', async () => {
  const before = await drs.settled();
  await drs.publish(lines);
  expect(await drs.settled()).toEqual(before);
  await drs.must('down');
  await drs.must('up');
  const fresh = lines.map((line) => line.replace(/"eventId":"[^"]*"/, `"eventId":"${crypto.randomUUID()}"`));
  await drs.publish(fresh);
  expect(await drs.settled()).toEqual(before);
});

it('a science frame without a sky is reduced with its own median after the deadline, and says so', async () => {
  await drs.publish(exposureEvents(lone, [ramp(lone, (x) => 10 + (x % 2))]));
  const { path } = await drs.product(lone, 'l2');
  using fits = await openFile(path);
  const { header } = fits.hdu(0);
  expect([header.get('BKGMETH'), header.get('BKGNOTE'), header.get('S_BKDSUB')]).toEqual([
    'MEDIAN',
    'no sky within 1 s',
    'COMPLETE',
  ]);
  // A sky that comes too late takes nothing away, and is itself reduced.
  const late = lone.replace('SCI0-0001', 'SKY0-0002');
  await drs.publish(exposureEvents(late, [ramp(late, () => 3)]));
  await drs.product(late, 'l2a');
  const { products } = await drs.settled();
  expect(products.filter(({ exposure, level }) => exposure === lone && level === 'l2')).toHaveLength(1);
});

it('four detectors of one exposure run as four frames of it', async () => {
  const exposure = '2031A-001-125-IRIS-IMG-SCI0-0001';
  const names = [1, 2, 3, 4].map((n) => {
    const detector = `IMG${n}`;
    const path = `${NIGHT}/four_${detector}.fits`;
    writeRamp({
      path: join(drs.data, path),
      detector,
      ny: 16,
      nx: 24,
      reads: 4,
      groupSeconds: 2,
      rate: () => 10 * n,
    });
    return path;
  });
  await drs.publish(exposureEvents(exposure, names));
  for (const detector of ['IMG1', 'IMG2', 'IMG3', 'IMG4']) await drs.product(exposure, 'l2', detector);
  const { products } = await drs.settled();
  const rates = products.filter((line) => line.exposure === exposure && line.level === 'l1');
  expect(rates.map(({ detector }) => detector).sort()).toEqual(['IMG1', 'IMG2', 'IMG3', 'IMG4']);
  expect(new Set(rates.map(({ traceId }) => traceId)).size).toBe(1);
  for (const { path, detector } of rates) {
    expect(path).toContain(`2031A-001-125-IRIS-${detector}-SCI0-0001_rate.fits`);
    expect((await pixels(path, 'SCI'))[0]).toBeCloseTo(10 * Number(detector.at(-1)), 1);
  }
});

it('a raw science frame becomes a product at once', async () => {
  const path = `${NIGHT}/frame.fits`;
  const data = new Float32Array(16 * 24).fill(120);
  const header = Header.from([
    ['DETECTOR', 'IMG2'],
    ['EXPTIME', 40],
    ['DATE-OBS', '2031-03-14'],
    ['TIME-OBS', '10:00:00'],
  ]);
  writeFile(join(drs.data, path), [
    { kind: 'image', header, shape: [] },
    { kind: 'image', name: 'SCI', shape: [16, 24], data, header: Header.from([['BUNIT', 'DN']]) },
  ]);
  const event = {
    _type: 'SystemEvent',
    eventId: crypto.randomUUID(),
    source: 'IRIS.hcd.hawaii',
    eventName: 'rawScienceFrameWriteEnd',
    eventTime: '2031-03-14T10:01:00.000Z',
    paramSet: [
      { StringKey: { keyName: 'path', values: [path], units: 'NoUnits' } },
      { ChoiceKey: { keyName: 'detector', values: ['IMG2'], units: 'NoUnits' } },
      { IntKey: { keyName: 'exposure', values: [7], units: 'NoUnits' } },
      { StringKey: { keyName: 'obsId', values: ['2031A-001-126'], units: 'NoUnits' } },
    ],
  };
  await drs.publish([JSON.stringify(event)]);
  const product = await drs.product('2031A-001-126-IRIS-IMG-SCI0-0007', 'l1');
  expect((await pixels(product.path, 'SCI'))[0]).toBeCloseTo(3, 5);
});

it('a corrupt ramp gives one failure that names file, HDU and cause, and the next exposure goes through', async () => {
  const bad = '2031A-001-127-IRIS-IMG1-SCI0-0001';
  const good = '2031A-001-127-IRIS-IMG1-SCI0-0002';
  const path = ramp(bad, () => 7);
  truncateSync(join(drs.data, path), 2880 * 4);
  await drs.publish([...exposureEvents(bad, [path]), ...exposureEvents(good, [ramp(good, () => 7)])]);
  await drs.product(good, 'l1');
  const { failures } = await drs.settled();
  const lines = failures.filter(({ exposure }) => exposure === bad);
  expect(lines).toHaveLength(1);
  expect(lines[0]).toMatchObject({ stage: 'readout', mode: 'imager', retriable: false });
  expect(lines[0]?.input).toContain(path);
  expect(lines[0]?.message).toMatch(/SCI/);
});

it.each([
  ['an absolute path outside', '/etc/passwd'],
  ['a path above the volume', '../outside.fits'],
  ['a link that leads out', 'link/outside.fits'],
])('an event that names %s is refused', async (what, filename) => {
  const outside = join(drs.root, 'outside');
  mkdirSync(outside, { recursive: true });
  try {
    symlinkSync(outside, join(drs.data, 'link'));
  } catch {
    // There from the case before.
  }
  const exposure = `2031A-001-128-IRIS-IMG1-SCI0-000${what.length % 10}`;
  await drs.publish([observeEvent('DataWriteEnd', { exposureId: exposure, filename })]);
  await drs.failure(exposure, (line) => line.exposure === exposure);
  const { failures } = await drs.settled();
  const found = failures.filter((line) => line.exposure === exposure);
  expect(found).toHaveLength(1);
  expect(found[0]).toMatchObject({ code: 'VOLUME_OUTSIDE', input: filename, retriable: false });
});
