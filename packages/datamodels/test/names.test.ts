import { describe, expect, it } from 'vitest';
import {
  exposureFileStem,
  PRODUCTS,
  productName,
  productPath,
  productRule,
  splitProductName,
  utDate,
} from '../src/index.ts';

const stem = '2031A-001-123-IRIS-IMG1-SCI0-0001';
const night = '20310314';

describe('product paths', () => {
  it.each([
    ['rate', 'imager', `20310314/raw/${stem}_rate.fits`],
    ['_rate', 'slicer', `20310314/raw/${stem}_rate.fits`],
    ['flt', 'imager', `20310314/reduced/imager/${stem}_flt.fits`],
    ['cal', 'imager', `20310314/reduced/imager/${stem}_cal.fits`],
    ['flt', 'lenslet', `20310314/reduced/ifs/${stem}_flt.fits`],
    ['s3d', 'slicer', `20310314/reduced/ifs/${stem}_s3d.fits`],
    ['uncal', 'imager', `20310314/readouts/${stem}_uncal.fits`],
    ['dark', 'imager', `20310314/references/${stem}_dark.fits`],
  ])('%s of %s', (suffix, mode, path) => {
    expect(productPath({ exposureFileStem: stem, utDate: night, suffix, mode })).toBe(path);
  });

  it('refuses a suffix that no product has', () => {
    const part = { exposureFileStem: stem, utDate: night, suffix: '_foo', mode: 'imager' };
    expect(() => productPath(part)).toThrowErrorMatchingInlineSnapshot(
      `[DataModelError: 2031A-001-123-IRIS-IMG1-SCI0-0001: found suffix '_foo', expected one of uncal, rate, rateints, rop, flt, bsub, cal, i2d, cat, spx, s3d, x1d, dark, flat, mask, linearity, nonlincoeff, gain, readnoise, saturation, superbias, distortion, photom, rectmat, wavemap. Use a suffix of the product table.]`,
    );
  });

  it('gives each suffix to one product', () => {
    expect(new Set(PRODUCTS.map((row) => row.suffix)).size).toBe(PRODUCTS.length);
    expect(productRule('rate')).toMatchObject({ level: 'l1', stage: 'readout' });
    expect(productRule('_flat')).toMatchObject({ level: 'ref', directory: 'references' });
    expect(productRule('nothing')).toBeUndefined();
  });
});

describe('file names', () => {
  it.each([
    ['2031A-001-123-IRIS-IMG-SCI0-0001', 'IMG3', '2031A-001-123-IRIS-IMG3-SCI0-0001'],
    ['20200706-190204-IRIS-IMG-SCI0-0001-02', 'IMG1', '20200706-190204-IRIS-IMG1-SCI0-0001-02'],
  ])('%s on %s', (id, detector, expected) => expect(exposureFileStem(id, detector)).toBe(expected));

  it('split at a known suffix only', () => {
    expect(splitProductName(`/a/b/${productName(stem, 'rate')}`)).toEqual({ stem, suffix: 'rate' });
    expect(splitProductName('raw_frame_sci.fits')).toEqual({ stem: 'raw_frame_sci' });
    expect(splitProductName('sci_cal.fits.gz')).toEqual({ stem: 'sci', suffix: 'cal' });
  });

  it('night directories are UT dates', () => {
    expect(utDate('2031-03-14T23:59:59.999Z')).toBe('20310314');
    expect(utDate(new Date(Date.UTC(2031, 2, 14, 0, 0, 1)))).toBe('20310314');
    expect(() => utDate('yesterday')).toThrow('expected a UTC time');
  });
});
