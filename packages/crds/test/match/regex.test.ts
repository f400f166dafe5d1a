import { execFileSync } from 'node:child_process';
import { describe, expect, it } from 'vitest';
import { compileGlob } from '../../src/match/glob.ts';
import { compilePattern } from '../../src/match/regex.ts';

const PATTERNS = [
  ...[
    'a',
    'ab|c',
    '(a|b)+c',
    'a{2,3}$',
    'a{2}',
    'a{,2}b',
    'a{2,}',
    '[a-c]+$',
    '[^a-c]',
    '[]a]',
    '[a-]',
    'a*?b',
    '.b',
  ],
  ...[
    '^a$',
    '\\Aa\\Z',
    'a\\b',
    '\\Bb',
    '\\d+\\.\\d',
    '\\w+\\s\\w',
    '(?:ab)*c',
    '(?P<x>ab)',
    'a||b',
    '',
    '(|a)b',
    'a{',
    '\\.',
  ],
];
const TEXTS = [
  '',
  'a',
  'b',
  'c',
  'ab',
  'abc',
  'aa',
  'aaa',
  'aaaa',
  'aab',
  'abab',
  'ababc',
  '1.5',
  'x y',
  ']',
  '-',
  'a{',
  '.',
];
const GLOBS = [
  '*',
  '?',
  'a*',
  '*b',
  'a?c',
  '[ab]*',
  '[!a]*',
  '[a-c]',
  '[',
  '[]',
  '[]]',
  '[!]]',
  'a[',
  '**a',
  '[b-a]',
  'a.c',
  '',
];

describe('patterns of rules', () => {
  it('decide as re.match and fnmatch of Python do', () => {
    const python = process.env.DRS_PYTHON ?? '/usr/bin/python3';
    const script = `import json,re,fnmatch,sys
p,t,g=json.load(sys.stdin)
print(json.dumps([[[bool(re.match(x,y)) for y in t] for x in p],[[fnmatch.fnmatchcase(y,x) for y in t] for x in g]]))`;
    let text: string;
    try {
      text = execFileSync(python, ['-c', script], {
        input: JSON.stringify([PATTERNS, TEXTS, GLOBS]),
        encoding: 'utf8',
      });
    } catch (error) {
      if (process.env.DRS_REQUIRE_ORACLES === '1') throw error;
      console.warn(`no ${python}: patterns were not compared with it`);
      return;
    }
    const [patterns, globs] = JSON.parse(text);
    expect(PATTERNS.map((pattern) => TEXTS.map(compilePattern(pattern)))).toEqual(patterns);
    expect(GLOBS.map((glob) => TEXTS.map(compileGlob(glob)))).toEqual(globs);
  });

  it('cannot be made to hang', () => {
    const text = `${'a'.repeat(2_000)}!`;
    expect(compilePattern('(a+)+$')(text)).toBe(false);
    expect(compilePattern('(a|a)*b')(text)).toBe(false);
    expect(compilePattern('(((a*)*)*)*b')(text)).toBe(false);
    expect(compileGlob('*a*a*a*a*a*a*a*a*b')(text)).toBe(false);
  });

  it.each([
    '(?=a)',
    '(a)\\1',
    '(?i)a',
    'a++',
    '*a',
    '(a',
    'a)',
    '[a',
    '((((a{999}){999}){999}){999})',
    '('.repeat(10_000),
  ])('%.20s is refused in words', (pattern) => {
    expect(() => compilePattern(pattern)).toThrow(/regular expression .* (is not supported|is too large)/);
  });
});
