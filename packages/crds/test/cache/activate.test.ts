import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { activate, buildCache, history, localReferences, rollback } from '../../src/index.ts';

let dir: string;
let cache: string;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'crds-'));
  cache = join(dir, 'cache');
  for (const name of ['CRDS_CONTEXT', 'CRDS_OBSERVATORY', 'CRDS_IGNORE_MAPPING_CHECKSUM'])
    vi.stubEnv(name, undefined);
});
afterEach(() => {
  vi.unstubAllEnvs();
  rmSync(dir, { recursive: true, force: true });
});

const header = { INSTRUME: 'IRIS', DETECTOR: 'IMG1', 'DATE-OBS': '2026-01-01T00:00:00' };
const who = { by: 'ada', why: 'a test' };
const build = (serial: number): Promise<string> =>
  buildCache(cache, {
    serial,
    types: {
      flat: {
        parameters: ['META.INSTRUMENT.DETECTOR'],
        references: [{ match: ['IRIS1'], useAfter: '2020-01-01 00:00:00', file: `flat_${serial}.fits` }],
      },
    },
  });
const source = () => localReferences({ path: cache });
const flat = async (from: ReturnType<typeof source>) => {
  const [best] = await from.best(header, ['flat']);
  return best?.answer === 'file' ? best.file : best;
};
const entries = () => readdirSync(join(cache, 'config/tmt/history')).sort();

describe('the context in force', () => {
  it('stays the highest number until something is activated, and has no history', async () => {
    await build(1);
    await build(2);
    expect(await source().context()).toBe('tmt_0002.pmap');
    expect(history(cache)).toEqual([]);
    expect(existsSync(join(cache, 'config/tmt/history'))).toBe(false);
  });

  it('is what the newest entry of the history names; a later file is not in force by being there', async () => {
    await build(1);
    await build(2);
    const references = source();
    expect(await flat(references)).toBe('flat_2.fits');
    const entry = await activate(cache, 'tmt_0001.pmap', who);
    expect(entry).toMatchObject({
      serial: 2,
      action: 'activate',
      from: 'tmt_0002.pmap',
      to: 'tmt_0001.pmap',
    });
    expect(await flat(references), 'at the next call').toBe('flat_1.fits');
    await build(3);
    expect(await flat(references)).toBe('flat_1.fits');
    expect(history(cache)).toMatchObject([
      { serial: 2, by: 'ada', why: 'a test', time: expect.stringMatching(/^\d{4}-.*Z$/) },
      { serial: 1, action: 'begin', from: '', to: 'tmt_0002.pmap' },
    ]);
    expect(history(cache, { limit: 1 })).toHaveLength(1);
    expect(history(cache, { before: 2 })).toMatchObject([{ serial: 1 }]);
  });

  it('may still be overruled by an argument or CRDS_CONTEXT', async () => {
    await build(1);
    await build(2);
    await activate(cache, 'tmt_0001.pmap', who);
    expect(await localReferences({ path: cache, context: 'tmt_0002.pmap' }).context()).toBe('tmt_0002.pmap');
    const references = source();
    expect(await references.context()).toBe('tmt_0001.pmap');
    vi.stubEnv('CRDS_CONTEXT', 'tmt_0002.pmap');
    expect(await references.context()).toBe('tmt_0002.pmap');
  });

  it('is kept by activating it, without another change', async () => {
    await build(1);
    expect(await activate(cache, 'tmt_0001.pmap', who)).toMatchObject({ serial: 1, action: 'begin' });
    await build(2);
    expect(await source().context()).toBe('tmt_0001.pmap');
    expect(await activate(cache, 'tmt_0001.pmap', who)).toMatchObject({ serial: 1 });
  });

  it('goes back one change for each rollback, and forward by activating', async () => {
    for (const serial of [1, 2, 3]) await build(serial);
    await activate(cache, 'tmt_0001.pmap', who);
    await activate(cache, 'tmt_0002.pmap', who);
    expect(await rollback(cache, who)).toMatchObject({ to: 'tmt_0001.pmap', undoes: 3 });
    expect(await rollback(cache, who)).toMatchObject({ to: 'tmt_0003.pmap', undoes: 2 });
    await expect(rollback(cache, who)).rejects.toMatchObject({ code: 'NothingToRollBack' });
    await activate(cache, 'tmt_0002.pmap', who);
    expect(await rollback(cache, who)).toMatchObject({ to: 'tmt_0003.pmap', undoes: 6 });
  });

  it('is changed once by each of many writers at the same time, and every change is in the history', async () => {
    for (const serial of [1, 2]) await build(serial);
    const writers = Array.from({ length: 20 }, (_, i) =>
      activate(cache, `tmt_000${1 + (i % 2)}.pmap`, { by: `writer ${i}`, why: 'a race' }),
    );
    const done = await Promise.all(writers);
    const told = history(cache).reverse();
    expect(told.map(({ serial }) => serial)).toEqual(told.map((_, i) => i + 1));
    told.slice(1).forEach((entry, i) => {
      expect(entry.from).toBe(told[i]!.to);
    });
    for (const entry of done) expect(told).toContainEqual(entry);
    expect(entries().every((name) => /^\d{6}\.json$/.test(name))).toBe(true);
  });
});

