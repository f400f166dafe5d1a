import { setTimeout as sleep } from 'node:timers/promises';
import { STREAM, type Task, taskConsumer } from '@iris-drs/proto';
import { afterAll, beforeAll, expect, test } from 'vitest';
import {
  consumeTasks,
  reduceTask,
  type StageDefinition,
  type Worker,
  type WorkerOptions,
} from '../src/index.ts';
import { takeOne } from '../src/worker.ts';
import {
  type Bench,
  calibStage,
  calibTask,
  failuresOf,
  leaveFile,
  messagesIn,
  openBench,
  productsOf,
  queueTask,
  until,
} from './fixtures/bench.ts';

let bench: Bench;
beforeAll(async () => {
  bench = await openBench();
});
afterAll(() => bench.close());

const noReferences = {
  context: async () => 'none.pmap',
  best: async () => [],
  fetch: async (file: string) => file,
};

const work = (reduce: StageDefinition['reduce'], more: Partial<WorkerOptions> = {}): Promise<Worker> => {
  const definition = calibStage(reduce);
  const { nc, volume, telemetry, log } = bench;
  return consumeTasks({
    nc,
    stage: 'calib',
    level: 'l2a',
    modes: ['imager'],
    concurrency: 1,
    telemetry,
    log,
    retryDelaysMs: [50],
    handle: (task, signal) =>
      reduceTask(
        definition,
        task,
        { volume, references: noReferences, log, telemetry, connection: nc },
        { signal },
      ),
    ...more,
  });
};

const idle = () => until('tasks are settled', async () => (await messagesIn(bench.jsm, STREAM.tasks)) === 0);
const productsFor = async (exposure: string) =>
  (await productsOf(bench.jsm)).filter(({ exposureId }) => exposureId === exposure);
const failuresFor = async (exposure: string) =>
  (await failuresOf(bench.jsm)).filter(({ exposureId }) => exposureId === exposure);

test('a task becomes one product that names its file, trace, times and steps', async () => {
  const worker = await work(async (task, { step, volume }) => {
    await step('dark', () => sleep(5));
    await step('flat', ({ skipped }) => skipped('no flat applies'));
    return {
      frame: { ...leaveFile(volume, task), shape: [2, 2], dtype: 'float32', datasum: '' },
      filter: 'J',
    };
  });
  await queueTask(bench.js, calibTask('E1', { lastEventTime: new Date(Date.now() - 1000) }));
  await idle();
  const [product, ...others] = await productsFor('E1');
  expect(others).toEqual([]);
  expect(product).toMatchObject({
    level: 'l2a',
    stage: 'calib',
    suffix: 'flt',
    filter: 'J',
    version: 1,
    role: 'science',
  });
  expect(product?.frame?.path).toBe('20310101/reduced/imager/E1_flt.fits');
  expect(product?.traceId).toMatch(/^[0-9a-f]{32}$/);
  expect(Object.keys(product?.stepSeconds ?? {})).toEqual(['dark', 'flat']);
  expect(product?.latencySeconds).toBeGreaterThan(0.9);
  await worker.drain(1000);
});

test('the same task again, also after the duplicate window, does no work and gives nothing new', async () => {
  let runs = 0;
  const worker = await work(async (task, { volume }) => {
    runs += 1;
    return { frame: { ...leaveFile(volume, task), shape: [], dtype: '', datasum: '' } };
  });
  await queueTask(bench.js, calibTask('E2'), 'E2');
  await idle();
  await sleep(400); // the window is 300 ms
  await queueTask(bench.js, calibTask('E2'), 'E2');
  await idle();
  expect(runs).toBe(1);
  expect(await productsFor('E2')).toHaveLength(1);
  await worker.drain(1000);
});

test('two workers that do the same task at once give one product, even when message ids are forgotten in between', async () => {
  let runs = 0;
  const after = (ms: number) =>
    work(async (task, { volume }) => {
      runs += 1;
      await sleep(ms);
      return { frame: { ...leaveFile(volume, task), shape: [], dtype: '', datasum: '' } };
    });
  // The window is 300 ms.
  const workers = [await after(100), await after(800)];
  await Promise.all([queueTask(bench.js, calibTask('E3')), queueTask(bench.js, calibTask('E3'))]);
  await idle();
  expect(runs).toBe(2);
  expect(await productsFor('E3')).toHaveLength(1);
  await Promise.all(workers.map((worker) => worker.drain(1000)));
});

