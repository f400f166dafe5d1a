import { mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openVolume } from '../src/index.ts';

let base: string;
beforeAll(() => {
  base = mkdtempSync(join(tmpdir(), 'drs-volume-'));
  mkdirSync(join(base, 'data', 'raw'), { recursive: true });
  mkdirSync(join(base, 'data-other'));
  mkdirSync(join(base, 'secret'));
  writeFileSync(join(base, 'data', 'raw', 'a.fits'), 'a');
  writeFileSync(join(base, 'secret', 'key'), 'k');
  writeFileSync(join(base, 'data-other', 'b.fits'), 'b');
  symlinkSync(join(base, 'secret'), join(base, 'data', 'out'));
  symlinkSync(join(base, 'secret', 'key'), join(base, 'data', 'raw', 'link.fits'));
  symlinkSync(join(base, 'secret', 'not-yet'), join(base, 'data', 'dangling'));
  symlinkSync('raw', join(base, 'data', 'inside'));
  symlinkSync(join(base, 'data'), join(base, 'alias'));
});
afterAll(() => rmSync(base, { recursive: true, force: true }));

test('files inside are found by relative, absolute and linked names, and named relative to the root', () => {
  const volume = openVolume(join(base, 'alias'));
  const file = join(realpathSync(base), 'data', 'raw', 'a.fits');
  expect(volume.root).toBe(join(realpathSync(base), 'data'));
  for (const name of [
    'raw/a.fits',
    './raw/../raw/a.fits',
    'inside/a.fits',
    join(base, 'data/raw/a.fits'),
    join(base, 'alias/raw/a.fits'),
  ]) {
    expect(volume.resolve(name)).toBe(file);
    expect(volume.existing(name)).toBe(file);
  }
  expect(volume.toRelative(file)).toBe('raw/a.fits');
});

test('files that are not there yet can be named, in directories that are not there yet', () => {
  const volume = openVolume(join(base, 'data'));
  expect(volume.toRelative('20310101/raw/new.fits')).toBe('20310101/raw/new.fits');
  expect(() => volume.existing('20310101/raw/new.fits')).toThrow(
    expect.objectContaining({ code: 'VOLUME_MISSING' }),
  );
});

test.each([
  ['..', 'its parent'],
  ['../secret/key', 'a file above'],
  ['raw/../../secret/key', 'a file above, by way of a directory inside'],
  ['../data-other/b.fits', 'a sibling whose name begins alike'],
  ['/etc/passwd', 'an absolute path'],
  ['out/key', 'a linked directory'],
  ['out/new.fits', 'a new file in a linked directory'],
  ['raw/link.fits', 'a linked file'],
  ['dangling', 'a link to what is not there yet'],
  ['dangling/new.fits', 'a file below such a link'],
  ['', 'no name'],
  ['raw/a.fits\0.png', 'a name with a NUL'],
])('refuses %j: %s', (path) => {
  const volume = openVolume(join(base, 'data'));
  expect(() => volume.resolve(path)).toThrow(
    expect.objectContaining({ code: 'VOLUME_OUTSIDE', retriable: false, input: path }),
  );
});

test('a root that is no directory is refused with the remedy', () => {
  expect(() => openVolume(join(base, 'nowhere'))).toThrow(/Create the directory or set DRS_DATA/);
  expect(() => openVolume(join(base, 'data', 'raw', 'a.fits'))).toThrow(
    expect.objectContaining({ code: 'VOLUME_ROOT' }),
  );
});

test('free space is asked of the file system', async () => {
  expect(await openVolume(join(base, 'data')).freeBytes()).toBeGreaterThan(0);
});
