import { openFile, writeFile } from '@iris-drs/fits/node';
import { expect, it } from 'vitest';
import { EXPOSURE, openStage, taskOf } from '../../../test/fixtures/stages.ts';
import { image, primary } from '../../../test/fixtures/workbench.ts';
import { calibStage } from '../src/service.ts';

const drs = openStage(calibStage);
const shape = [3, 5] as const;

it('the calib stage makes a calibrated frame of a raw one', async () => {
  const cards = { EXPTIME: 20, FILTER: 'K', SCALE: 0.004, 'DATE-OBS': '2031-03-14', 'TIME-OBS': '09:26:53' };
  writeFile(drs.path('in/a_rate.fits'), [primary(cards), image('SCI', shape, () => 12, { BUNIT: 'DN/s' })]);
  writeFile(drs.path('in/flat.fits'), [primary(), image('SCI', shape, () => 2)]);
  const options = { 'flat_field.override_flat': drs.path('in/flat.fits') };
  const product = await drs.reduce(taskOf('calib', ['in/a_rate.fits'], { options }));
  expect(product).toMatchObject({
    level: 'l2a',
    suffix: 'flt',
    filter: 'K',
    scale: '0.004',
    exposureTimeSeconds: 20,
    exposureStart: new Date('2031-03-14T09:26:53Z'),
    frame: { path: `20310314/reduced/imager/${EXPOSURE}_flt.fits` },
  });
  expect(Object.keys(product.stepSeconds)).toEqual(['open', 'flat_field', 'save']);
  using fits = await openFile(drs.path(product.frame!.path));
  expect(fits.hdus.map(({ name }) => name)).toEqual([
    'PRIMARY',
    'SCI',
    'DQ',
    'VAR_POISSON',
    'VAR_RNOISE',
    'VAR_FLAT',
  ]);
  const states = ['S_DQINIT', 'S_DARK', 'S_FLAT'].map((keyword) => fits.hdu(0).header.get(keyword));
  expect(states).toEqual(['SKIPPED', 'SKIPPED', 'COMPLETE']);
});

it('a frame that lacks its pixels is refused by name', async () => {
  writeFile(drs.path('in/empty.fits'), [primary()]);
  await expect(drs.reduce(taskOf('calib', ['in/empty.fits']))).rejects.toThrow(/empty\.fits/);
});

it('a role that only telemetry told is kept in the header, and one that the file tells is left as it is', async () => {
  const obsName = async (role: string, cards: Record<string, string> = {}) => {
    const name = `in/${role}_${cards.OBSNAME ?? 'none'}_rate.fits`;
    writeFile(drs.path(name), [primary(cards), image('SCI', shape, () => 12, { BUNIT: 'DN/s' })]);
    const exposureId = EXPOSURE.replace(/\d{4}$/, String(1000 + role.length + Object.keys(cards).length));
    const product = await drs.reduce(taskOf('calib', [name], { role, exposureId }));
    using fits = await openFile(drs.path(product.frame!.path));
    return fits.hdu(0).header.get('OBSNAME');
  };
  expect(await obsName('sky')).toBe('IMG1-SKY');
  expect(await obsName('science')).toBeUndefined();
  expect(await obsName('sky', { OBSNAME: 'LEN-SKY' })).toBe('LEN-SKY');
  expect(await obsName('calibration')).toBeUndefined();
});
