import {
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import {
  buildCache,
  initialiseCache,
  localReferences,
  REFERENCE_TYPES,
  writeMapping,
} from '../../src/index.ts';

let dir: string;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'crds-'));
  for (const name of ['CRDS_CONTEXT', 'CRDS_OBSERVATORY', 'CRDS_IGNORE_MAPPING_CHECKSUM'])
    vi.stubEnv(name, undefined);
});
afterEach(() => {
  vi.unstubAllEnvs();
  rmSync(dir, { recursive: true, force: true });
});

const header = { INSTRUME: 'IRIS', DETECTOR: 'IMG1', 'DATE-OBS': '2026-01-01T00:00:00' };

const build = (file: string, serial = 1): Promise<string> => {
  const from = join(dir, 'made.fits');
  writeFileSync(from, `bytes of ${file}`);
  const references = [{ match: ['IRIS1'], useAfter: '2020-01-01 00:00:00', file, from }];
  return buildCache(join(dir, 'cache'), {
    serial,
    types: { flat: { parameters: ['META.INSTRUMENT.DETECTOR'], references }, dark: 'N/A' },
  });
};
const source = (options = {}) => localReferences({ path: join(dir, 'cache'), ...options });
const flat = async (from = source()) => (await from.best(header, ['flat']))[0];
const inCache = (...parts: string[]) => join(dir, 'cache', ...parts);

describe('a cache directory', () => {
  it('gives best references and their files', async () => {
    await build('flat_1.fits');
    const references = source();
    expect(await references.context()).toBe('tmt_0001.pmap');
    expect(await references.best(header, ['flat', 'dark'])).toMatchObject([
      { type: 'flat', answer: 'file', file: 'flat_1.fits' },
      { type: 'dark', answer: 'notApplicable' },
    ]);
    const path = await references.fetch('flat_1.fits');
    expect(readFileSync(path, 'utf8')).toBe('bytes of flat_1.fits');
  });

  it('may keep all references in one directory', async () => {
    await build('flat_1.fits');
    copyFileSync(inCache('references/tmt/iris/flat_1.fits'), inCache('references/tmt/flat_2.fits'));
    expect(await source().fetch('flat_2.fits')).toMatch(/references\/tmt\/flat_2\.fits$/);
  });

  it('chooses the context: argument, CRDS_CONTEXT, then the highest number', async () => {
    await build('flat_1.fits', 9);
    await build('flat_2.fits', 10);
    await writeMapping(inCache('mappings/tmt/tmt.pmap'), {
      header: {
        derived_from: 'x',
        observatory: 'TMT',
        mapping: 'PIPELINE',
        parkey: ['META.INSTRUMENT.NAME'],
      },
      selector: {},
    });
    expect(await source().context()).toBe('tmt_0010.pmap');
    vi.stubEnv('CRDS_CONTEXT', 'tmt_0009.pmap');
    expect(await flat()).toMatchObject({ file: 'flat_1.fits' });
    expect(await flat(source({ context: 'tmt_0010.pmap' }))).toMatchObject({ file: 'flat_2.fits' });
    expect(await source({ context: 'tmt-latest' }).context()).toBe('tmt_0010.pmap');
    await expect(source({ context: 'tmt_0099.pmap' }).context()).rejects.toThrow('tmt_0099.pmap is not in');
    await expect(source({ context: '../tmt_0010.pmap' }).context()).rejects.toMatchObject({
      code: 'UnsafeName',
    });
  });

  it('of several observatories needs to be told which', async () => {
    await build('flat_1.fits');
    mkdirSync(inCache('mappings/jwst'));
    copyFileSync(inCache('mappings/tmt/tmt_0001.pmap'), inCache('mappings/jwst/jwst_0001.pmap'));
    await expect(source().context()).rejects.toThrow('holds contexts of');
    vi.stubEnv('CRDS_OBSERVATORY', 'tmt');
    expect(await source().context()).toBe('tmt_0001.pmap');
  });

  it('of one observatory is that one, whatever CRDS_OBSERVATORY was set for', async () => {
    await build('flat_1.fits');
    vi.stubEnv('CRDS_OBSERVATORY', 'jwst');
    expect(await source().context()).toBe('tmt_0001.pmap');
    vi.stubEnv('CRDS_CONTEXT', 'jwst-operational');
    await expect(source().context()).rejects.toMatchObject({ code: 'ContextNotFound' });
  });

  it('is read again when a new context appears or a mapping changes', async () => {
    await build('flat_1.fits');
    const references = source();
    expect(await flat(references)).toMatchObject({ file: 'flat_1.fits' });
    expect(await references.loaded(), 'unchanged').toBe(await references.loaded());
    await build('flat_2.fits', 2);
    expect(await flat(references)).toMatchObject({ file: 'flat_2.fits' });
    await build('flat_3.fits', 2);
    expect(await flat(references)).toMatchObject({ file: 'flat_3.fits' });
  });

  it('refuses a mapping whose text was changed, unless CRDS_IGNORE_MAPPING_CHECKSUM is set', async () => {
    await build('flat_1.fits');
    const rmap = inCache('mappings/tmt/tmt_iris_flat_0001.rmap');
    writeFileSync(rmap, readFileSync(rmap, 'utf8').replace('flat_1', 'flat_x'));
    expect(await flat()).toMatchObject({ answer: 'error', kind: 'ChecksumError' });
    vi.stubEnv('CRDS_IGNORE_MAPPING_CHECKSUM', '1');
    expect(await flat()).toMatchObject({ file: 'flat_x.fits' });
  });

  it('names a file that is only a git-lfs pointer', async () => {
    await build('flat_1.fits');
    const pointer = 'version https://git-lfs.github.com/spec/v1\noid sha256:4d7a\nsize 67115520\n';
    writeFileSync(inCache('references/tmt/iris/flat_1.fits'), pointer);
    await expect(source().fetch('flat_1.fits')).rejects.toThrow(
      /flat_1\.fits is a git-lfs pointer \(\d+ bytes\), not flat_1\.fits itself \(67115520 bytes\)/,
    );
    writeFileSync(inCache('mappings/tmt/tmt_iris_flat_0001.rmap'), pointer);
    expect(await flat()).toMatchObject({ answer: 'error', kind: 'ReferenceIsPointer' });
  });

  it('gives nothing from outside it', async () => {
    await build('flat_1.fits');
    writeFileSync(join(dir, 'secret.fits'), 'secret');
    for (const name of [
      '../../../../secret.fits',
      '/etc/passwd',
      '..',
      '.',
      '',
      'a/b',
      'a\\b',
      'a\0b',
      '.hidden',
    ]) {
      await expect(source().fetch(name), name).rejects.toMatchObject({ code: 'UnsafeName' });
    }
    await expect(source().fetch('iris')).rejects.toMatchObject({ code: 'ReferenceNotFound' });
  });

  it('may hold links to where the files really are', async () => {
    await build('flat_1.fits');
    symlinkSync(join(dir, 'made.fits'), inCache('references/tmt/iris/linked.fits'));
    expect(readFileSync(await source().fetch('linked.fits'), 'utf8')).toBe('bytes of flat_1.fits');
  });
});

