import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ingestRemotely } from '@iris-drs/bus';
import { activate, buildCache } from '@iris-drs/crds';
import type { WatchUpdate } from '@iris-drs/proto';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { writeReference } from '../../../test/fixtures/small-reference.ts';
import { alone } from './fixtures/alone.ts';
import { callsOf, connect } from './fixtures/connect.ts';

let dir: string;
let cache: string;
let service: Awaited<ReturnType<typeof connect>>;
let calls: ReturnType<typeof callsOf>;
beforeEach(async () => {
  dir = mkdtempSync(join(tmpdir(), 'refdb-'));
  cache = join(dir, 'cache');
  mkdirSync(join(dir, 'data'));
  for (const serial of [1, 2, 3]) await build(serial);
  service = await connect(alone(cache, join(dir, 'data')));
  calls = callsOf(service.client);
});
afterEach(async () => {
  await service[Symbol.asyncDispose]();
  rmSync(dir, { recursive: true, force: true });
});

const build = (serial: number) => {
  const flat = { parameters: ['META.INSTRUMENT.DETECTOR'], references: [] };
  return buildCache(cache, { serial, types: { flat, dark: 'N/A' } });
};
/** The next updates of a stream, as far as they matter here. */
const watch = (after = 0) => {
  const call = service.client.watch({ after });
  const updates = call[Symbol.asyncIterator]() as AsyncIterator<WatchUpdate>;
  return {
    async next(): Promise<string> {
      const { value } = await updates.next();
      const { context, entry } = value as WatchUpdate;
      return entry ? `${entry.serial} ${entry.action} ${context}` : context;
    },
    cancel() {
      call.on('error', () => undefined);
      call.cancel();
    },
  };
};

describe('contexts over gRPC', () => {
  it('are activated and rolled back, and the history tells it page by page', async () => {
    const { entry } = await calls.activate('tmt_0001.pmap', 'the flats of March are bad');
    expect(entry).toMatchObject({
      serial: 2,
      action: 'activate',
      from: 'tmt_0003.pmap',
      to: 'tmt_0001.pmap',
    });
    await calls.activate('tmt_0002.pmap');
    expect((await calls.rollback()).entry).toMatchObject({ serial: 4, to: 'tmt_0001.pmap', undoes: 3 });
    expect((await calls.best([], [])).context).toBe('tmt_0001.pmap');
    const { entries } = await calls.history();
    expect(entries.map(({ serial, why }) => [serial, why])).toEqual([
      [4, 'a test'],
      [3, 'a test'],
      [2, 'the flats of March are bad'],
      [1, 'the context in force when the history begins'],
    ]);
    expect(Math.abs(Number(entries[0]?.time) - Date.now())).toBeLessThan(60_000);
    const page = await calls.history(2, 4);
    expect(page.entries.map(({ serial }) => serial)).toEqual([3, 2]);
  });

  it('are refused with canonical codes', async () => {
    await expect(calls.activate('tmt_0009.pmap')).rejects.toMatchObject({ code: 5 });
    await expect(calls.activate('tmt_0001.pmap', '')).rejects.toMatchObject({ code: 3 });
    await expect(calls.rollback()).rejects.toMatchObject({ code: 9 });
    await calls.activate('tmt_0001.pmap');
    await expect(calls.activate('tmt_0002.pmap', 'late', 'tmt_0003.pmap')).rejects.toMatchObject({
      code: 10,
      details: expect.stringContaining('tmt_0001.pmap is in force, not tmt_0003.pmap: ada changed it at'),
    });
    await expect(calls.rollback('late', 'tmt_0003.pmap')).rejects.toMatchObject({ code: 10 });
  });

  it('of many that change them at the same time: each change is one entry after the one before', async () => {
    const contexts = Array.from({ length: 30 }, (_, i) => `tmt_000${1 + (i % 3)}.pmap`);
    await Promise.all(contexts.map((context) => calls.activate(context)));
    const { entries } = await calls.history();
    entries.forEach((entry, i) => {
      expect(entry.from).toBe(entries[i + 1]?.to ?? '');
      expect(entry.serial).toBe(entries.length - i);
    });
  });
});

describe('a watch', () => {
  it('tells the context in force, then each change once and in order, whoever makes it', async () => {
    const updates = watch();
    expect(await updates.next()).toBe('tmt_0003.pmap');
    await calls.activate('tmt_0001.pmap');
    // Another process over the same cache.
    await activate(cache, 'tmt_0002.pmap', { by: 'another', why: 'a test' });
    const references = [{ path: writeReference(dir, 'flat_1.fits') }];
    await ingestRemotely(service.client, { references, by: 'ada', why: 'a test' });
    expect([await updates.next(), await updates.next(), await updates.next(), await updates.next()]).toEqual([
      '1 begin tmt_0003.pmap',
      '2 activate tmt_0001.pmap',
      '3 activate tmt_0002.pmap',
      '4 ingest tmt_0004.pmap',
    ]);
    updates.cancel();
  });

  it('goes on after the entry that its client knows', async () => {
    await calls.activate('tmt_0001.pmap');
    await calls.activate('tmt_0002.pmap');
    const updates = watch(2);
    expect(await updates.next()).toBe('tmt_0002.pmap');
    expect(await updates.next()).toBe('3 activate tmt_0002.pmap');
    updates.cancel();
  });

  it('of a cache without a history tells the context with the highest number', async () => {
    const updates = watch();
    expect(await updates.next()).toBe('tmt_0003.pmap');
    await build(4);
    expect(await updates.next()).toBe('tmt_0004.pmap');
    updates.cancel();
  });
});
