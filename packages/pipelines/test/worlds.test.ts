import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { DQ } from '@iris-drs/datamodels';
import { beforeAll, describe, expect, it } from 'vitest';
import { pixels, workplace } from './run.ts';

const place = workplace();
const { path, write, run, held } = place;
const python = process.env.DRS_PYTHON ?? '/usr/bin/python3';
const there = spawnSync(python, ['-c', 'import astropy']).status === 0;

const astropy = (...args: readonly string[]): string => {
  const { stdout, stderr, status } = spawnSync(python, [join(import.meta.dirname, 'worlds.py'), ...args], {
    encoding: 'utf8',
  });
  if (status !== 0 || stderr !== '') throw new Error(stderr);
  return stdout;
};

const look = (name: string): Record<string, unknown> => JSON.parse(astropy('look', path(name)));

beforeAll(() => {
  if (there) astropy('make', place.cwd);
  else if (process.env.DRS_REQUIRE_ORACLES === '1') throw new Error(`astropy is needed under ${python}`);
  else process.stderr.write('astropy is not there: files of other software are not made\n');
});

describe('a frame written by other software', () => {
  const flatten = async (name: string): Promise<Record<string, unknown>> => {
    write('half.fits', { sci: pixels(() => 0.5), unit: '' });
    const options = { override_flat: 'half.fits', suffix: 'flt' };
    const { saved } = await run('FlatFieldStep', [name], options);
    expect(held()).toBe(0);
    return look(saved[0]!);
  };

  it('iris_pipeline: DN become DN/s, flags of the old table today’s, the ASDF tree stays as it came', async () => {
    if (!there) return;
    const before = look('iris_rate.fits');
    const after = await flatten('iris_rate.fits');
    expect(after).toEqual({
      hdus: ['PRIMARY', 'SCI', 'DQ', 'VAR_POISSON', 'VAR_RNOISE', 'VAR_FLAT', 'ERR', 'ASDF'],
      ...{ sci: [200, 294], err: 4, flag: DQ.OTHER_BAD_PIXEL, unit: 'DN/s', ctype: 'RA---TAN' },
      ...{ ASDF: before.ASDF, checksums: 'good' },
    });
  });

  it('liger_iris_pipeline: DATA is SCI, and ERR alone is kept in its total', async () => {
    if (!there) return;
    const after = await flatten('liger_rate.fits');
    expect([after.sci, after.err, after.flag]).toEqual([[200, 294], 4, DQ.JUMP_DET]);
    expect(after.hdus).not.toContain('DATA');
  });

  it('jwst: variances, AREA and the ASDF tree', async () => {
    if (!there) return;
    const before = look('jwst_rate.fits');
    const after = await flatten('jwst_rate.fits');
    expect([after.sci, after.err, after.flag]).toEqual([[200, 294], 4, DQ.JUMP_DET]);
    expect([after.ASDF, after.AREA]).toEqual([before.ASDF, before.AREA]);
  });

  it('goes through Image2Pipeline in strips with what it brings along', async () => {
    if (!there) return;
    write('half.fits', { sci: pixels(() => 0.5), unit: '' });
    const before = look('iris_rate.fits');
    const options = { 'steps.flat_field.override_flat': 'half.fits', 'steps.dark_current.skip': 'True' };
    const { saved } = await run('Image2Pipeline', ['iris_rate.fits'], options, { stripPixels: 8 });
    const after = look(saved[0]!);
    expect([after.sci, after.ASDF, after.checksums]).toEqual([[200, 294], before.ASDF, 'good']);
  });
});
