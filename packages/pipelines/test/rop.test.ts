import { writeFileSync } from 'node:fs';
import { Header } from '@iris-drs/fits';
import { writeFile } from '@iris-drs/fits/node';
import { describe, expect, it } from 'vitest';
import { product, SHAPE, workplace, worst } from './run.ts';

const place = workplace();
const { path, run, held } = place;
const READS = 6;
const SECONDS = 2;
const PLANE = SHAPE[0] * SHAPE[1];

/** A straight ramp of so many DN a second, another in each pixel. */
const slope = (i: number): number => 10 + i;

const writeRamp = (name: string, ramps = 1): void =>
  writeFile(path(name), [
    {
      kind: 'image',
      header: Header.from([
        ['INSTRUME', 'IRIS'],
        ['DETECTOR', 'IRIS1'],
        ['TFRAME', SECONDS],
        ['TGROUP', SECONDS],
        ['DATE-OBS', '2019-10-04'],
        ['TIME-OBS', '17:00:00.000'],
      ]),
      shape: [],
      dtype: 'uint8',
    },
    {
      kind: 'image',
      name: 'SCI',
      header: Header.from([['BUNIT', 'DN']]),
      shape: [ramps, READS, ...SHAPE],
      data: Uint16Array.from({ length: ramps * READS * PLANE }, (_, k) => {
        const read = Math.floor(k / PLANE) % READS;
        return 1000 + slope(k % PLANE) * SECONDS * read;
      }),
    },
  ]);

const SAMPLING = `name = "rop"
class = "iris_pipeline.pipeline.ROPPipeline"
save_results = True

    [steps]
      [[nonlincorr]]
      [[readoutsamp]]
       mode='mcds'
`;

