import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Header, type ImageHdu, readImage } from '@iris-drs/fits';
import { openFile, writeFile } from '@iris-drs/fits/node';
import { expect, it } from 'vitest';
import { workplace } from './run.ts';

const place = workplace();
const { path, run } = place;
const python = process.env.DRS_PYTHON ?? '/usr/bin/python3';
const TWIN = join(import.meta.dirname, '../../../test/references/image2_astropy.py');
const SHAPE = [41, 29];
const COUNT = 41 * 29;

let state = 7;
const random = (): number => {
  state = (Math.imul(state, 1664525) + 1013904223) | 0;
  return (state >>> 0) / 2 ** 32;
};
const floats = (value: () => number): Float32Array => Float32Array.from({ length: COUNT }, value);
const flags = (flag: number): Uint32Array =>
  Uint32Array.from({ length: COUNT }, () => (random() < 0.1 ? flag : 0));

const write = (name: string, planes: Readonly<Record<string, Float32Array | Uint32Array>>): string => {
  const header = Header.from([
    ['INSTRUME', 'IRIS'],
    ['DETECTOR', 'IRIS1'],
    ['SUBARRAY', 'FULL'],
  ]);
  const images = Object.entries(planes).map(
    ([hdu, data]): ImageHdu => ({
      ...{ kind: 'image', name: hdu, shape: SHAPE, data },
      header: Header.from(hdu === 'SCI' && !name.startsWith('flat') ? [['BUNIT', 'DN/s']] : []),
    }),
  );
  writeFile(path(name), [{ kind: 'image', header, shape: [], dtype: 'uint8' }, ...images]);
  return path(name);
};
const frame = (name: string, level: number): string =>
  write(name, {
    SCI: floats(() => level + 20 * random()),
    DQ: flags(2 ** Math.floor(2 + 8 * random())),
    VAR_POISSON: floats(() => 5 + random()),
    VAR_RNOISE: floats(() => 2 + random()),
  });

it('Image2Pipeline carries pixels, flags and variances as numpy does, with a dark larger than the light', async () => {
  if (spawnSync(python, ['-c', 'import astropy']).status !== 0) {
    if (process.env.DRS_REQUIRE_ORACLES === '1') throw new Error(`astropy is needed under ${python}`);
    process.stderr.write('astropy is not there: Image2Pipeline is not compared with it\n');
    return;
  }
  const science = frame('science_rate.fits', 9100);
  const sky = frame('sky_rate.fits', 9050);
  const dark = write('d.fits', {
    SCI: floats(() => (random() < 0.02 ? Number.NaN : 9000 + 30 * random())),
    DQ: flags(2048),
    ERR: floats(random),
  });
  const flat = write('flat.fits', {
    SCI: floats(() => (random() < 0.03 ? 0 : random() < 0.03 ? -1 : 0.8 + 0.4 * random())),
    DQ: flags(2 ** 18),
    ERR: floats(() => 0.01 * random()),
  });
  const members = [
    { expname: science, exptype: 'science' },
    { expname: sky, exptype: 'background' },
  ];
  writeFileSync(
    path('asn.json'),
    JSON.stringify({ asn_type: 'image2', products: [{ name: 'ours', members }] }),
  );
  await run(
    'Image2Pipeline',
    ['asn.json'],
    { 'steps.dark_current.override_dark': dark, 'steps.flat_field.override_flat': flat },
    { stripPixels: 300 },
  );
  const twin = spawnSync(python, [TWIN, 'iris_pipeline', science, sky, dark, flat, path('twin.fits')], {
    encoding: 'utf8',
  });
  expect(twin.stderr).toBe('');
  using ours = await openFile(path('ours_cal.fits'));
  using theirs = await openFile(path('twin.fits'));
  for (const name of ['SCI', 'DQ', 'VAR_POISSON', 'VAR_RNOISE', 'VAR_FLAT', 'ERR']) {
    const found: ArrayLike<unknown> = (await readImage(ours, ours.hdu(name))).data;
    const expected = (await readImage(theirs, theirs.hdu(name))).data;
    // Both sides round each of five operations to float32; of pixels, to 1e-6 of the largest operand.
    const largest = name === 'SCI' || name === 'ERR' ? 9120 / 0.8 : 150;
    const tolerance = name === 'DQ' ? 0 : 1e-6 * largest;
    const off = Array.from(found, (value, i) => Math.abs(Number(value) - Number(expected[i]))).filter(
      (difference) => !(difference <= tolerance),
    );
    expect([name, off]).toEqual([name, []]);
  }
  const level = (fits: typeof ours): number => fits.hdus[0]!.header.number('BKGLEVEL')!;
  expect(level(ours)).toBeCloseTo(level(theirs), 3);
});
