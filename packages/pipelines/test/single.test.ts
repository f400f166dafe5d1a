import { describe, expect, it } from 'vitest';
import { DARK, pixels, product, workplace, worst } from './run.ts';

const place = workplace();
const { path, write, run, held } = place;
const signal = pixels((i) => 200 + 3 * i);

describe('a single step', () => {
  it('subtracts the dark that the rules name and calls the product as stpipe does', async () => {
    write('raw_sci.fits', { sci: pixels((i) => signal[i]! + DARK[i]!) });
    const { saved, lines } = await run('iris_pipeline.DarkCurrentStep', ['raw_sci.fits']);
    expect(saved).toEqual(['raw_sci_darkcurrentstep.fits']);
    const { sci, header } = await product(path(saved[0]!));
    expect(worst(sci, (i) => signal[i]!, DARK[0]!)).toBeLessThan(1e-6);
    expect(header.get('S_DARK')).toBe('COMPLETE');
    expect(lines.filter((line) => line.endsWith('done'))).toEqual([
      'stpipe.DarkCurrentStep - INFO - Step DarkCurrentStep done',
    ]);
  });

  it('divides by a flat of the user', async () => {
    write('a_rate.fits', { sci: signal });
    write('f.fits', { sci: pixels((i) => 1 + i / 100), unit: '' });
    const { saved } = await run('FlatFieldStep', ['a_rate.fits'], { override_flat: 'f.fits', suffix: 'ff' });
    expect(saved).toEqual(['a_ff.fits']);
    expect(
      worst((await product(path('a_ff.fits'))).sci, (i) => signal[i]! / (1 + i / 100), 400),
    ).toBeLessThan(1e-6);
  });

  it('sets flags from a mask of the user', async () => {
    write('a_rate.fits', { sci: signal, dq: Uint32Array.from(signal, () => 4) });
    write('m.fits', { sci: signal, dq: Uint32Array.from(signal, (_, i) => (i === 3 ? 1025 : 0)) });
    await run('DQInitStep', ['a_rate.fits'], { override_mask: 'm.fits', suffix: 'dq' });
    expect([...(await product(path('a_dq.fits'))).dq.slice(2, 5)]).toEqual([4, 1029, 4]);
  });

  it('subtracts one exposure from another, variances added, and several as their mean', async () => {
    write('a_rate.fits', { sci: signal, err: pixels(() => 3) });
    write('b_rate.fits', { sci: pixels((i) => i), err: pixels(() => 4) });
    await run('SubtractImagesStep', ['a_rate.fits', 'b_rate.fits'], { suffix: 'minus' });
    const minus = await product(path('a_minus.fits'));
    expect(worst(minus.sci, (i) => signal[i]! - i, 400)).toBeLessThan(1e-6);
    expect(worst(minus.varRnoise, () => 25, 25)).toBeLessThan(1e-6);
    expect(minus.header.get('S_SUBTRA')).toBe('COMPLETE');
    write('c_rate.fits', { sci: pixels((i) => i + 2), err: pixels(() => 4) });
    await run('BackgroundStep', ['a_rate.fits', 'b_rate.fits', 'c_rate.fits'], { suffix: 'bkg' });
    expect(worst((await product(path('a_bkg.fits'))).sci, (i) => signal[i]! - i - 1, 400)).toBeLessThan(1e-6);
    expect(held()).toBe(0);
  });

  it('that only a name exists of is refused, and so is what would silently not happen', async () => {
    write('a_rate.fits', { sci: signal });
    for (const name of ['PhotomStep', 'ResampleStep', 'CalculateBackgroundImagerStep', 'NonlincorrStep'])
      await expect(run(name, ['a_rate.fits'])).rejects.toMatchObject({ code: 'NOT_AVAILABLE' });
    await expect(run('FlatFieldStep', ['a_rate.fits'], { pre_hooks: 'some.module,' })).rejects.toMatchObject({
      code: 'NOT_AVAILABLE',
      message: expect.stringContaining('pre_hooks'),
    });
    await expect(run('ImagerStage2Pipeline', ['a_rate.fits'])).rejects.toThrow('steps.calc_background.skip');
  });

  it('refuses a number of inputs that it does not take', async () => {
    write('a_rate.fits', { sci: signal });
    for (const [name, inputs] of [
      ['DarkCurrentStep', []],
      ['DarkCurrentStep', ['a_rate.fits', 'a_rate.fits']],
      ['SubtractImagesStep', ['a_rate.fits']],
      ['BackgroundStep', ['a_rate.fits']],
      ['MergeSubarraysStep', ['a_rate.fits']],
    ] as const)
      await expect(run(name, inputs)).rejects.toMatchObject({ code: 'INPUTS' });
    await expect(run('DarkCurrentStep', ['gone.fits'])).rejects.toMatchObject({ code: 'INPUT_MISSING' });
  });
});

