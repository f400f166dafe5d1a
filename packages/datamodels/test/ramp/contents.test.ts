import { utimesSync } from 'node:fs';
import { Header } from '@iris-drs/fits';
import { writeFile } from '@iris-drs/fits/node';
import { expect, it } from 'vitest';
import { type KnownReads, openRamp } from '../../src/index.ts';
import { temporary } from '../support.ts';

const path = temporary();

const write = (name: string, read: number): string => {
  const header = Header.from(Object.entries({ RAMP_NO: 0, READ_NO: read, FRM_TIME: 1e6 }));
  writeFile(path(name), [{ kind: 'image', header, shape: [2, 3], data: new Uint16Array(6) }]);
  return path(name);
};

it('of a ramp that grows, files are looked into once, unless they change', async () => {
  const known: KnownReads = new Map();
  const files = [0, 1, 2].map((read) => write(`k${read}.fits`, read));
  expect((await openRamp(files.slice(0, 2), {}, known)).times).toEqual([[0, 1]]);
  const before = known.get(files[1]!);
  expect(await openRamp(files, {}, known)).toEqual(await openRamp(files));
  expect(known.get(files[1]!)).toBe(before);
  utimesSync(write('k1.fits', 5), 1, 1);
  expect((await openRamp(files, {}, known)).times).toEqual([[0, 2, 5]]);
});
