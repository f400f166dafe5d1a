import { writeFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { DARK, pixels, product, workplace, worst } from './run.ts';

const place = workplace();
const { path, write, run, held } = place;
const N = 5;
/** What differs from frame to frame, not in order. */
const step = [0, 4, -2, 1, -3];
const frames = (err?: number): string[] =>
  step.map((by, k) => {
    const name = `d${k}_rate.fits`;
    write(name, {
      sci: pixels((i) => (k === 1 && i === 7 ? 9e5 : 100 + i + by)),
      ...(err === undefined ? {} : { err: pixels(() => err) }),
      keywords: [['EXPTIME', 100]],
    });
    return name;
  });
/** n × variance of the median of 5 normal values. */
const MEDIAN_OF_5 = 1.4342;

describe('CreateDark', () => {
  it('is the median of equal exposures, with the variance of a median, and says that it is a dark', async () => {
    const { saved, lines } = await run('liger_iris_pipeline.CreateDark', frames(2));
    expect(saved).toEqual(['d0_dark.fits']);
    const { sci, varRnoise, header } = await product(path('d0_dark.fits'));
    // The hit takes the place of the largest value, so the median stays.
    expect(worst(sci, (i) => 100 + i, 150)).toBeLessThan(1e-6);
    expect(worst(varRnoise, () => (4 / N) * MEDIAN_OF_5, 1)).toBeLessThan(1e-6);
    expect(['REFTYPE', 'NCOMBINE', 'COMBMETH', 'USEAFTER', 'INPUT005'].map((key) => header.get(key))).toEqual(
      [...['DARK', 5, 'median', '2019-10-04T17:00:00.000', 'd4_rate.fits']],
    );
    expect(lines.join('\n')).toContain('5 frames combined, method median');
    expect(held()).toBe(0);
  });

  it('gives the same in strips', async () => {
    const names = frames(2);
    await run('CreateDark', names, { suffix: 'whole' });
    await run('CreateDark', names, { suffix: 'strips' }, { stripPixels: 16 });
    const [a, b] = [await product(path('d0_whole.fits')), await product(path('d0_strips.fits'))];
    expect([b.sci, b.dq, b.varRnoise]).toEqual([a.sci, a.dq, a.varRnoise]);
    expect(held()).toBe(0);
  });

  it('measures the variance where the frames have none: Σ(x − x̄)²/n(n − 1)', async () => {
    await run('CombineFramesStep', frames(), { method: 'mean', do_sigma_clip: 'False', suffix: 'mean' });
    const { sci, varRnoise } = await product(path('d0_mean.fits'));
    const clean = (i: number): number => (i === 7 ? sci[7]! : 100 + i);
    expect(worst(sci, clean, 150)).toBeLessThan(1e-6);
    const scatter = step.reduce((sum, by) => sum + by ** 2, 0) / (N * (N - 1));
    expect(worst(varRnoise, (i) => (i === 7 ? varRnoise[7]! : scatter), 1)).toBeLessThan(1e-6);
  });

  it('clips as liger does with its mean, and as asked for', async () => {
    for (const options of [{ method: 'mean' }, { method: 'clipped', sigma: '4' }]) {
      await run('CombineFramesStep', frames(2), { ...options, suffix: 'clipped' });
      const { sci, varRnoise } = await product(path('d0_clipped.fits'));
      expect([sci[7], varRnoise[7]]).toEqual([107 + (0 - 2 + 1 - 3) / 4, 1]);
    }
    await expect(run('CombineFramesStep', frames(2), { num_mask_low: '1' })).rejects.toMatchObject({
      code: 'NOT_AVAILABLE',
    });
  });

  it('takes the members of an association, and refuses frames that do not belong together', async () => {
    const members = frames(2).map((expname) => ({ expname, exptype: 'dark' }));
    writeFileSync(
      path('darks.json'),
      JSON.stringify({ asn_type: 'dark', products: [{ name: 'master', members }] }),
    );
    const { saved } = await run('CreateDark', ['darks.json']);
    expect(saved).toEqual(['master_dark.fits']);
    for (const keyword of [
      ['EXPTIME', 50],
      ['DETECTOR', 'IMG3'],
    ] as const) {
      write('odd_rate.fits', { sci: DARK, keywords: [keyword] });
      write('d0_rate.fits', { sci: DARK, keywords: [['EXPTIME', 100]] });
      await expect(run('CreateDark', ['d0_rate.fits', 'odd_rate.fits'])).rejects.toMatchObject({
        code: 'FRAMES_UNLIKE',
      });
    }
    expect(held()).toBe(0);
  });
});

describe('CreateFlatfield', () => {
  it('is the median of exposures without their dark, divided by its own median', async () => {
    const names = step.map((by, k) => {
      write(`lamp${k}_rate.fits`, {
        sci: pixels((i) => (1000 + 10 * i) * (1 + by / 100) + DARK[i]!),
        err: pixels(() => 1),
      });
      return `lamp${k}_rate.fits`;
    });
    const { saved } = await run('CreateFlatfield', names);
    expect(saved).toEqual(['lamp0_flat.fits']);
    const { sci, header, unit } = await product(path('lamp0_flat.fits'));
    const middle = 1000 + 10 * 23.5;
    expect(worst(sci, (i) => (1000 + 10 * i) / middle, DARK[47]! / middle)).toBeLessThan(1e-6);
    expect([unit, header.get('REFTYPE'), header.get('S_DARK'), header.get('S_NORMAL')]).toEqual([
      ...[undefined, 'FLAT', 'COMPLETE', 'COMPLETE'],
    ]);
    expect(held()).toBe(0);
  });
});
