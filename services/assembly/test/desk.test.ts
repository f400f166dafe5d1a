import { setTimeout as sleep } from 'node:timers/promises';
import { traceIdOf } from '@iris-drs/bus';
import { Header } from '@iris-drs/fits';
import { writeFile } from '@iris-drs/fits/node';
import { BUCKET } from '@iris-drs/proto';
import { encodeEventCbor, parseEventLine } from '@iris-drs/tmt';
import { Kvm } from '@nats-io/kv';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { exposureEvents, observeEvent } from '../../../test/fixtures/hand-made.ts';
import { type Bench, damage, openBench, until } from './fixtures/bench.ts';
import { aborted, end, start, systemEvent, written } from './fixtures/events.ts';

let bench: Bench;
beforeAll(async () => {
  bench = await openBench();
  await bench.begin();
});
afterAll(() => bench.close());

const tasksOf = async (exposureId: string) =>
  (await bench.tasks()).filter((task) => task.exposureId === exposureId);
const failuresOf = async (exposureId: string) =>
  (await bench.failures()).filter((failure) => failure.exposureId === exposureId);

it('an exposure goes from event to event, product to task, and its status events are told', async () => {
  const science = '2031A-001-001-IRIS-IMG1-SCI0-0001';
  const sky = '2031A-001-001-IRIS-IMG1-SKY0-0002';
  for (const id of [science, sky]) await bench.publish(exposureEvents(id, [bench.ramp(id)]));
  for (const id of [science, sky]) {
    for (const stage of ['readout', 'calib']) await bench.finish(await bench.task(id, stage));
  }
  const imager = await bench.task(science, 'imager');
  expect(imager.inputs.map(({ exptype, exposureId }) => [exptype, exposureId])).toEqual([
    ['science', science],
    ['background', sky],
  ]);
  await bench.finish(imager);
  await bench.quiet();
  expect((await tasksOf(sky)).map(({ stage }) => stage)).toEqual(['readout', 'calib']);
  const events = await bench.statusEvents();
  expect(events.map(({ name }) => name).sort()).toEqual(
    ['state', 'writeReadout', 'writeReadout', 'writeReduced', 'writeScience', 'writeScience'].sort(),
  );
  expect(events.find(({ name }) => name === 'state')?.values).toEqual({ cmd: 'CONTINUOUS' });
  expect(events.at(-1)?.values).toEqual({ ifs: false, imager: true });
});

it('the trace of an exposure begins with its events, and its tasks descend from what caused them', async () => {
  const id = '2031A-001-002-IRIS-IMG1-SCI0-0001';
  await bench.publish(exposureEvents(id, [bench.ramp(id)]));
  await bench.finish(await bench.task(id, 'readout'));
  await bench.task(id, 'calib');
  const spans = await until('spans', async () => {
    const found = (await bench.spans()).filter(({ traceId }) => traceId === traceIdOf(id));
    return found.some(({ name }) => name === 'product l1') && found;
  });
  const byId = new Map(spans.map((span) => [span.spanId, span.name]));
  const parents = spans.map(({ name, parentSpanId }) => [name, byId.get(parentSpanId ?? '') ?? 'root']);
  expect(parents.sort()).toEqual([
    ['event DataWriteEnd', 'root'],
    ['event DataWriteStart', 'root'],
    ['event ExposureEnd', 'root'],
    ['event ExposureStart', 'root'],
    ['product l1', 'root'],
    ['publish drs.task.calib.{mode}', 'product l1'],
    ['publish drs.task.readout.{mode}', 'event DataWriteEnd'],
  ]);
});

it('four files are four frames, and so is one file of four detectors', async () => {
  const four = '2031A-001-003-IRIS-IMG-SCI0-0001';
  const names = ['IMG1', 'IMG2', 'IMG3', 'IMG4'];
  const paths = names.map((DETECTOR) => bench.ramp(`four_${DETECTOR}`, { DETECTOR }));
  await bench.publish([start(four), ...paths.map((path) => written(four, path)), end(four)]);
  for (const name of names) await bench.task(four, 'readout', name);
  await bench.quiet();
  expect((await tasksOf(four)).map(({ detector, inputs }) => [detector, inputs[0]?.frame?.path])).toEqual(
    names.map((name, index) => [name, paths[index]]),
  );

  const one = '2031A-001-003-IRIS-IMG-SCI0-0002';
  const path = '20310314/readouts/one.fits';
  const data = new Uint16Array(2 * 4 * 4);
  writeFile(bench.volume.resolve(path), [
    { kind: 'image', shape: [] },
    ...names.map((name, index) => ({
      kind: 'image' as const,
      name: 'SCI',
      version: index + 1,
      shape: [1, 2, 4, 4],
      data,
      header: Header.from([['DETECTOR', name]]),
    })),
  ]);
  await bench.publish(exposureEvents(one, [path]));
  for (const name of names) await bench.task(one, 'readout', name);
  expect((await tasksOf(one)).map(({ detector, inputs }) => [detector, inputs[0]?.extver])).toEqual(
    names.map((name, index) => [name, index + 1]),
  );
});

