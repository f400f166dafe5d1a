import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { isWhole, placeOf, scanReads } from '../../src/follow/directory.ts';

const directory = mkdtempSync(join(tmpdir(), 'drs-reads-'));
afterAll(() => rmSync(directory, { recursive: true, force: true }));

it('reads of an exposure are told by their names, partial files and other exposures are not', () => {
  const names = [
    '2031A-001-IRIS-IMG1-SCI0-0001_00000_00001_uncal.fits',
    '2031A-001-IRIS-IMG1-SCI0-0001_00000_00002_uncal.fits',
    '2031A-001-IRIS-IMG1-SCI0-0001_00001_00000_uncal.fits',
    '.2031A-001-IRIS-IMG1-SCI0-0001_00000_00003_uncal.fits.part',
    '2031A-001-IRIS-IMG1-SCI0-0002_00000_00000_uncal.fits',
    '2031A-001-IRIS-IMG2-SCI0-0001_00000_00000_uncal.fits',
    '2031A-001-IRIS-IMG1-SCI0-0001_uncal.fits',
  ];
  for (const name of names) writeFileSync(join(directory, name), '');
  expect(
    scanReads(join(directory, names[0]!))
      .map((path) => basename(path))
      .sort(),
  ).toEqual(names.slice(0, 3));
  expect(names.map(placeOf)).toEqual([
    { ramp: 0, read: 1 },
    { ramp: 0, read: 2 },
    { ramp: 1, read: 0 },
    undefined,
    { ramp: 0, read: 0 },
    { ramp: 0, read: 0 },
    undefined,
  ]);
});

it('an exposure is whole when nothing more is to be expected: all reads are there, or the last of them', () => {
  const paths = (...places: readonly (readonly [ramp: number, read: number])[]) =>
    places.map(([ramp, read]) => `e_0000${ramp}_0000${read}_uncal.fits`);
  const promised = { ramps: 2, reads: 3 };
  const first = [0, 1, 2].map((read) => [0, read] as const);
  expect(isWhole(paths(...first), undefined)).toBe(true);
  expect(isWhole(paths(...first, [1, 0], [1, 1]), promised)).toBe(false);
  expect(isWhole(paths(...first, [1, 0], [1, 1], [1, 2]), promised)).toBe(true);
  expect(isWhole(paths([0, 0], [0, 2], [1, 2]), promised)).toBe(true);
  // Counted from 1.
  expect(isWhole(paths([1, 1], [1, 3]), { ramps: 1, reads: 3 })).toBe(true);
  expect(isWhole(paths([1, 1], [1, 2]), { ramps: 1, reads: 3 })).toBe(false);
  // Without the first of them nobody knows from where they are counted.
  expect(isWhole(paths([0, 1], [0, 2]), { ramps: 1, reads: 3 })).toBe(false);
});
