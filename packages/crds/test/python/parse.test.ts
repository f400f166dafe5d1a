import { execFileSync } from 'node:child_process';
import { describe, expect, it } from 'vitest';
import { MappingFormatError } from '../../src/index.ts';
import { parseSections } from '../../src/python/parse.ts';
import { repr } from '../../src/python/text.ts';

const selectorOf = (text: string): string => repr(parseSections(`selector = ${text}\n`).get('selector')!);

const failure = (text: string): { line: number; message: string } => {
  try {
    parseSections(text, 'x.rmap');
  } catch (error) {
    if (error instanceof MappingFormatError) return { line: error.line, message: error.message };
    throw error;
  }
  throw new Error('was accepted');
};

describe('mapping grammar', () => {
  it('reads header, selector and comment, with # comments and nested selectors', () => {
    const sections = parseSections(`# by hand
header = {
    'mapping' : 'REFERENCE',   # what it is
    'parkey' : (('DETECTOR',), ('DATE-OBS', 'TIME-OBS')),
    'rows' : [1, -2.5, True, None],
}
comment = """two
lines"""
selector = Match({
    ('IMG1', 1.0) : UseAfter({
        '2014-06-01 00:00:00' : 'a.fits',
    }),
    () : ('b.fits', "c'd.fits"),
})
`);
    expect(repr(sections.get('header')!)).toBe(
      "{'mapping': 'REFERENCE', 'parkey': (('DETECTOR',), ('DATE-OBS', 'TIME-OBS')), 'rows': [1, -2.5, True, None]}",
    );
    expect(sections.get('comment')).toBe('two\nlines');
    expect(repr(sections.get('selector')!)).toBe(
      "Match({('IMG1', 1.0): UseAfter({'2014-06-01 00:00:00': 'a.fits'}), (): ('b.fits', \"c'd.fits\")})",
    );
  });

  it('keeps the last of equal keys, where 1, 1.0 and True are equal, as Python does', () => {
    expect(selectorOf("Match({'a': 'x', 'b': 'y', 'a': 'z'})")).toBe("Match({'a': 'z', 'b': 'y'})");
    expect(selectorOf("Match({1: 'x', 1.0: 'y', True: 'z'})")).toBe("Match({1: 'z'})");
  });

  it('reads Windows line ends and a byte order mark', () => {
    expect(repr(parseSections("\ufeffheader = {\r\n 'a' : 'b',\r\n}\r\n").get('header')!)).toBe("{'a': 'b'}");
  });

  it.each([
    ['import os\n', 1, "found 'import'"],
    ["header = {}\nselector = __import__('os').system('true')\n", 2, '__import__'],
    ["header = {\n'a' : open('/etc/passwd'),\n}\n", 2, "'open' is no selector"],
    ["header = {'a' : os}\n", 1, "the name 'os' means nothing"],
    ["header = {'a' : 1 + 1}\n", 1, "expected ','"],
    ["header = {'a' : [x for x in y]}\n", 1, "the name 'x'"],
    ["header = {'a' : lambda: 1}\n", 1, 'lambda'],
    ["header = {'a' : f'{x}'}\n", 1, 'prefix f'],
    ["header = {'a' : b'x'}\n", 1, 'prefix b'],
    ["header = {'a' : 'x'\n\n\n", 4, 'the end of the file'],
    ["header = {'a' : 'x\n'}\n", 1, 'ends at the end of its line'],
    ["comment = '''never\nclosed\n", 1, 'not closed'],
    ["header = {['a'] : 'x'}\n", 1, 'can be keys'],
    ["header = {'a' : 'x'} {}\n", 1, 'expected the end of the line'],
    ["header = ('a',)\n", 1, 'header must be a dictionary'],
    ["selector = Match('a')\n", 1, 'takes one dictionary'],
    ['selector = Match({}, {})\n', 1, 'to close Match('],
    ["header = {'a' : 007}\n", 1, "'007' is no number"],
    ["header = {'a' : '\\x4'}\n", 1, 'escape'],
    ["header = {'a' : '\\U00110000'}\n", 1, 'no character'],
    ['header = {"a" : \u{1f600}}\n', 1, 'unexpected character'],
  ])('refuses %j with its line', (text, line, message) => {
    const found = failure(text);
    expect(found.message).toContain(message);
    expect(found.line).toBe(line);
    expect(found.message).toContain(`x.rmap, line ${line}: `);
  });

  it('refuses what is nested without end, in every kind of bracket', () => {
    for (const opening of ['{1:', '(', '[', 'Match({1:']) {
      expect(failure(`header = {'a' : ${opening.repeat(100_000)}`).message).toContain('levels of brackets');
    }
  });

  it('refuses a number of a million digits instead of computing it', () => {
    expect(failure(`header = {'a' : ${'9'.repeat(1_000_000)}}`).message).toContain('digits');
  });

  it('gets through a megabyte of each kind of hostile text', () => {
    const size = 1_000_000;
    for (const text of [
      `header = {'a' : '${'\\'.repeat(size)}`,
      `header = {${"'a':1,".repeat(size / 6)}}`,
      `header = {'a' : ${"'x' ".repeat(size / 4)}}`,
      '#'.repeat(size),
      '\n'.repeat(size),
      `comment = """${'""'.repeat(size / 2)}`,
      ' '.repeat(size),
      `header = {'a' : ${'1_'.repeat(2000)}}`,
    ]) {
      try {
        parseSections(text);
      } catch (error) {
        expect(error).toBeInstanceOf(MappingFormatError);
      }
    }
  });

  it('reads and writes literals as Python does', () => {
    const python = process.env.DRS_PYTHON ?? '/usr/bin/python3';
    const literals = [
      ...[
        '0',
        '-0',
        '1_000',
        '0x1F',
        '0o17',
        '0b101',
        '1.',
        '.5',
        '1e3',
        '1e16',
        '1e15',
        '1e-4',
        '1e-5',
        '-2.50',
      ],
      ...[
        '123456789012345678',
        '1e22',
        '5e-324',
        '1.7976931348623157e308',
        '1e999',
        '-1e999',
        '0.1',
        '100.0',
      ],
      ...[
        "'a\\'b'",
        '"a\'b"',
        "'a\"b'",
        "'\\n\\t\\r\\\\'",
        "'\\x41\\u00e9\\101'",
        "'\\q'",
        "r'\\n'",
        "'a' 'b'",
      ],
      ...[
        "'\\x00\\x1b\\x7f\\x85\\xad'",
        '()',
        '(1,)',
        '(1)',
        '[1, (2, [3])]',
        "{'a': {1: None}}",
        'True',
        'None',
      ],
    ];
    let text: string;
    try {
      text = execFileSync(
        python,
        ['-c', 'import ast,sys\nfor l in sys.stdin: print(repr(ast.literal_eval(l)))'],
        {
          input: `${literals.join('\n')}\n`,
          encoding: 'utf8',
        },
      );
    } catch (error) {
      if (process.env.DRS_REQUIRE_ORACLES === '1') throw error;
      console.warn(`no ${python}: literals were not compared with it`);
      return;
    }
    const ours = literals.map((literal) =>
      selectorOf(`Match({'k': ${literal}})`).slice("Match({'k': ".length, -2),
    );
    expect(ours).toEqual(text.trimEnd().split('\n'));
  });
});