it('an event about one detector takes that detector from a file of several, or says that it is not there', async () => {
  const id = '2031A-001-004-IRIS-IMG-SCI0-0007';
  const raw = (detector: string) =>
    systemEvent('IRIS.hcd.hawaii.rawScienceFrameWriteEnd', {
      path: '20310314/readouts/one.fits',
      detector,
      exposure: 7,
      obsId: '2031A-001-004',
    });
  await bench.publish([raw('IMG2'), raw('IFS')]);
  expect((await bench.task(id, 'readout', 'IMG2')).inputs[0]?.extver).toBe(2);
  const ifs = id.replace('IMG', 'IFS');
  const [failure] = await until('failure', async () => (await failuresOf(ifs)).length > 0 && failuresOf(ifs));
  expect(failure).toMatchObject({ code: 'DETECTOR_ABSENT', retriable: false });
  expect(failure?.message).toContain('holds IMG1, IMG2, IMG3, IMG4');
});

it('a file that becomes visible after its event is taken then', async () => {
  const id = '2031A-001-005-IRIS-IMG1-SCI0-0001';
  const path = `20310314/readouts/${id}.fits`;
  await bench.publish(exposureEvents(id, [path]));
  await bench.quiet();
  await sleep(600);
  expect(await tasksOf(id)).toEqual([]);
  bench.ramp(id);
  expect((await bench.task(id, 'readout')).inputs[0]?.frame?.path).toBe(path);
  expect(await failuresOf(id)).toEqual([]);
});

it('overlapping exposures with events in any order keep apart', async () => {
  const first = '2031A-001-006-IRIS-IMG1-SCI0-0001';
  const second = '2031A-001-006-IRIS-IMG1-SCI0-0002';
  const window = `${first}-01`;
  const ids = [first, second, window];
  const lines = ids.map((id) => exposureEvents(id, [bench.ramp(id)]));
  const [a, b, c] = lines as [string[], string[], string[]];
  await bench.publish([a[0]!, b[0]!, b[3]!, c[3]!, a[3]!, c[0]!, a[1]!, b[1]!, c[1]!]);
  for (const id of ids) expect((await bench.task(id, 'readout')).inputs).toHaveLength(1);
  await bench.quiet();
  for (const id of ids) expect(await tasksOf(id)).toHaveLength(1);
});

it('an aborted exposure is reduced and says so; it is no sky for others, nor is one waited for', async () => {
  const science = '2031A-001-007-IRIS-IMG1-SCI0-0001';
  const sky = '2031A-001-007-IRIS-IMG1-SKY0-0002';
  const ended = observeEvent('ObservationEnd', { obsId: '2031A-001-007' });
  await bench.publish([start(sky), ...exposureEvents(science, [bench.ramp(science)])]);
  for (const stage of ['readout', 'calib']) await bench.finish(await bench.task(science, stage));
  await bench.publish([ended]);
  await bench.quiet();
  expect((await tasksOf(science)).map(({ stage }) => stage)).toEqual(['readout', 'calib']);
  await bench.publish([aborted(sky), written(sky, bench.ramp(sky))]);
  expect((await bench.task(science, 'imager')).remark).toBe('no sky: the observation ended');
  expect((await bench.task(sky, 'readout')).aborted).toBe(true);
});

it('ExposureAvailable stands in for a DataWriteEnd that was lost', async () => {
  const id = '2031A-001-008-IRIS-IMG1-SCI0-0001';
  const filename = bench.ramp(id);
  const available = observeEvent('ExposureAvailable', { exposureId: id, uri: 'tio:summit/1.fits' });
  await bench.publish([start(id), observeEvent('DataWriteStart', { exposureId: id, filename }), available]);
  expect((await bench.task(id, 'readout')).inputs[0]?.frame?.path).toBe(filename);
});

it('a second file for a detector is a failure that names both', async () => {
  const id = '2031A-001-009-IRIS-IMG1-SCI0-0001';
  const paths = [bench.ramp(id), bench.ramp(`${id}_again`)];
  await bench.publish(exposureEvents(id, [...paths, bench.volume.resolve(paths[0]!)]));
  const [failure] = await until('failure', async () => (await failuresOf(id)).length > 0 && failuresOf(id));
  expect(failure).toMatchObject({ code: 'SECOND_FILE', input: paths[1] });
  expect(failure?.message).toContain(paths[0]);
  await bench.quiet();
  expect(await tasksOf(id)).toHaveLength(1);
  expect(await failuresOf(id)).toHaveLength(1);
});