test('a task longer than its lease is kept by heartbeats and runs once; the next is not hoarded behind it', async () => {
  const started: string[] = [];
  const by = (name: string, ms: number) =>
    work(async (task: Task, { volume }) => {
      started.push(`${name} ${task.exposureId}`);
      await sleep(ms);
      return { frame: { ...leaveFile(volume, task), shape: [], dtype: '', datasum: '' } };
    });
  const slow = await by('slow', 2_200); // the lease is 700 ms
  await queueTask(bench.js, calibTask('E4-long'));
  await until('it started', () => started.length === 1);
  await queueTask(bench.js, calibTask('E4-next'));
  await sleep(100);
  expect(slow.inHand).toBe(1);
  const quick = await by('quick', 10);
  await idle();
  expect(started).toEqual(['slow E4-long', 'quick E4-next']);
  await Promise.all([slow.drain(1000), quick.drain(1000)]);
});

test('concurrency bounds the tasks in hand', async () => {
  let now = 0;
  let most = 0;
  const worker = await work(
    async (task, { volume }) => {
      most = Math.max(most, ++now);
      await sleep(60);
      now -= 1;
      return { frame: { ...leaveFile(volume, task), shape: [], dtype: '', datasum: '' } };
    },
    { concurrency: 3 },
  );
  for (let i = 0; i < 8; i++) await queueTask(bench.js, calibTask(`E5-${i}`));
  await idle();
  expect(most).toBe(3);
  await worker.drain(1000);
});

test('a permanent error gives one failure naming file, HDU and cause; the next task goes through', async () => {
  const corrupt = Object.assign(new Error('HDU 2 of ramp.fits ends early'), {
    code: 'FITS_TRUNCATED',
    file: 'ramp.fits',
    hdu: 'SCI,2',
  });
  let tries = 0;
  const worker = await work(async (task, { volume }) => {
    if (task.exposureId === 'E6-bad') {
      tries += 1;
      throw corrupt;
    }
    return { frame: { ...leaveFile(volume, task), shape: [], dtype: '', datasum: '' } };
  });
  await queueTask(bench.js, calibTask('E6-bad'));
  await queueTask(bench.js, calibTask('E6-bad'));
  await queueTask(bench.js, calibTask('E6-good'));
  await idle();
  expect(tries).toBe(2);
  expect(await failuresFor('E6-bad')).toMatchObject([
    {
      code: 'FITS_TRUNCATED',
      input: 'ramp.fits',
      hdu: 'SCI,2',
      retriable: false,
      stage: 'calib',
      detector: 'IMG1',
    },
  ]);
  expect(await productsFor('E6-good')).toHaveLength(1);
  await worker.drain(1000);
});

test('a retriable error is tried again with delay and succeeds', async () => {
  let tries = 0;
  const worker = await work(async (task, { volume }) => {
    if (++tries < 3)
      throw Object.assign(new Error('stale handle'), { code: 'ESTALE', errno: -116, syscall: 'read' });
    return { frame: { ...leaveFile(volume, task), shape: [], dtype: '', datasum: '' } };
  });
  await queueTask(bench.js, calibTask('E7'));
  await idle();
  expect(tries).toBe(3);
  expect(await productsFor('E7')).toHaveLength(1);
  expect(await failuresFor('E7')).toEqual([]);
  await worker.drain(1000);
});

test('a retriable error that stays becomes a failure after the last delivery, and the task is kept', async () => {
  let tries = 0;
  const worker = await work(async () => {
    tries += 1;
    throw new Error('nobody foresaw this');
  });
  const kept = await messagesIn(bench.jsm, STREAM.deadLetters);
  await queueTask(bench.js, calibTask('E8'));
  await idle();
  expect(tries).toBe(4); // three delays in the backoff
  expect(await failuresFor('E8')).toMatchObject([
    { code: 'UNKNOWN', retriable: true, message: 'nobody foresaw this' },
  ]);
  expect(await messagesIn(bench.jsm, STREAM.deadLetters)).toBe(kept + 1);
  await worker.drain(1000);
});

