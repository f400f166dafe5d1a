import { writeFileSync } from 'node:fs';
import { DQ } from '@iris-drs/datamodels';
import { readImage } from '@iris-drs/fits';
import { openFile } from '@iris-drs/fits/node';
import { expect, it } from 'vitest';
import { pixels, workplace } from './run.ts';

const place = workplace();
const { path, write, run, held } = place;

const flagsOf = async (name: string): Promise<number[]> => {
  using fits = await openFile(path(name));
  expect(fits.hdus.map((hdu) => hdu.name)).toEqual(['PRIMARY', 'DQ', 'DQ_DEF']);
  expect(fits.hdus[0]!.header.get('REFTYPE')).toBe('MASK');
  return Array.from((await readImage(fits, fits.hdu('DQ'))).data, Number);
};

it('CreateMask finds hot, cold, dead and weak pixels and takes those of a list', async () => {
  write('m_dark.fits', {
    sci: pixels((i) => (i === 3 ? Number.NaN : i === 4 ? 500 : i === 5 ? -500 : 10 + (i % 4))),
  });
  write('m_flat.fits', { sci: pixels((i) => (i === 6 ? 0.1 : i === 7 ? 0.4 : 1)), unit: '' });
  writeFileSync(path('pixels.txt'), '# x y flags\n1 2 WARM\n 2, 1 RC+TELEGRAPH  # both\n3 1 0x400\n');
  const { saved } = await run('CreateMask', ['m_dark.fits', 'm_flat.fits'], {
    suffix: 'mask',
    pixels: 'pixels.txt',
  });
  expect(saved).toEqual(['m_mask.fits']);
  const flags = await flagsOf('m_mask.fits');
  const bad = DQ.OTHER_BAD_PIXEL | DQ.DO_NOT_USE;
  expect(flags.slice(0, 10)).toEqual([
    ...[0, DQ.RC | DQ.TELEGRAPH, DQ.DEAD, bad, DQ.HOT | DQ.DO_NOT_USE, bad],
    ...[DQ.DEAD | DQ.DO_NOT_USE, DQ.LOW_QE, DQ.WARM, 0],
  ]);
  // What it makes serves dq_init.
  write('a_rate.fits', { sci: pixels(() => 1) });
  await run('DQInitStep', ['a_rate.fits'], { override_mask: 'm_mask.fits', suffix: 'dq' });
  expect(held()).toBe(0);
});

it.each(['0 1 HOT', '1 7 HOT', '9 1 HOT', '1 1', 'x', '1 1 NOPE'])('refuses the line %j', async (line) => {
  write('m_dark.fits', { sci: pixels((i) => i % 3) });
  writeFileSync(path('wrong.txt'), `1 1 HOT\n${line}\n`);
  await expect(run('CreateMask', ['m_dark.fits'], { pixels: 'wrong.txt' })).rejects.toThrow(/line 2|NOPE/);
  expect(held()).toBe(0);
});
