import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { writeReference } from '../../../../test/fixtures/small-reference.ts';

let dir: string;
beforeAll(() => {
  dir = mkdtempSync(join(tmpdir(), 'crds-'));
});
afterAll(() => rmSync(dir, { recursive: true, force: true }));

interface Attempt {
  readonly code: string;
  readonly message?: string;
  readonly context: string;
  readonly problems: number;
  readonly ingests: number;
  readonly hidden: readonly string[];
}

/** What a fixture answers on a disk of its own, which is gone with it; undefined where that cannot be. */
const onSmallDisk = (fixture: URL, reference: string): unknown => {
  try {
    execFileSync('unshare', ['-rm', 'true'], { stdio: 'ignore' });
  } catch {
    console.warn('no mount namespaces here: what a disk refuses is not tried');
    return undefined;
  }
  const disk = mkdtempSync(join(dir, 'disk-'));
  const script =
    'mount -t tmpfs -o size=400k none "$1" && exec "$2" --conditions=@iris/source "$3" "$1" "$4"';
  const values = ['sh', disk, process.execPath, fileURLToPath(fixture), reference];
  return JSON.parse(execFileSync('unshare', ['-rm', 'sh', '-c', script, ...values], { encoding: 'utf8' }));
};

it('a disk that fills up at any moment of an ingest is one clear error and leaves the context as it is', () => {
  const reference = writeReference(dir, 'flat_1.fits', { size: 64 });
  const answer = onSmallDisk(new URL('../fixtures/full-disk.ts', import.meta.url), reference);
  if (answer === undefined) return;
  const attempts = answer as Attempt[];
  const [last, ...full] = attempts.reverse();
  // Names of mappings that were written for an entry which did not fit are not used again.
  expect(last).toMatchObject({ code: 'done', problems: 0, ingests: 1 });
  expect(last?.context).toMatch(/^tmt_000[2-9]\.pmap$/);
  expect(full.length).toBeGreaterThan(5);
  for (const attempt of full) {
    expect(attempt).toMatchObject({
      code: 'CacheFull',
      context: 'tmt_0001.pmap',
      problems: 0,
      ingests: 0,
      hidden: [],
    });
    expect(attempt.message).toMatch(
      /could not be written: no room is left in .* \(ENOSPC\)\. Nothing was changed/,
    );
  }
  // The reference, each mapping and the entry were what did not fit.
  const files = new Set(full.map(({ message = '' }) => message.split(' ')[0]));
  for (const file of ['flat_1.fits', 'tmt_iris_flat_0002.rmap', '000002.json'])
    expect([...files].join(' ')).toContain(file);
});

it('a cache that cannot be written is one clear error, and can still be read', () => {
  const reference = writeReference(dir, 'flat_2.fits');
  const answer = onSmallDisk(new URL('../fixtures/read-only-disk.ts', import.meta.url), reference);
  if (answer === undefined) return;
  const refused = expect.stringMatching(/^CacheReadOnly: .* refuses it \(EROFS\)\. Nothing was changed/);
  expect(answer).toEqual([refused, refused, refused, 'tmt_0001.pmap']);
});
