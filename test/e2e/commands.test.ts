import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { exposureEvents, observeEvent, writeRamp } from '../fixtures/hand-made.ts';
import {
  type FailureLine,
  type Instance,
  isRunning,
  newInstance,
  type ProductLine,
} from '../fixtures/instance.ts';

let drs: Instance;
let other: Instance;
beforeAll(async () => {
  drs = newInstance({ DRS_SKY_DEADLINE: '1' });
  other = newInstance({ DRS_SKY_DEADLINE: '1' });
  await drs.must('up');
  await other.must('up', '--modes', 'imager');
}, 120_000);
afterAll(async () => {
  await drs[Symbol.asyncDispose]();
  await other[Symbol.asyncDispose]();
});

const id = '20310314-092653-IRIS-IMG1-SCI0-0001';

const expose = async (instance: Instance): Promise<void> => {
  const path = '20310314/readouts/a.fits';
  const size = { ny: 16, nx: 16, reads: 3, groupSeconds: 2 };
  writeRamp({ path: join(instance.data, path), detector: 'IMG1', ...size, rate: () => 10 });
  await instance.publish(exposureEvents(id, [path]));
};

const linesOf = (stdout: string): (ProductLine | FailureLine)[] =>
  stdout
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as ProductLine | FailureLine);

it('two instances side by side do not see each other', async () => {
  await expose(drs);
  const { path } = await drs.product(id, 'l2');
  expect(path.startsWith(drs.data)).toBe(true);
  expect((await other.settled()).products).toEqual([]);
  expect(readdirSync(other.data)).not.toContain('20310314');
  const [a, b] = [await drs.status(), await other.status()];
  expect(a.natsUrl).not.toBe(b.natsUrl);
  const pids = [...a.processes, ...b.processes].map(({ pid }) => pid);
  expect(new Set(pids).size).toBe(12);
});

it('status --json names every process, and says by its exit code whether all serve', async () => {
  const { code, stdout } = await drs.drs('status', '--json');
  expect(code).toBe(0);
  const { natsUrl, processes } = JSON.parse(stdout) as Awaited<ReturnType<Instance['status']>>;
  expect(natsUrl).toMatch(/^nats:\/\/127\.0\.0\.1:\d+$/);
  expect(processes.map(({ name, health }) => [name, health])).toEqual([
    ['nats-server', 'RUNNING'],
    ...['refdb', 'assembly', 'readout', 'calib', 'imager'].map((name) => [name, 'SERVING']),
  ]);
  for (const { log, grpc, name } of processes) {
    expect(existsSync(log)).toBe(true);
    if (name !== 'nats-server') expect(grpc).toMatch(/^127\.0\.0\.1:\d+$/);
  }
});

it('a second up leaves what runs alone, and starts again what died', async () => {
  const before = (await drs.status()).processes.map(({ name, pid }) => [name, pid] as const);
  await drs.must('up');
  expect((await drs.status()).processes.map(({ name, pid }) => [name, pid])).toEqual(before);
  await drs.kill('calib');
  expect((await drs.drs('status')).code).toBe(1);
  await drs.must('up');
  const after = new Map((await drs.status()).processes.map(({ name, pid }) => [name, pid]));
  for (const [name, pid] of before) expect(after.get(name) === pid, name).toBe(name !== 'calib');
});

it('watch --until ends with 0 when the product is there, with 1 when it does not come', async () => {
  const met = await drs.drs('watch', '--json', '--until', `exposure=${id},level=l2`, '--timeout', '60');
  expect(met.code).toBe(0);
  expect(linesOf(met.stdout).at(-1)).toMatchObject({
    type: 'product',
    level: 'l2',
    mode: 'imager',
    detector: 'IMG1',
    exposure: id,
    suffix: 'cal',
    path: join(drs.data, `20310314/reduced/imager/${id}_cal.fits`),
    traceId: expect.stringMatching(/^[0-9a-f]{32}$/),
    latencySeconds: expect.any(Number),
  });
  const missed = await drs.drs('watch', '--until', `exposure=${id},level=l3`, '--timeout', '0.5');
  expect(missed.code).toBe(1);
});

it('watch --failures lists failures alone', async () => {
  const filename = '/etc/passwd';
  await drs.publish([observeEvent('DataWriteEnd', { exposureId: id.replace('0001', '0002'), filename })]);
  await drs.failure(filename, ({ input }) => input === filename);
  const { stdout, code } = await drs.drs('watch', '--json', '--failures', '--timeout', '2');
  expect(code).toBe(0);
  expect(linesOf(stdout)).toEqual([
    {
      type: 'failure',
      stage: 'assembly',
      mode: expect.any(String),
      exposure: id.replace('0001', '0002'),
      input: filename,
      code: 'VOLUME_OUTSIDE',
      message: expect.stringContaining(filename),
      retriable: false,
    },
  ]);
});

it.each([
  ['an unknown command', 2, ['brew']],
  ['an unknown option', 2, ['watch', '--brew']],
  ['a goal that is none', 2, ['watch', '--until', 'coffee']],
  ['events that are not there', 2, ['publish', 'nowhere.ndjson']],
  ['a directory on which nothing was started', 3, ['status', '--data', '/nowhere']],
])('%s ends with %i', async (_what, expected, args) => {
  const { code, stderr } = await drs.drs(...args);
  expect([code, stderr.startsWith('drs: ')]).toEqual([expected, true]);
});

it('down stops everything', async () => {
  const { processes } = await other.status();
  await other.must('down');
  expect(processes.filter(({ pid }) => isRunning(pid))).toEqual([]);
  expect((await other.drs('status')).code).toBe(1);
});
