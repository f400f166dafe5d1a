import { describe, expect, it } from 'vitest';
import { mappingSum, parseMapping, withChecksum } from '../src/index.ts';
import { DETECTOR, match, rmapText } from './rmap.ts';

const text = rmapText([DETECTOR], match([['IMG1', 'x.fits']]));
const without = text.replace(/ {4}'sha1sum'.*\n/, '');

describe('the checksum of a mapping', () => {
  it('is that of its text without the line that gives it', () => {
    const { given, actual } = mappingSum(text, 'x.rmap');
    expect(given).toBe(actual);
    expect(mappingSum(without, 'x.rmap')).toEqual({ actual });
    expect(mappingSum(text.replace('x.fits', 'y.fits'), 'x.rmap').actual).not.toBe(actual);
  });

  it.each([
    ['right', text],
    ['wrong', text.replace(/('sha1sum' : ')\w+/, '$1beef')],
    ['in double quotes', text.replace(/'sha1sum' : '(\w+)'/, '"sha1sum":"$1"')],
    ['absent', without],
    ['absent, with line ends of Windows', without.replaceAll('\n', '\r\n')],
    ['absent from a header in one line', without.replace(/header = \{\n\s*/, 'header = {')],
  ])('is put right where it is %s', (_what, given) => {
    const fresh = withChecksum(given, 'x.rmap');
    expect(parseMapping(fresh, 'x.rmap').kind).toBe('reference');
    const bare = (one: string) => one.replace(/[^\n]*sha1sum[^\n]*/, '').replace(/\s+/g, '');
    expect(bare(fresh)).toBe(bare(given));
  });

  it('is refused where no place for it can be found, and for what is no mapping', () => {
    expect(() => withChecksum(without.replace('header = {', 'header = \\\n{'), 'x.rmap')).toThrow();
    expect(() => withChecksum('hello', 'x.rmap')).toThrow('x.rmap, line 1');
  });
});
