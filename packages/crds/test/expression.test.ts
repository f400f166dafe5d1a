import { describe, expect, it } from 'vitest';
import { compileExpression, holds } from '../src/expression.ts';

const VALUES: Readonly<Record<string, string>> = {
  DETECTOR: 'IMG1',
  FILTER: 'KBB',
  'META.EXPOSURE.TYPE': 'DARK',
  N: '2.0',
};
const verdict = (source: string): boolean => holds(compileExpression(source), (name) => VALUES[name]);

describe('relevance expressions', () => {
  it.each([
    ['(DETECTOR == "IMG1" and FILTER != "J")', true],
    ['(DETECTOR == "IFS" or FILTER == "KBB")', true],
    ["(META.EXPOSURE.TYPE not in ['DARK', 'BIAS'])", false],
    ["(META.EXPOSURE.TYPE in ('DARK',))", true],
    ['(not DETECTOR == "IFS")', true],
    ['("IM" in DETECTOR)', true],
    ['(N == 2.0)', false],
    ['("A" < DETECTOR <= "IMG1")', true],
    ['(True if FILTER == "J" else False)', false],
    ['(DETECTOR and FILTER)', true],
    ['(1 < 2 == True)', false],
    ['()', false],
  ])('%s is %s', (source, expected) => {
    expect(verdict(source)).toBe(expected);
  });

  it.each([
    '__import__("os").system("true")',
    'DETECTOR[0] == "I"',
    'DETECTOR + "X"',
    'lambda: 1',
    '[x for x in y]',
    'DETECTOR is None',
    'DETECTOR ==',
    '(DETECTOR',
    'DETECTOR = 1',
    '("x" "y")',
    `${'('.repeat(10_000)}1`,
    `${'not '.repeat(10_000)}1`,
  ])('%.40s is refused', (source) => {
    expect(() => compileExpression(source)).toThrow('does not belong into the expression');
  });

  it('fail on names that the header does not have, and on values that have no order', () => {
    expect(() => verdict('OBSTYPE == "SCI"')).toThrow("name 'OBSTYPE' is not defined");
    expect(() => verdict('DETECTOR < 1')).toThrow('cannot compare');
  });
});
