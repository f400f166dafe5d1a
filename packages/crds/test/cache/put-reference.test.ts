import { execFileSync } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { buildCache, localReferences, putReference, sweepStaging } from '../../src/index.ts';

let dir: string;
let cache: string;
beforeEach(async () => {
  dir = mkdtempSync(join(tmpdir(), 'crds-'));
  cache = join(dir, 'cache');
  await buildCache(cache, { types: { flat: 'N/A' } });
});
afterEach(() => rmSync(dir, { recursive: true, force: true }));

const make = (name: string, text: string): string => {
  writeFileSync(join(dir, name), text);
  return join(dir, name);
};
const stored = (): string[] =>
  readdirSync(join(cache, 'references'), { recursive: true, withFileTypes: true })
    .filter((entry) => !entry.isDirectory())
    .map(({ parentPath, name }) => join(parentPath, name).slice(cache.length + 1));

describe('a reference put into a cache', () => {
  it('is there under its name, with the checksum of CRDS', async () => {
    const put = await putReference(cache, make('flat_1.fits', 'abc'));
    // FIPS 180-4, example of "abc".
    expect(put).toMatchObject({ sha1: 'a9993e364706816aba3e25717850c26c9cd0d89d', size: 3, added: true });
    expect(readFileSync(await localReferences({ path: cache }).fetch('flat_1.fits'), 'utf8')).toBe('abc');
    expect(stored()).toEqual(['references/tmt/iris/flat_1.fits']);
  });

  it('never changes: the same bytes once more are welcome, others are refused', async () => {
    await putReference(cache, make('flat_1.fits', 'abc'));
    expect(await putReference(cache, make('flat_1.fits', 'abc'))).toMatchObject({ added: false });
    await expect(putReference(cache, make('flat_1.fits', 'abd'))).rejects.toThrow(
      /^flat_1\.fits is in the cache with other bytes \(sha1 a9993e.*References never change: give/,
    );
    expect(stored()).toHaveLength(1);
  });

  it('is the same reference wherever in the cache it lies', async () => {
    writeFileSync(join(cache, 'references/tmt/flat_1.fits'), 'abc');
    await expect(putReference(cache, make('flat_1.fits', 'abd'))).rejects.toMatchObject({
      code: 'ReferenceExists',
    });
    expect(await putReference(cache, make('flat_1.fits', 'abc'))).toMatchObject({
      path: join(cache, 'references/tmt/flat_1.fits'),
    });
  });

  it('goes where the layout of the cache wants it', async () => {
    writeFileSync(join(cache, 'config/tmt/ref_cache_subdir_mode'), 'flat\n');
    await putReference(cache, make('flat_1.fits', 'abc'));
    expect(stored()).toEqual(['references/tmt/flat_1.fits']);
  });

  it('is put once by each of many at the same time; only one of different ones gets the name', async () => {
    const paths = Array.from({ length: 8 }, (_, i) => {
      mkdirSync(join(dir, `${i}`));
      return make(`${i}/flat_1.fits`, `bytes ${i % 2}`);
    });
    const results = await Promise.allSettled(paths.map((path) => putReference(cache, path)));
    const done = results.filter(({ status }) => status === 'fulfilled');
    expect(done).toHaveLength(4);
    expect(stored()).toHaveLength(1);
  });
});

describe('what is no reference is refused, and leaves nothing', () => {
  it.each(['a b\n.fits', '.hidden.fits', '-x.fits', 'ü.fits'])('a file called %j', async (name) => {
    await expect(putReference(cache, make(name, 'abc'))).rejects.toMatchObject({ code: 'UnsafeName' });
    expect(stored()).toEqual([]);
  });

  it('a FIFO, a directory, a device, a name that leads nowhere', async () => {
    execFileSync('mkfifo', [join(dir, 'fifo.fits')]);
    mkdirSync(join(dir, 'directory.fits'));
    symlinkSync('/dev/zero', join(dir, 'zero.fits'));
    symlinkSync(join(dir, 'nowhere'), join(dir, 'dangling.fits'));
    for (const [name, what] of [
      ['fifo.fits', 'is a FIFO'],
      ['directory.fits', 'is a directory'],
      ['zero.fits', 'is a device'],
      ['dangling.fits', 'is not there'],
    ] as const)
      await expect(putReference(cache, join(dir, name)), name).rejects.toThrow(what);
    expect(stored()).toEqual([]);
  });

  it('a name in the cache that is a link to elsewhere is not written through', async () => {
    const outside = make('outside', 'theirs');
    symlinkSync(outside, join(cache, 'references/tmt/iris/flat_1.fits'));
    await expect(putReference(cache, make('flat_1.fits', 'abc'))).rejects.toMatchObject({
      code: 'ReferenceExists',
    });
    expect(readFileSync(outside, 'utf8')).toBe('theirs');
  });
});

describe('what killed writers leave', () => {
  it('is swept after a day, not before', async () => {
    const left = join(cache, 'references/tmt/.incoming-1');
    mkdirSync(left);
    writeFileSync(join(left, 'half.fits'), 'ha');
    const layout = { path: cache, observatory: 'tmt' };
    expect(sweepStaging(layout)).toBe(0);
    utimesSync(left, 0, Date.now() / 1000 - 25 * 3600);
    expect(sweepStaging(layout)).toBe(1);
    expect(existsSync(left)).toBe(false);
  });
});