describe('ROPPipeline', () => {
  it('samples a ramp as its .cfg says, and calls the frame after the .cfg', async () => {
    writeRamp('sample_ramp.fits');
    writeFileSync(path('sampling.cfg'), SAMPLING);
    const { saved, lines } = await run(path('sampling.cfg'), ['sample_ramp.fits']);
    expect(saved).toEqual(['sample_rop.fits']);
    const { sci, header, unit } = await product(path('sample_rop.fits'));
    expect(worst(sci, slope, 60)).toBeLessThan(1e-6);
    expect([unit, header.get('S_RAMP'), header.get('S_LINEAR'), header.get('NCOADD')]).toEqual([
      ...['DN/s', 'COMPLETE', 'SKIPPED'],
      2,
    ]);
    expect(lines).toContain('stpipe.rop.nonlincorr - INFO - NonlincorrStep instance created.');
    expect(held()).toBe(0);
  });

  it.each([
    ['liger_iris_pipeline.Stage1Pipeline', { 'steps.ramp_fit.method': 'mcds' }],
    ['ReadoutsampStep', { mode: 'cds' }],
  ])('is %s too', async (name, options: Readonly<Record<string, string>>) => {
    writeRamp('sample_ramp.fits');
    const { saved } = await run(name, ['sample_ramp.fits'], { ...options, suffix: 'other' });
    expect(worst((await product(path(saved[0]!))).sci, slope, 60)).toBeLessThan(1e-6);
  });

  it('takes options of every step of the readout stage', async () => {
    writeRamp('sample_ramp.fits');
    const fit = { 'steps.readoutsamp.mode': 'ols', suffix: 'fit' };
    const noise = Object.fromEntries(
      ['gain', 'readnoise'].map((type) => {
        writeFile(path(`${type}.fits`), [
          {
            ...{ kind: 'image', header: Header.from([['BUNIT', type === 'gain' ? 'electron/DN' : 'DN']]) },
            ...{ shape: SHAPE, data: new Float32Array(PLANE).fill(2) },
          },
        ]);
        return [`steps.readoutsamp.override_${type}`, path(`${type}.fits`)];
      }),
    );
    writeFile(path('full.fits'), [
      { kind: 'image', shape: SHAPE, data: new Float32Array(PLANE).fill(1000 + slope(PLANE / 2) * 7) },
    ]);
    const steps = { 'steps.saturation.override_saturation': path('full.fits'), 'steps.jump.skip': 'True' };
    await run('ROPPipeline', ['sample_ramp.fits'], { ...fit, ...noise, ...steps }, { references: false });
    const { header, sci } = await product(path('sample_fit.fits'));
    expect(['S_SATURA', 'S_JUMP', 'S_SUPERB'].map((key) => header.get(key))).toEqual([
      ...['COMPLETE', 'SKIPPED'],
      undefined,
    ]);
    expect(worst(sci, slope, 60)).toBeLessThan(1e-5);
  });

  it('reads a ramp whose reads lie pixel by pixel', async () => {
    const data = Float32Array.from({ length: READS * PLANE }, (_, k) => {
      const [i, read] = [Math.floor(k / READS), k % READS];
      return 1000 + slope(i) * SECONDS * read;
    });
    writeFile(path('folded_ramp.fits'), [
      { kind: 'image', shape: [], dtype: 'uint8' },
      { kind: 'image', name: 'DATA', shape: [...SHAPE, 1, READS], data },
      {
        kind: 'image',
        name: 'TIMES',
        shape: [1, READS],
        data: Float64Array.from({ length: READS }, (_, r) => SECONDS * r),
      },
    ]);
    const { saved } = await run('ROPPipeline', ['folded_ramp.fits'], { suffix: 'rate' });
    const { sci } = await product(path(saved[0]!));
    expect(worst(sci, slope, 60)).toBeLessThan(1e-5);
  });

  it('does without a CRDS cache, and says what it leaves out', async () => {
    writeRamp('sample_ramp.fits');
    const { saved, lines } = await run('ROPPipeline', ['sample_ramp.fits'], {}, { references: false });
    expect(saved).toEqual(['sample_roppipeline.fits']);
    expect(lines.join('\n')).toContain('step superbias is left out');
  });

  it('saves the frame of each ramp as _rateints where asked for', async () => {
    writeRamp('two_ramp.fits', 2);
    const options = { 'steps.readoutsamp.rateints': 'True', 'steps.readoutsamp.mode': 'mcds' };
    const { saved } = await run('ROPPipeline', ['two_ramp.fits'], options);
    expect(saved).toEqual(['two_rateints.fits', 'two_roppipeline.fits']);
    const { sci } = await product(path('two_rateints.fits'));
    expect(sci.length).toBe(2 * PLANE);
    expect(worst(sci, (i) => slope(i % PLANE), 60)).toBeLessThan(1e-6);
    expect(held()).toBe(0);
  });

  it('refuses a frame, and what it could not keep', async () => {
    writeRamp('sample_ramp.fits');
    await run('ROPPipeline', ['sample_ramp.fits'], { suffix: 'frame' });
    await expect(run('ROPPipeline', ['sample_frame.fits'])).rejects.toMatchObject({ code: 'INPUTS' });
    await expect(
      run('ROPPipeline', ['sample_ramp.fits'], { save_calibrated_ramp: 'True' }),
    ).rejects.toMatchObject({ code: 'NOT_AVAILABLE' });
    await expect(
      run('ROPPipeline', ['sample_ramp.fits'], { 'steps.readoutsamp.skip': 'True' }),
    ).rejects.toMatchObject({ code: 'STEP_NEEDED' });
    expect(held()).toBe(0);
  });

  it('gives hooks the file before there is a frame, and the frame from then on', async () => {
    writeRamp('sample_ramp.fits');
    const { saved, lines } = await run('ROPPipeline', ['sample_ramp.fits'], {
      'steps.nonlincorr.pre_hooks': "'echo reads {0}',",
      'steps.readoutsamp.post_hooks': "NormalizeStep(method='mean'),",
      post_hooks: "'echo frame {0}',",
      suffix: 'hooked',
    });
    expect((await product(path(saved[0]!))).header.get('S_NORMAL')).toBe('COMPLETE');
    const said = lines.filter((line) => line.includes('STDOUT')).join('\n');
    expect(said).toContain(`reads ${path('sample_ramp.fits')}`);
    expect(said).toMatch(/frame \S+ROPPipeline.post_hook0.0000.fits/);
    await expect(
      run('ROPPipeline', ['sample_ramp.fits'], { 'steps.nonlincorr.pre_hooks': 'NormalizeStep,' }),
    ).rejects.toThrow('before readoutsamp there are only reads');
    expect(held()).toBe(0);
  });

  it("is JWST's Detector1Pipeline under the names of its steps; those that are not here only where nobody asks", async () => {
    writeRamp('sample_ramp.fits');
    const steps = { 'steps.ramp_fit.mode': 'cds', 'steps.linearity.skip': 'True', 'steps.ipc.skip': 'True' };
    const { saved, lines } = await run('calwebb_detector1', ['sample_ramp.fits'], { ...steps, suffix: 'd1' });
    const { sci, header } = await product(path(saved[0]!));
    expect(worst(sci, slope, 60)).toBeLessThan(1e-6);
    expect(header.get('S_LINEAR')).toBe('SKIPPED');
    expect(lines).toContain('stpipe.Detector1Pipeline.linearity - INFO - Step skipped.');
    await expect(
      run('Detector1Pipeline', ['sample_ramp.fits'], { 'steps.ipc.skip': 'False' }),
    ).rejects.toThrow('steps.ipc.skip = True to go without it');
  });

  it('does nothing but say so when it is skipped as a whole', async () => {
    writeRamp('sample_ramp.fits');
    const { saved, lines } = await run('ROPPipeline', ['sample_ramp.fits'], { skip: 'True' });
    expect([saved, lines.slice(-2)]).toEqual([
      [],
      ['stpipe.ROPPipeline - INFO - Step skipped.', 'stpipe.ROPPipeline - INFO - Step ROPPipeline done'],
    ]);
  });
});