describe('a change is refused', () => {
  it('for a context that is not there or not whole', async () => {
    await build(1);
    await build(2);
    await expect(activate(cache, 'tmt_0009.pmap', who)).rejects.toMatchObject({ code: 'ContextNotFound' });
    await expect(activate(cache, '../tmt_0001.pmap', who)).rejects.toMatchObject({ code: 'ContextNotFound' });
    const rmap = join(cache, 'mappings/tmt/tmt_iris_flat_0001.rmap');
    writeFileSync(rmap, readFileSync(rmap, 'utf8').replace('flat_1', 'flat_x'));
    await expect(activate(cache, 'tmt_0001.pmap', who)).rejects.toThrow(
      /^tmt_0001\.pmap cannot be put in force: sha1sum mismatch in 'tmt_iris_flat_0001\.rmap'/,
    );
    expect(history(cache)).toEqual([]);
  });

  it('without who and why', async () => {
    await build(1);
    for (const account of [
      { by: '', why: 'x' },
      { by: 'x', why: ' ' },
      { by: 'x'.repeat(201), why: 'x' },
      { by: 'a\u001b[2J', why: 'x' },
      { by: 'a\u009b2J', why: 'x' },
    ])
      await expect(activate(cache, 'tmt_0001.pmap', account)).rejects.toMatchObject({
        code: 'RecordIncomplete',
      });
  });

  it('when somebody else was faster than what the caller has seen', async () => {
    for (const serial of [1, 2, 3]) await build(serial);
    await activate(cache, 'tmt_0001.pmap', who);
    const late = { ...who, expected: 'tmt_0003.pmap' };
    await expect(activate(cache, 'tmt_0002.pmap', late)).rejects.toThrow('tmt_0001.pmap is in force, not');
    await expect(rollback(cache, late)).rejects.toMatchObject({ code: 'ContextChanged' });
    expect(history(cache)).toHaveLength(2);
  });
});

describe('a change that is refused', () => {
  it('begins no history', async () => {
    await build(1);
    await build(2);
    const expected = { ...who, expected: 'tmt_0001.pmap' };
    await expect(activate(cache, 'tmt_0001.pmap', expected)).rejects.toMatchObject({
      code: 'ContextChanged',
    });
    await expect(rollback(cache, who)).rejects.toMatchObject({ code: 'NothingToRollBack' });
    expect(history(cache)).toEqual([]);
  });
});

describe('a damaged history', () => {
  it('stops readers and writers with the file named, rather than guess a context', async () => {
    await build(1);
    await activate(cache, 'tmt_0001.pmap', who);
    writeFileSync(join(cache, 'config/tmt/history/000001.json'), '{"serial":1');
    for (const attempt of [source().context(), activate(cache, 'tmt_0001.pmap', who)])
      await expect(attempt).rejects.toMatchObject({
        code: 'HistoryBroken',
        message: expect.stringContaining('000001.json cannot be used'),
      });
  });

  it('names the context that is missing, which another one can replace', async () => {
    await build(1);
    await build(2);
    await activate(cache, 'tmt_0001.pmap', who);
    rmSync(join(cache, 'mappings/tmt/tmt_0001.pmap'));
    await expect(source().context()).rejects.toThrow('The context in force, tmt_0001.pmap, is not in');
    await activate(cache, 'tmt_0002.pmap', who);
    expect(await source().context()).toBe('tmt_0002.pmap');
  });
});
