import { describe, expect, it } from 'vitest';
import { removeSuffix } from '../../src/cfg/naming.ts';
import { makeInputPath, makeOutputPath, type NamingRequest, type NamingRules } from '../../src/index.ts';

describe('suffixes', () => {
  it.each([
    ['jw001_cal', 'jw001', '_'],
    ['jw001-uncal', 'jw001', '-'],
    ['raw_flat_frame_cal', 'raw_flat_frame', '_'],
    ['raw_science_frame_sci', 'raw_science_frame_sci', '_'],
    ['raw_flat', 'raw_flat', '_'],
    ['a_ami-oi', 'a', '_'],
    ['a_psf-amiavg', 'a', '_'],
    ['a_dark_current', 'a', '_'],
    ['a_flat_field', 'a', '_'],
    ['a_rate_cal', 'a_rate', '_'],
    ['a_Cal', 'a_Cal', '_'],
    ['_cal', '_cal', '_'],
    ['cal', 'cal', '_'],
    ['', '', '_'],
  ])('%s leaves %s', (name, root, separator) => {
    expect(removeSuffix(name)).toEqual({ root, separator });
  });
});

const image2: NamingRules = { name: 'Image2Pipeline', outputExtension: '.fits' };
const step: NamingRules = { name: 'flat_field', outputExtension: '.fits' };

describe('output paths', () => {
  it.each<[string, NamingRules, NamingRequest, string]>([
    [
      'input name and step name',
      { ...step, inputFile: 'in/raw_science_frame_sci.fits' },
      {},
      'raw_science_frame_sci_flat_field.fits',
    ],
    ['a known suffix gives way', { ...step, inputFile: 'x_rate.fits' }, {}, 'x_flat_field.fits'],
    ['its separator stays', { ...step, inputFile: 'x-rate.fits' }, { suffix: 'cal' }, 'x-cal.fits'],
    [
      'product name and suffix',
      { ...image2, outputFile: 'test_iris_subtract_bg_flat' },
      { suffix: 'cal' },
      'test_iris_subtract_bg_flat_cal.fits',
    ],
    [
      'flat of a frame',
      { ...image2, outputFile: 'raw_flat_frame' },
      { suffix: 'flat' },
      'raw_flat_frame_flat.fits',
    ],
    ['own suffix before the name', { ...step, suffix: 'bsub', inputFile: 'x.fits' }, {}, 'x_bsub.fits'],
    [
      'given suffix before the own',
      { ...step, suffix: 'bsub', inputFile: 'x.fits' },
      { suffix: 'i2d' },
      'x_i2d.fits',
    ],
    [
      'suffix of the pipeline',
      { ...step, inputFile: 'x.fits', parent: { ...image2, suffix: 'cal' } },
      {},
      'x_cal.fits',
    ],
    ['no suffix', { ...image2, inputFile: 'x_rate.fits' }, { suffix: false }, 'x_rate.fits'],
    [
      'no suffix in the pipeline',
      { ...step, inputFile: 'x_rate.fits', parent: { ...image2, suffix: false } },
      {},
      'x_rate.fits',
    ],
    [
      'components',
      { ...image2, inputFile: 'x_rate.fits' },
      { suffix: 'cal', components: [0, undefined, 'a'] },
      'x_0_a_cal.fits',
    ],
    [
      'components without suffix',
      { ...image2, inputFile: 'x_rate.fits' },
      { suffix: false, components: [1] },
      'x_rate_1.fits',
    ],
    [
      'output file of the pipeline',
      { ...step, inputFile: 'x.fits', parent: { ...image2, outputFile: '/d/y_cal.asdf' } },
      {},
      'y_flat_field.fits',
    ],
    [
      'not when told so',
      { ...step, inputFile: 'x.fits', searchOutputFile: false, parent: { ...image2, outputFile: 'y' } },
      {},
      'x_flat_field.fits',
    ],
    [
      'given name before all',
      { ...step, outputFile: 'y.fits' },
      { base: 'a/b_z.fits' },
      'b_z_flat_field.fits',
    ],
    ['directory', { ...step, inputFile: 'x.fits', outputDirectory: 'out' }, {}, 'out/x_flat_field.fits'],
    [
      'directory of the pipeline, names expanded',
      {
        ...step,
        inputFile: 'x.fits',
        parent: { ...image2, outputDirectory: ['$DATA/$', '{RUN}/$no'].join('') },
      },
      {},
      '/data/7/$no/x_flat_field.fits',
    ],
    [
      'home',
      { ...step, inputFile: 'x.fits', outputDirectory: '~/out' },
      {},
      '/astronomer/out/x_flat_field.fits',
    ],
    ['extension', { ...step, inputFile: 'x.fits', outputExtension: 'asdf' }, {}, 'x_flat_field.asdf'],
    ['extension of the name', { name: 'a', inputFile: 'x.fit' }, {}, 'x_a.fit'],
    ['given extension', { ...step, inputFile: 'x.fits' }, { extension: '.json' }, 'x_flat_field.json'],
    ['dots of the name', { ...step, inputFile: 'k.v2.1 (x)_sci.fits' }, {}, 'k.v2.1 (x)_sci_flat_field.fits'],
    ["a gzip'ed input", { ...step, inputFile: 'x_cal.fits.gz' }, {}, 'x_flat_field.fits'],
    ['nothing known', step, {}, 'step_flat_field.fits'],
    ['name of a .cfg', { ...step, name: 'rop', inputFile: 'sample_ramp.fits' }, {}, 'sample_rop.fits'],
  ])('%s', (_what, rules, request, expected) => {
    expect(makeOutputPath(rules, request, { DATA: '/data', RUN: '7', HOME: '/astronomer' })).toBe(expected);
  });
});

describe('input paths', () => {
  it('without a directory lie in the input directory', () => {
    expect(makeInputPath('a.fits', 'in')).toBe('in/a.fits');
    expect(makeInputPath('b/a.fits', 'in')).toBe('b/a.fits');
    expect(makeInputPath('a.fits', null)).toBe('a.fits');
  });
});
