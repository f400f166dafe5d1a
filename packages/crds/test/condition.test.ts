import { describe, expect, it } from 'vitest';
import { conditionValue } from '../src/condition.ts';

describe('value conditioning', () => {
  it.each([
    ['  kbb ', 'KBB'],
    ['1', '1.0'],
    ['1.', '1.0'],
    ['-9', '-9.0'],
    ['1E3', '1000.0'],
    ['1e16', '1e+16'],
    ['0.00001', '1e-05'],
    ['1e999', 'inf'],
    ['-0', '-0.0'],
    ['ANY', '*'],
    ['N/A', 'N/A'],
    ['n/a', 'N/A'],
    ['N/A and more', 'N/A'],
    ['NOT APPLICABLE HERE', 'N/A'],
    ['NOT_APPLICABLE', 'N/A'],
    ['NOT_APPLICABLE HERE', 'NOT_APPLICABLE HERE'],
    ['()', 'N/A'],
    ['-2147483648', 'N/A'],
    ['4294967295', '-1.0'],
    ['', ''],
    ['True', 'T'],
    ['f', 'F'],
    ['2013-11-05 15:21:34', '2013-11-05 15:21:34'],
    [true, 'T'],
    [null, 'NONE'],
    [2.5, '2.5'],
  ])('%j becomes %j', (raw, conditioned) => {
    expect(conditionValue(raw)).toBe(conditioned);
  });

  it('writes an int of a rule as a float', () => {
    expect(conditionValue(3n)).toBe('3.0');
    expect(conditionValue(12345678901234567890n)).toBe('1.2345678901234567e+19');
  });

  it('takes a megabyte of digits or blanks without trouble', () => {
    expect(conditionValue(`${'1'.repeat(1_000_000)}x`)).toHaveLength(1_000_001);
    expect(conditionValue(`x${' '.repeat(1_000_000)}x`)).toHaveLength(1_000_002);
  });
});