describe('an empty directory', () => {
  it('becomes a cache whose rules answer N/A for every type', async () => {
    const path = join(dir, 'new', 'refs');
    expect(await initialiseCache(path)).toBe(true);
    const references = localReferences({ path });
    const answers = await references.best({ INSTRUME: 'IRIS' }, REFERENCE_TYPES);
    expect(new Set(answers.map(({ answer }) => answer))).toEqual(new Set(['notApplicable']));
    expect(await initialiseCache(path), 'a second time').toBe(false);
  });

  it('is made by several at once', async () => {
    const path = join(dir, 'refs');
    await Promise.all([initialiseCache(path), initialiseCache(path), initialiseCache(path)]);
    expect(await localReferences({ path }).context()).toBe('tmt_0001.pmap');
  });

  it('is not mistaken: a cache stays as it is, anything else is refused', async () => {
    await build('flat_1.fits');
    expect(await initialiseCache(join(dir, 'cache'))).toBe(false);
    expect(await flat()).toMatchObject({ file: 'flat_1.fits' });
    await expect(initialiseCache(dir)).rejects.toMatchObject({ code: 'CacheNotEmpty' });
    rmSync(inCache('mappings/tmt/tmt_0001.pmap'));
    await expect(initialiseCache(join(dir, 'cache'))).rejects.toMatchObject({ code: 'CacheNotEmpty' });
  });

  it('is no cache', async () => {
    await expect(localReferences({ path: dir }).context()).rejects.toThrow(
      'Set CRDS_PATH to a CRDS cache directory',
    );
  });
});
