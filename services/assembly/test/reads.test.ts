import { mkdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { Header } from '@iris-drs/fits';
import { writeFile } from '@iris-drs/fits/node';
import { ReadAnnounced, readSubject, STREAM } from '@iris-drs/proto';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { observeEvent } from '../../../test/fixtures/hand-made.ts';
import { type Bench, openBench, until } from './fixtures/bench.ts';

let bench: Bench;
beforeAll(async () => {
  bench = await openBench();
  await bench.begin();
});
afterAll(() => bench.close());

/** ReadoutEnd of a read that is a file of its own, as a controller tells it. */
const readoutEnd = (exposureId: string, read: number, filename: string): string => {
  const event = JSON.parse(observeEvent('ReadoutEnd', { exposureId, detector: 'IMG1', filename })) as {
    paramSet: object[];
  };
  for (const [keyName, value] of [
    ['ramp', 0],
    ['read', read],
  ])
    event.paramSet.push({ IntKey: { keyName, values: [value], units: 'NoUnits' } });
  return JSON.stringify(event);
};

const writeRead = (exposureId: string, read: number): string => {
  const path = `20310314/readouts/${exposureId}_00000_0000${read}_uncal.fits`;
  const header = Header.from(
    Object.entries({ DETECTOR: 'IMG1', RAMP_NO: 0, READ_NO: read, OBSNAME: 'IMG1-SKY', BUNIT: 'DN' }),
  );
  const target = join(bench.volume.root, path);
  mkdirSync(dirname(target), { recursive: true });
  writeFile(target, [{ kind: 'image', header, shape: [4, 4], data: new Uint16Array(16) }]);
  return path;
};

/** What is said of the exposure's reads, once `last` of it has come. */
const announced = (exposureId: string): Promise<ReadAnnounced[]> =>
  until(`the end of the reads of ${exposureId}`, async () => {
    const found: ReadAnnounced[] = [];
    const { state } = await bench.jsm.streams.info(STREAM.reads);
    for (let seq = state.first_seq; state.messages > 0 && seq <= state.last_seq; seq++) {
      const message = await bench.jsm.streams.getMessage(STREAM.reads, { seq }).catch(() => null);
      if (message?.subject === readSubject(exposureId, 'IMG1'))
        found.push(ReadAnnounced.decode(message.data));
    }
    return found.at(-1)?.last ? found : undefined;
  });

it('reads as files give one task at the first, an announcement each, and one of the end', async () => {
  const id = '2031A-007-001-IRIS-IMG1-SCI0-0001';
  const paths = [0, 1, 2].map((read) => writeRead(id, read));
  await bench.publish([observeEvent('ExposureStart', { exposureId: id }), readoutEnd(id, 0, paths[0]!)]);
  const task = await bench.task(id, 'readout');
  expect([task.follow, task.role, task.inputs.map(({ frame }) => frame?.path)]).toEqual([
    true,
    'sky',
    [paths[0]],
  ]);
  await bench.publish([
    readoutEnd(id, 1, paths[1]!),
    readoutEnd(id, 2, join(bench.volume.root, paths[2]!)),
    observeEvent('ExposureEnd', { exposureId: id }),
  ]);
  const said = await announced(id);
  expect(said.map(({ read, path, last, aborted }) => [read, path, last, aborted])).toEqual([
    [0, paths[0], false, false],
    [1, paths[1], false, false],
    [2, paths[2], false, false],
    [0, '', true, false],
  ]);
  await bench.quiet();
  expect((await bench.tasks()).filter(({ exposureId }) => exposureId === id)).toHaveLength(1);
});

it('the end of an aborted exposure says so', async () => {
  const id = '2031A-007-001-IRIS-IMG1-SCI0-0002';
  const path = writeRead(id, 0);
  await bench.publish([
    observeEvent('ExposureStart', { exposureId: id }),
    readoutEnd(id, 0, path),
    observeEvent('ExposureAborted', { exposureId: id }),
  ]);
  expect((await announced(id)).at(-1)).toMatchObject({ last: true, aborted: true });
});

it('a ReadoutEnd that names no file, or one elsewhere, is no ramp to be followed', async () => {
  const [plain, outside] = ['0003', '0004'].map((n) => `2031A-007-001-IRIS-IMG1-SCI0-${n}`) as [
    string,
    string,
  ];
  await bench.publish([
    observeEvent('ReadoutEnd', { exposureId: plain }),
    observeEvent('ExposureEnd', { exposureId: plain }),
    readoutEnd(outside, 0, '/etc/passwd'),
    observeEvent('ExposureEnd', { exposureId: outside }),
  ]);
  const [failure] = await until('failure', async () => {
    const found = (await bench.failures()).filter(({ exposureId }) => exposureId === outside);
    return found.length > 0 && found;
  });
  expect(failure).toMatchObject({ code: 'VOLUME_OUTSIDE', retriable: false });
  await bench.quiet();
  const ids = (await bench.tasks()).map(({ exposureId }) => exposureId);
  expect([plain, outside].filter((id) => ids.includes(id))).toEqual([]);
});
