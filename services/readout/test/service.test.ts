import { readdirSync, writeFileSync } from 'node:fs';
import { readImage } from '@iris-drs/fits';
import { openFile, writeFile } from '@iris-drs/fits/node';
import { describe, expect, it } from 'vitest';
import { EXPOSURE, openStage, taskOf } from '../../../test/fixtures/stages.ts';
import { image, primary } from '../../../test/fixtures/workbench.ts';
import { readoutStage } from '../src/service.ts';

const drs = openStage(readoutStage);
const shape = [3, 5] as const;
const cube = [1, 4, ...shape];
const cards = { DETECTOR: 'IRIS1', TGROUP: 10 } as const;
const write = (name: string, more: Record<string, string | number> = {}): string => {
  const reads = image('SCI', cube, (k) => 100 + Math.floor(k / 15) * 30, { BUNIT: 'DN' });
  writeFile(drs.path(name), [primary({ ...cards, ...more }), reads]);
  return name;
};
const text = (name: string, value: string) => ({
  name,
  value: { $case: 'text' as const, value },
  comment: 'said so',
  source: 'e/p',
});
const number = (name: string, value: number) => ({
  ...text(name, ''),
  value: { $case: 'number' as const, value },
});

describe('the readout stage', () => {
  it('makes a raw science frame whose header knows what telemetry knows', async () => {
    const keywords = [
      text('SAMPMODE', 'CDS'),
      text('FILTER', 'Kbb'),
      number('GAIN', 4),
      number('READNOIS', 8),
      number('CRPIX1', 3),
    ];
    const product = await drs.reduce(
      taskOf('readout', [write('in/ramp.fits', { FILTER: 'H' })], { keywords }),
    );
    expect(product).toMatchObject({
      level: 'l1',
      suffix: 'rate',
      filter: 'H',
      exposureTimeSeconds: 30,
      frame: { path: `20310314/raw/${EXPOSURE}_rate.fits`, shape: [3, 5], dtype: 'float32' },
    });
    using fits = await openFile(drs.path(product.frame!.path));
    const { header } = fits.hdu(0);
    const values = ['DETECTOR', 'SAMPMODE', 'FILTER', 'GAIN', 'CRPIX1', 'S_RAMP', 'INPUT001'];
    expect(values.map((keyword) => header.get(keyword))).toEqual([
      'IMG1',
      'CDS',
      'H',
      4,
      undefined,
      'COMPLETE',
      'ramp.fits',
    ]);
    expect(fits.hdu('SCI').header.get('CRPIX1')).toBe(3);
    expect(fits.hdu('SCI').header.get('BUNIT')).toBe('DN/s');
    expect(fits.hdus.map(({ name }) => name)).toEqual(['PRIMARY', 'SCI', 'DQ', 'VAR_POISSON', 'VAR_RNOISE']);
  });

  it('takes a ramp in several files, one for each read', async () => {
    const paths = [0, 1, 2].map((read) => {
      const name = `in/read${read}.fits`;
      const level = image('SCI', shape, () => 100 + 30 * read, { BUNIT: 'DN' });
      writeFile(drs.path(name), [primary({ ...cards, READ_NO: read }), level]);
      return name;
    });
    const product = await drs.reduce(taskOf('readout', paths.toReversed()));
    using fits = await openFile(drs.path(product.frame!.path));
    expect(fits.hdu(0).header.get('NRDUSED')).toBe(3);
    expect(product.exposureTimeSeconds).toBe(20);
  });

  it('writes the slope of each ramp beside the frame on request', async () => {
    const reads = image('SCI', [2, 3, ...shape], (k) => 30 * Math.floor(k / 15) * (1 + Math.floor(k / 45)), {
      BUNIT: 'DN',
    });
    writeFile(drs.path('in/ramps.fits'), [primary(cards), reads]);
    const options = { 'readoutsamp.rateints': 'true', 'readoutsamp.mode': 'cds' };
    const product = await drs.reduce(taskOf('readout', ['in/ramps.fits'], { options }));
    expect(product.suffix).toBe('rate');
    using fits = await openFile(drs.path(`20310314/raw/${EXPOSURE}_rateints.fits`));
    expect(fits.hdus.map(({ name }) => name)).toEqual(['PRIMARY', 'SCI', 'DQ', 'VAR_POISSON', 'VAR_RNOISE']);
    const { shape: cube, data } = await readImage(fits, fits.hdu('SCI'));
    expect([cube, data[0], data[15]]).toEqual([[2, ...shape], 3, 6]);
    expect(fits.hdu('SCI').header.get('BUNIT')).toBe('DN/s');
  });

  it('without a bus takes the reads that lie beside the first', async () => {
    const names = [0, 1, 2, 3].map((read) => `in/followed_00000_0000${read}_uncal.fits`);
    for (const [read, name] of names.entries()) {
      const level = image('SCI', shape, () => 100 + 30 * read, { BUNIT: 'DN' });
      writeFile(drs.path(name), [primary({ ...cards, RAMP_NO: 0, READ_NO: read, NREADS: 4 }), level]);
    }
    const product = await drs.reduce(taskOf('readout', [names[1]!], { follow: true }));
    expect(product.inputs.map(({ frame }) => frame?.path)).toEqual(names);
    using fits = await openFile(drs.path(product.frame!.path));
    const { header } = fits.hdu(0);
    expect([header.get('NRDUSED'), header.get('ABORTED')]).toEqual([4, undefined]);
  });

  it('makes nothing of an aborted exposure where the setting says so', async () => {
    process.env.DRS_ABORTED = 'none';
    try {
      const task = taskOf('readout', [write('in/ramp.fits')], { aborted: true });
      await expect(drs.reduce(task)).rejects.toMatchObject({ code: 'EXPOSURE_ABORTED', retriable: false });
    } finally {
      delete process.env.DRS_ABORTED;
    }
  });

  it('takes a table of read qualities from the volume, and from nowhere else', async () => {
    writeFileSync(drs.path('in/seeing.txt'), '0 1.0\n1 3.0\n2 1.0\n3 1.0\n');
    const ramp = write('in/ramp.fits');
    const options = { 'readoutsamp.read_table': 'in/seeing.txt', 'readoutsamp.max_quality': '2' };
    const { frame } = await drs.reduce(taskOf('readout', [ramp], { options }));
    using fits = await openFile(drs.path(frame!.path));
    const { header } = fits.hdu(0);
    expect(['NRDUSED', 'RDSELECT'].map((keyword) => header.get(keyword))).toEqual([
      3,
      'max_quality=2 read_table=seeing.txt',
    ]);
    const outside = { 'readoutsamp.read_table': '/etc/passwd' };
    await expect(drs.reduce(taskOf('readout', [ramp], { options: outside }))).rejects.toMatchObject({
      code: 'VOLUME_OUTSIDE',
    });
  });

  it('passes a raw science frame on, in DN/s', async () => {
    const frame = image('SCI', shape, () => 120, { BUNIT: 'DN' });
    writeFile(drs.path('in/frame.fits'), [primary({ EXPTIME: 40, DETECTOR: 'IMG1' }), frame]);
    const keywords = [text('FILTER', 'J')];
    const product = await drs.reduce(taskOf('readout', ['in/frame.fits'], { keywords }));
    expect([product.filter, product.exposureTimeSeconds]).toEqual(['J', 40]);
  });

  it('refuses to leave out what makes the frame, for good', async () => {
    const options = { 'readoutsamp.skip': 'true' };
    await expect(drs.reduce(taskOf('readout', [write('in/ramp.fits')], { options }))).rejects.toMatchObject({
      code: 'STEP_NEEDED',
      retriable: false,
    });
    await expect(
      drs.reduce(taskOf('readout', [write('in/done.fits', { S_RAMP: 'COMPLETE' })])),
    ).rejects.toMatchObject({ code: 'STEP_NEEDED' });
  });

  it('leaves nothing half-written behind when it fails', async () => {
    writeFileSync(drs.path('in/broken.fits'), 'SIMPLE');
    const before = readdirSync(drs.path('20310314/raw'));
    await expect(drs.reduce(taskOf('readout', ['in/broken.fits']))).rejects.toThrow(/broken\.fits/);
    await expect(
      drs.reduce(taskOf('readout', [write('in/ramp.fits')], { options: { 'readout.mode': 'cds' } })),
    ).rejects.toMatchObject({ code: 'STEP_UNKNOWN' });
    expect(readdirSync(drs.path('20310314/raw'))).toEqual(before);
  });

  it('lists its steps with options and references', () => {
    expect(drs.stage.steps.map(({ name }) => name)).toEqual([
      'dq_init',
      'guide_windows',
      'saturation',
      'superbias',
      'refpix',
      'nonlincorr',
      'rampdark',
      'jump',
      'readoutsamp',
    ]);
    const sampling = drs.stage.steps.find(({ name }) => name === 'readoutsamp');
    expect(sampling?.referenceTypes).toEqual(['gain', 'readnoise']);
    expect(sampling?.options.slice(0, 2)).toMatchObject([
      { name: 'mode', type: 'option', defaultValue: 'auto' },
      { name: 'num_coadd', type: 'integer', defaultValue: '2' },
    ]);
  });
});
