import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { writeReference } from '../../../../test/fixtures/small-reference.ts';
import {
  buildCache,
  fileChecksum,
  history,
  ingest,
  loadContext,
  localReferences,
  rollback,
} from '../../src/index.ts';

let dir: string;
let cache: string;
beforeEach(async () => {
  dir = mkdtempSync(join(tmpdir(), 'crds-'));
  cache = join(dir, 'cache');
  const flat = { parameters: ['META.INSTRUMENT.DETECTOR'], references: [] };
  await buildCache(cache, { types: { flat, mask: flat, dark: 'N/A' } });
});
afterEach(() => rmSync(dir, { recursive: true, force: true }));

const who = { by: 'ada', why: 'a test' };
const header = { INSTRUME: 'IRIS', DETECTOR: 'IMG1', 'DATE-OBS': '2031-01-01T00:00:00' };
const flatOf = async (source = localReferences({ path: cache })) => {
  const [best] = await source.best(header, ['flat']);
  return best?.answer === 'file' ? best.file : undefined;
};
const filesBelow = (part: string): string[] =>
  readdirSync(join(cache, part), { recursive: true, withFileTypes: true })
    .filter((entry) => !entry.isDirectory())
    .map(({ name }) => name)
    .sort();

describe('an ingest', () => {
  it('brings references into force by one entry of the history', async () => {
    const source = localReferences({ path: cache });
    expect(await flatOf(source)).toBeUndefined();
    const path = writeReference(dir, 'tmt_iris_flat_0001.fits');
    const { entry, changed } = await ingest(cache, { references: [{ path }], ...who });
    expect(changed).toBe(true);
    expect(entry).toMatchObject({
      serial: 2,
      action: 'ingest',
      from: 'tmt_0001.pmap',
      to: 'tmt_0002.pmap',
      references: [{ file: 'tmt_iris_flat_0001.fits', type: 'flat', ...(await fileChecksum(path)) }],
      mappings: ['tmt_iris_flat_0002.rmap', 'tmt_iris_0002.imap', 'tmt_0002.pmap'],
      changes: [{ action: 'insert', type: 'flat', key: ['IMG1', '2030-01-01 00:00:00'] }],
    });
    expect(await flatOf(source), 'at the next call').toBe('tmt_iris_flat_0001.fits');
    await rollback(cache, who);
    expect(await flatOf(source)).toBeUndefined();
    expect(filesBelow('references'), 'files stay').toEqual(['tmt_iris_flat_0001.fits']);
  });

  it('begins no rules for a slip in REFTYPE, unless the caller names the new type', async () => {
    const path = writeReference(dir, 'novel.fits', { type: 'DRAK' });
    await expect(ingest(cache, { references: [{ path }], ...who })).rejects.toMatchObject({
      code: 'MappingInsertionError',
      message: expect.stringMatching(
        /^novel\.fits has REFTYPE 'DRAK', a type that neither tmt_iris_0001\.imap/,
      ),
    });
    expect(filesBelow('references')).toEqual([]);
    const { entry } = await ingest(cache, { references: [{ path, type: 'drak' }], ...who });
    expect(entry.mappings[0]).toBe('tmt_iris_drak_0001.rmap');
  });

  it.each(['../../x', "A'; import os", 'A B', '.', 'X'.repeat(65)])(
    'writes no mapping of a type that is no name: %s',
    async (type) => {
      const before = filesBelow('.');
      const path = writeReference(dir, 'odd.fits', { type });
      const named = ingest(cache, { references: [{ path, type }], ...who });
      await expect(named).rejects.toThrow(
        /is no name of a reference type; expected letters, digits, - and _$/,
      );
      expect(filesBelow('.').filter((file) => !before.includes(file))).toEqual([]);
    },
  );

  it('costs readers no more than what changed: other mappings are not parsed again', async () => {
    const source = localReferences({ path: cache });
    const mask = async () => (await source.loaded()).references.get('tmt_iris_mask_0001.rmap');
    const before = await mask();
    await ingest(cache, { references: [{ path: writeReference(dir, 'flat_1.fits') }], ...who });
    expect(before).toBeDefined();
    expect(await mask()).toBe(before);
  });

  it('of what is there already changes nothing', async () => {
    const references = [{ path: writeReference(dir, 'flat_1.fits') }];
    const first = await ingest(cache, { references, ...who });
    expect(await ingest(cache, { references, ...who })).toEqual({ ...first, changed: false });
    expect(history(cache)).toHaveLength(2);
  });

  it('rehearsed tells what would be, and changes nothing', async () => {
    const path = writeReference(dir, 'flat_1.fits');
    const { entry } = await ingest(cache, { references: [{ path }], ...who, dryRun: true });
    expect(entry).toMatchObject({ serial: 0, to: 'tmt_0002.pmap', changes: [{ file: 'flat_1.fits' }] });
    expect(filesBelow('references')).toEqual([]);
    expect(filesBelow('mappings')).toHaveLength(4);
    expect(existsSync(join(cache, 'config/tmt/history'))).toBe(false);
  });

  it('goes on from a context that was rolled back under names that were never used', async () => {
    await ingest(cache, { references: [{ path: writeReference(dir, 'flat_1.fits') }], ...who });
    await rollback(cache, who);
    const later = { useAfter: '2029-01-01T00:00:00' };
    const { entry } = await ingest(cache, {
      references: [{ path: writeReference(dir, 'flat_2.fits', later) }],
      ...who,
    });
    expect(entry).toMatchObject({ from: 'tmt_0001.pmap', to: 'tmt_0003.pmap' });
    expect(await flatOf()).toBe('flat_2.fits');
  });

  it('by each of many writers at once loses none, and every context in the history is whole', async () => {
    const days = Array.from({ length: 16 }, (_, i) => `2030-01-${String(i + 1).padStart(2, '0')}`);
    const done = await Promise.all(
      days.map((day, i) => {
        const path = writeReference(dir, `flat_${i}.fits`, { useAfter: `${day}T00:00:00` });
        return ingest(cache, { references: [{ path }], by: `writer ${i}`, why: 'a race' });
      }),
    );
    const told = history(cache);
    expect(told).toHaveLength(17);
    for (const { entry } of done) expect(told).toContainEqual(entry);
    const source = localReferences({ path: cache });
    for (const [i, day] of days.entries()) {
      const [best] = await source.best({ ...header, 'DATE-OBS': `${day}T12:00:00` }, ['flat']);
      expect(best).toMatchObject({ file: `flat_${i}.fits` });
    }
    for (const { to } of told) {
      const { problems } = await loadContext(to, async (file) => {
        const { readFileSync } = await import('node:fs');
        return readFileSync(join(cache, 'mappings/tmt', file), 'utf8');
      });
      expect([...problems]).toEqual([]);
    }
    expect(filesBelow('.').filter((name) => name.startsWith('.'))).toEqual([]);
  });
});