test('a message that is no task is a failure, is kept as a dead letter and never comes again', async () => {
  const worker = await work(async () => {
    throw new Error('must not run');
  });
  const kept = await messagesIn(bench.jsm, STREAM.deadLetters);
  await bench.js.publish('drs.task.calib.imager.IMG1.E9', new Uint8Array([0xff, 1, 2, 3]));
  await bench.js.publish(
    'drs.task.calib.imager.IMG1.E9-other',
    new TextEncoder().encode('{"not":"protobuf"}'),
  );
  await idle();
  expect(await failuresFor('E9')).toMatchObject([
    { code: 'MESSAGE_INVALID', retriable: false, mode: 'imager' },
  ]);
  expect(await failuresFor('E9-other')).toMatchObject([{ code: 'MESSAGE_INVALID' }]);
  expect(await messagesIn(bench.jsm, STREAM.deadLetters)).toBe(kept + 2);
  await sleep(900); // longer than the lease
  expect(await failuresFor('E9')).toHaveLength(1);
  await worker.drain(1000);
});

test('inputs outside the volume, hooks and names that are paths are refused before the stage sees them', async () => {
  let runs = 0;
  const worker = await work(async () => {
    runs += 1;
    throw new Error('must not run');
  });
  const frame = { path: '../../etc/passwd', size: 0, shape: [], dtype: '', datasum: '' };
  await queueTask(
    bench.js,
    calibTask('E10', { inputs: [{ frame, exptype: 'science', exposureId: 'E10', extver: 0 }] }),
  );
  await queueTask(bench.js, calibTask('E11', { options: { 'dark.pre_hooks': 'rm' } }));
  await queueTask(bench.js, calibTask('E12', { options: { 'dark.override_dark': '/etc/passwd' } }));
  await queueTask(bench.js, calibTask('E13', { utDate: '../../..' }));
  await idle();
  expect(runs).toBe(0);
  expect(await failuresFor('E10')).toMatchObject([{ code: 'VOLUME_OUTSIDE', input: '../../etc/passwd' }]);
  expect(await failuresFor('E11')).toMatchObject([{ code: 'TASK_INVALID' }]);
  expect(await failuresFor('E12')).toMatchObject([{ code: 'VOLUME_OUTSIDE' }]);
  expect(await failuresFor('E13')).toMatchObject([{ code: 'TASK_INVALID' }]);
  await worker.drain(1000);
});

test('intake pauses while there is no room and goes on after', async () => {
  let room = false;
  const worker = await work(
    async (task, { volume }) => ({
      frame: { ...leaveFile(volume, task), shape: [], dtype: '', datasum: '' },
    }),
    { mayTake: async () => room },
  );
  await queueTask(bench.js, calibTask('E14'));
  await sleep(300);
  expect(await productsFor('E14')).toEqual([]);
  room = true;
  await idle();
  expect(await productsFor('E14')).toHaveLength(1);
  await worker.drain(1000);
});

test('draining finishes what is in hand and takes nothing more; what is not done in time is given back', async () => {
  const started: string[] = [];
  const worker = await work(async (task, { volume, signal }) => {
    started.push(task.exposureId);
    await sleep(task.exposureId === 'E15-endless' ? 60_000 : 300, undefined, { signal });
    return { frame: { ...leaveFile(volume, task), shape: [], dtype: '', datasum: '' } };
  });
  await queueTask(bench.js, calibTask('E15'));
  await until('it started', () => started.length === 1);
  await queueTask(bench.js, calibTask('E15-later'));
  await worker.drain(5_000);
  expect(started).toEqual(['E15']);
  expect(await productsFor('E15')).toHaveLength(1);
  expect(await messagesIn(bench.jsm, STREAM.tasks)).toBe(1);

  await bench.jsm.streams.purge(STREAM.tasks);
  const second = await work(async (_task, { signal }) => {
    started.push('second');
    await sleep(60_000, undefined, { signal });
    throw new Error('must not get here');
  });
  await queueTask(bench.js, calibTask('E15-endless'));
  await until('it started', () => started.includes('second'));
  await second.drain(100);
  const third = await work(async (task, { volume }) => ({
    frame: { ...leaveFile(volume, task), shape: [], dtype: '', datasum: '' },
  }));
  await idle();
  expect(await productsFor('E15-endless')).toHaveLength(1);
  expect(await failuresFor('E15-endless')).toEqual([]);
  await third.drain(1000);
});

test('an abort ends the wait for a task, also one that comes while the wait begins', async () => {
  const consumer = await bench.js.consumers.get(STREAM.tasks, taskConsumer('calib', 'imager'));
  const stop = new AbortController();
  const taken = takeOne(consumer, stop.signal);
  stop.abort();
  // Within the limit of this test, that is; a fetch waits for 20 s.
  expect(await taken).toBeUndefined();
}, 10_000);