it('a file with a damaged header goes to readout, which says what is wrong with it', async () => {
  const id = '2031A-001-010-IRIS-IMG3-SCI0-0001';
  const path = bench.ramp(id);
  damage(bench.volume, path);
  await bench.publish([written(id, path)]);
  expect((await bench.task(id, 'readout')).detector).toBe('IMG3');
});

it('what cannot be read gives one failure each, and the next exposure goes through', async () => {
  const before = (await bench.failures()).length;
  const subject = 'tmt.obs.IRIS.ExposureStart.imager.detector';
  for (const text of ['{"_type":"ObserveEvent"', '{"_type":"Other"}', '\u0000\u0001'])
    await bench.js.publish(subject, new TextEncoder().encode(text));
  const odd = '2031A-001-IRIS-IMG1-SCI0-0001-XX-7-9';
  await bench.publish([start(odd), end(odd), start('IRIS-IMG1-SCI0-0001')]);
  await bench.js.publish('drs.product.l1.imager.IMG1.x.1', new TextEncoder().encode('no protobuf \xff'));
  const id = '2031A-001-011-IRIS-IMG1-SCI0-0001';
  await bench.publish(exposureEvents(id, [bench.ramp(id)]));
  await bench.task(id, 'readout');
  await bench.quiet();
  const failures = (await bench.failures()).slice(before);
  // Products come by another consumer: their failures may stand anywhere among those of events.
  const unreadable = failures.filter(({ input }) => input.startsWith('drs.product'));
  const ofEvents = failures.filter((failure) => !unreadable.includes(failure));
  expect(ofEvents.slice(0, 3).every(({ input }) => input.startsWith(`${subject} (message `))).toBe(true);
  const named = failures.filter(({ input }) => !input.includes('(message'));
  expect(named.map(({ input, code }) => [input, code])).toEqual([
    [odd, 'BAD_EXPOSURE_ID'],
    ['IRIS-IMG1-SCI0-0001', 'SHORT_EXPOSURE_ID'],
  ]);
  expect(failures).toHaveLength(5 + unreadable.length);
});

it('events in CBOR are followed as those in JSON', async () => {
  const id = '2031A-001-012-IRIS-IMG1-SCI0-0001';
  for (const line of exposureEvents(id, [bench.ramp(id)])) {
    const { event } = parseEventLine(line);
    await bench.js.publish('tmt.obs.IRIS.any.imager.detector', encodeEventCbor(event));
  }
  expect((await bench.task(id, 'readout')).role).toBe('science');
});

it('telemetry at the start of an exposure is in its readout task, whatever changes before the file is written', async () => {
  const id = '2031A-001-013-IRIS-IMG-SCI0-0021';
  const pointing = (sky: boolean, time: string) =>
    systemEvent('ESW.TopLevelSequencer.DitherPosition', { currentPositionIsSky: sky }, time);
  const draft = (name: string, more = {}) =>
    systemEvent(`IRIS.imager.detector.${name}`, { obsId: '2031A-001-013', exposure: 21, ...more });
  const path = bench.ramp(id);
  await bench.publish([
    systemEvent('TCS.cmIRIS.positionAngle', { positionAngle: 12.5 }),
    pointing(true, '2031-03-14T09:26:50Z'),
    draft('exposureStart'),
    systemEvent('TCS.cmIRIS.positionAngle', { positionAngle: 99 }, '2031-03-14T09:27:50Z'),
    pointing(false, '2031-03-14T09:27:50Z'),
    draft('exposureEnd'),
    systemEvent('IRIS.hcd.hawaii.rawScienceFrameWriteEnd', {
      path,
      detector: 'IMG1',
      exposure: 21,
      obsId: '2031A-001-013',
    }),
  ]);
  const task = await bench.task(id, 'readout');
  expect(task.role).toBe('sky');
  expect(task.keywords.find(({ name }) => name === 'PA')?.value).toEqual({ $case: 'number', value: 12.5 });
});

it('a file that never comes is one failure in the end', async () => {
  const id = '2031A-001-014-IRIS-IMG1-SCI0-0001';
  const path = `20310314/readouts/${id}.fits`;
  const late = await openBench();
  try {
    await late.publish(exposureEvents(id, [path]));
    const term = await late.begin();
    await late.quiet();
    const record = await term.store.get(id);
    await term.stop();
    // The record as it stands an hour later.
    const files = record?.files.map((file) => ({ ...file, arrivedMillis: file.arrivedMillis - 3_600_000 }));
    const kv = await new Kvm(late.js).open(BUCKET.exposures);
    await kv.put(id, JSON.stringify({ ...record, files }));
    await late.begin();
    const [failure] = await until('failure', async () => {
      const found = await late.failures();
      return found.length > 0 && found;
    });
    expect(failure).toMatchObject({ code: 'FILE_ABSENT', input: path, exposureId: id, retriable: true });
  } finally {
    await late.close();
  }
});
