import { Header } from '@iris-drs/fits';
import { describe, expect, it } from 'vitest';
import { DataModelError, normalizeUnit, rateScale, unitOf } from '../src/index.ts';
import { astropy } from './support.ts';

const where = { file: 'a.fits', hdu: 'SCI' };
const header = (cards: Record<string, string | number>) => [Header.from(Object.entries(cards))];

describe('units', () => {
  it.each([
    ['DN', 'DN'],
    ['adu', 'DN'],
    ['counts', 'DN'],
    ['DN/s', 'DN/s'],
    ['DN / s', 'DN/s'],
    ['DN s-1', 'DN/s'],
    ['ADU/sec', 'DN/s'],
    ['e-/DN', 'electron/DN'],
    [' Jy ', 'Jy'],
  ])('%s is %s', (text, unit) => expect(normalizeUnit(text)).toBe(unit));

  it('of variances are squares that astropy understands', () => {
    expect(unitOf('VAR_POISSON', 'DN/s')).toBe('DN2/s2');
    expect(unitOf('ERR', 'DN/s')).toBe('DN/s');
    expect(unitOf('DQ', 'DN/s')).toBeUndefined();
    const program = `from astropy import units as u\nprint(json.dumps(u.Unit(args[0]) == u.Unit(args[1])**2))`;
    const agreed = astropy(program, 'DN2/s2', 'DN/s');
    if (agreed !== undefined) expect(agreed).toBe(true);
  });
});

describe('a 2-D frame in DN/s', () => {
  it('is multiplied by 1, or divided by its exposure time', () => {
    expect(rateScale(header({ BUNIT: 'DN/s', EXPTIME: 10 }), where).scale).toBe(1);
    expect(rateScale(header({ BUNIT: 'DN', EXPTIME: 10 }), where).scale).toBe(0.1);
    expect(rateScale(header({ BUNIT: 'ADU', EFFEXPTM: 4 }), where).scale).toBe(0.25);
  });

  it('without BUNIT is DN when raw and timed, else taken as DN/s with a warning', () => {
    expect(rateScale(header({ EXPTIME: 10 }), where)).toEqual({ scale: 0.1, declared: 'DN' });
    expect(rateScale(header({ EXPTIME: 10, S_DARK: 'COMPLETE' }), where)).toMatchObject({
      scale: 1,
      warning: expect.any(String),
    });
    expect(rateScale(header({}), where)).toMatchObject({
      scale: 1,
      warning: expect.stringContaining('BUNIT'),
    });
  });

  it('is refused in any other unit', () => {
    expect(() => rateScale(header({ BUNIT: 'Jy' }), where)).toThrowErrorMatchingInlineSnapshot(
      `[DataModelError: a.fits[SCI] BUNIT: found 'Jy', expected DN or DN/s. Correct BUNIT, or convert the data first.]`,
    );
    expect(() => rateScale(header({ BUNIT: 'DN' }), where)).toThrowErrorMatchingInlineSnapshot(
      `[DataModelError: a.fits[SCI] EXPTIME: found none, expected the exposure time in seconds, as BUNIT is DN. Add the keyword to the header.]`,
    );
    expect(() => rateScale(header({ BUNIT: 'DN', EXPTIME: 0 }), where)).toThrow(DataModelError);
  });
});
