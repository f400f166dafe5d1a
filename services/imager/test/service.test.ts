import { existsSync } from 'node:fs';
import { openFile, writeFile } from '@iris-drs/fits/node';
import { expect, it } from 'vitest';
import { EXPOSURE, openStage, taskOf } from '../../../test/fixtures/stages.ts';
import { image, primary } from '../../../test/fixtures/workbench.ts';
import { imagerStage } from '../src/service.ts';

const drs = openStage(imagerStage);
const shape = [6, 5] as const;
const write = (name: string, level: number): string => {
  writeFile(drs.path(name), [
    primary({ S_FLAT: 'COMPLETE', EXPTIME: 20 }),
    image('SCI', shape, (i) => level + (i % 2), { BUNIT: 'DN/s' }),
    image('VAR_POISSON', shape, () => 9),
    image('VAR_RNOISE', shape, () => 16),
  ]);
  return name;
};

it('the imager stage makes a reduced frame with ERR, its preview and its provenance', async () => {
  const inputs = [write('in/sci_flt.fits', 50), write('in/sky_flt.fits', 20)];
  const product = await drs.reduce(taskOf('imager', inputs));
  expect(product).toMatchObject({
    level: 'l2',
    suffix: 'cal',
    frame: { path: `20310314/reduced/imager/${EXPOSURE}_cal.fits` },
    previewPath: `20310314/reduced/imager/${EXPOSURE}_cal.png`,
  });
  expect(existsSync(drs.path(product.previewPath))).toBe(true);
  using fits = await openFile(drs.path(product.frame!.path));
  expect(fits.hdus.map(({ name }) => name)).toEqual([
    'PRIMARY',
    'SCI',
    'DQ',
    'VAR_POISSON',
    'VAR_RNOISE',
    'ERR',
  ]);
  const { header } = fits.hdu(0);
  expect(
    ['INPUT001', 'INPUT002', 'BKGMETH', 'S_FLAT', 'S_BKDSUB'].map((keyword) => header.get(keyword)),
  ).toEqual(['sci_flt.fits', 'sky_flt.fits', 'SKY', 'COMPLETE', 'COMPLETE']);
});

it('says why there is no sky', async () => {
  const task = taskOf('imager', [write('in/alone_flt.fits', 50)], { remark: 'no sky within 20 s' });
  const product = await drs.reduce(task);
  using fits = await openFile(drs.path(product.frame!.path));
  expect(fits.hdu(0).header.get('BKGNOTE')).toBe('no sky within 20 s');
});