describe('an ingest is refused whole', () => {
  const nothingChanged = (references: string[] = []): void => {
    expect(filesBelow('references')).toEqual(references);
    expect(history(cache), 'not even begun').toEqual([]);
  };

  it('when one reference of several is no reference', async () => {
    const good = writeReference(dir, 'flat_1.fits');
    const bad = join(dir, 'flat_2.fits');
    writeFileSync(bad, 'not a FITS file');
    const references = [{ path: good }, { path: bad }];
    await expect(ingest(cache, { references, ...who })).rejects.toThrow('flat_2.fits');
    nothingChanged();
  });

  it('when its type is not known, or its rules do not take it', async () => {
    const path = writeReference(dir, 'flat_1.fits', { useAfter: 'yesterday' });
    await expect(ingest(cache, { references: [{ path }], ...who })).rejects.toThrow('USEAFTER');
    nothingChanged();
  });

  it('when the name has other bytes, in the cache or in the same ingest', async () => {
    mkdirSync(join(dir, 'other'));
    const [path, other] = [
      writeReference(dir, 'flat_1.fits'),
      writeReference(join(dir, 'other'), 'flat_1.fits', { value: 2 }),
    ];
    const twice = { references: [{ path }, { path: other }], ...who };
    await expect(ingest(cache, twice)).rejects.toThrow('flat_1.fits is given twice');
    nothingChanged();
    await ingest(cache, { references: [{ path }], ...who });
    await expect(ingest(cache, { references: [{ path: other }], ...who })).rejects.toMatchObject({
      code: 'ReferenceExists',
    });
    expect(history(cache)).toHaveLength(2);
  });

  it('when its header has no end, after a bounded look', async () => {
    const path = join(dir, 'flat_1.fits');
    const card = (text: string) => text.padEnd(80);
    writeFileSync(path, card('SIMPLE  =                    T') + card('COMMENT x').repeat(400_000));
    await expect(ingest(cache, { references: [{ path }], ...who })).rejects.toThrow('flat_1.fits');
    nothingChanged();
  });
});