describe('normalize', () => {
  const flat = pixels((i) => (i < 40 ? 10 : 30 + i));
  const dq = Uint32Array.from(flat, (_, i) => (i === 47 ? 2048 : 0));

  it.each([
    ['median', 10],
    ['mean', (40 * 10 + [70, 71, 72, 73, 74, 75, 76].reduce((a, b) => a + b)) / 47],
    ['mode', 10],
  ])('divides by the %s of the pixels without flags', async (method, factor) => {
    write('lamp_cal.fits', { sci: flat, dq, err: pixels(() => 2) });
    await run('NormalizeStep', ['lamp_cal.fits'], { method, suffix: method });
    const { sci, varRnoise, header, unit } = await product(path(`lamp_${method}.fits`));
    expect(worst(sci, (i) => flat[i]! / factor, 8)).toBeLessThan(1e-6);
    expect(worst(varRnoise, () => (2 / factor) ** 2, 1)).toBeLessThan(1e-6);
    expect([unit, header.get('NORMMETH')]).toEqual([undefined, method]);
  });

  it('refuses a frame whose level is not above 0', async () => {
    write('lamp_cal.fits', { sci: pixels((i) => -i) });
    await expect(run('NormalizeStep', ['lamp_cal.fits'])).rejects.toMatchObject({ code: 'STEP_INPUT' });
    expect(held()).toBe(0);
  });

  it('comes after bad pixels are flagged in PreprocessFlatfield, which takes options of that too', async () => {
    write('lamp_cal.fits', { sci: flat });
    write('m.fits', { sci: flat, dq: Uint32Array.from(flat, (_, i) => (i < 40 ? 1 : 0)) });
    const factor = async (options: Readonly<Record<string, string>>): Promise<unknown> => {
      const dark = { 'steps.dark_current.skip': 'True', 'steps.dq_init.override_mask': 'm.fits' };
      const { saved } = await run('PreprocessFlatfield', ['lamp_cal.fits'], { ...dark, ...options });
      return (await product(path(saved[0]!))).header.get('NORMFACT');
    };
    expect(await factor({})).toBe(73.5);
    expect(await factor({ 'steps.dq_init.skip': 'True' })).toBe(10);
  });

  it('follows the dark in PreprocessFlatfield', async () => {
    write('raw_flat_frame_cal.fits', { sci: pixels((i) => flat[i]! + DARK[i]!) });
    const { saved, lines } = await run('iris_pipeline.pipeline.PreprocessFlatfield', [
      'raw_flat_frame_cal.fits',
    ]);
    expect(saved).toEqual(['raw_flat_frame_flat.fits']);
    expect(worst((await product(path(saved[0]!))).sci, (i) => flat[i]! / 10, DARK[0]! / 10)).toBeLessThan(
      1e-6,
    );
    expect((await product(path(saved[0]!))).header.get('REFTYPE')).toBe('FLAT');
    expect(lines[0]).toBe('stpipe.PreprocessFlatfield - INFO - PreprocessFlatfield instance created.');
    expect(lines.at(-1)).toBe('stpipe.PreprocessFlatfield - INFO - Step PreprocessFlatfield done');
  });
});
