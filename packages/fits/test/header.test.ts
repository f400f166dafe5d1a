import { describe, expect, it } from 'vitest';
import { FitsError, type FitsValue, Header } from '../src/index.ts';
import { headerBlock } from './support.ts';

const one = (card: string) => Header.parse(headerBlock([card]));
const text = (header: Header) => Buffer.from(header.toBytes()).toString('latin1');

describe('values as the standard writes them', () => {
  it.each<[string, FitsValue | undefined, string]>([
    ["A       = 'O''HARA'           / it''s", "O'HARA", "it''s"],
    ["A       = 'a / b'   / c", 'a / b', 'c'],
    ["A       = '  x  '", '  x', ''],
    ["A       = ''", '', ''],
    ['A       =                    T / yes', true, 'yes'],
    ['A       = F/no', false, 'no'],
    ['A       =                  -42', -42, ''],
    ['A       = +7', 7, ''],
    ['A       = 9007199254740993', 9007199254740993n, ''],
    ['A       = -9223372036854775808', -9223372036854775808n, ''],
    ['A       = 1.5D-3', 0.0015, ''],
    ['A       = 1.d3', 1000, ''],
    ['A       = .5E+2', 50, ''],
    ['A       =                      / nothing', null, 'nothing'],
    ['A       = (1.0, -2.0) / complex', '(1.0, -2.0)', 'complex'],
    ['A       no value indicator', undefined, '  no value indicator'.slice(2)],
  ])('%s', (card, value, comment) => {
    const [first] = one(card).cards;
    expect(first?.value).toEqual(value);
    expect(first?.comment.trim()).toBe(comment);
  });

  it.each(["A       = 'open", 'A       = 12,5', 'A       = 1e999', 'A       = \xb0C', "A       = 'caf\xe9'"])(
    '%s has no value, and asking for it says why',
    (card) => {
      const header = one(card);
      expect(header.cards[0]?.value).toBeUndefined();
      expect(() => header.get('A')).toThrowError(
        expect.objectContaining({ code: 'CARD_UNPARSABLE', keyword: 'A' }),
      );
    },
  );
});

describe('a header keeps what it does not understand', () => {
  const cards = [
    'SIMPLE  =                    T',
    'lower   = 1',
    'DUP     = 1',
    'DUP     = 2',
    '',
    'HISTORY  two blanks, then text',
    'COMMENT caf\xe9',
    "HIERARCH ESO DET CHIP1 ID = 'CCID20' / chip",
    "LONG    = 'one &'",
    "CONTINUE  'two &' / first",
    "CONTINUE  'three' / second",
    "AMP     = 'R&'",
    'NEXT    = 1',
    "CONTINUE  'orphan'",
    'BAD     = what?',
  ].map((card) => (card === '' ? ' '.repeat(80) : card));
  const header = Header.parse(headerBlock(cards));

  it('byte for byte', () => {
    expect(text(header)).toBe(Buffer.from(headerBlock(cards)).toString('latin1'));
  });

  it('and finds it', () => {
    expect(header.get('LOWER')).toBe(1);
    expect(header.get('dup')).toBe(1);
    expect(header.get('ESO DET CHIP1 ID')).toBe('CCID20');
    expect(header.get('HIERARCH ESO DET CHIP1 ID')).toBe('CCID20');
    expect(header.get('LONG')).toBe('one two three');
    expect(header.cards.find((c) => c.keyword === 'LONG')?.comment).toBe('first second');
    expect(header.get('AMP')).toBe('R&');
    expect(header.historyLines()).toEqual([' two blanks, then text']);
    expect(header.comments()).toEqual(['caf\xe9']);
    expect(header.keywords()).toEqual([
      ...['SIMPLE', 'lower', 'DUP', 'DUP', 'ESO DET CHIP1 ID', 'LONG', 'AMP', 'NEXT', 'BAD'],
    ]);
  });

  it('and changes only the cards that were set', () => {
    const copy = header.clone().set('DUP', 5).set('LONG', 'short');
    const before = text(header);
    const after = text(copy);
    expect(after).not.toContain("CONTINUE  'two");
    for (const card of cards.filter((c) => !/^(DUP {5}= 1|LONG|CONTINUE {2}'t)/.test(c))) {
      expect(after).toContain(card.padEnd(80));
    }
    expect(copy.get('DUP')).toBe(5);
    expect(text(header)).toBe(before);
    expect(copy.delete('DUP').has('DUP')).toBe(false);
  });
});

describe('what is set is what is read back', () => {
  const long = "it''s a 'quoted' & long string ".repeat(12).trim();
  const values: [string, FitsValue][] = [
    ['INT', 42],
    ['NEG', -1],
    ['ZERO', -0],
    ['PI', Math.PI],
    ['TINY', 5e-324],
    ['HUGE', -1.7976931348623157e308],
    ['BIG', 2n ** 63n],
    ['YES', true],
    ['NONE', null],
    ['EMPTY', ''],
    ['QUOTES', "''''"],
    ['LONG', long],
    ['AMPS', '&'.repeat(150)],
    ['APOS', "'".repeat(151)],
    ['ESO DET READ CURNAME', 'Nondest'],
    ['ESO LONG', long],
    ['EXPOSURE_TIME', 1.5],
  ];

  it.each(values)('%s', (keyword, value) => {
    const header = Header.from([[keyword, value, 'a comment']]);
    const again = Header.parse(header.toBytes());
    expect(again.get(keyword)).toEqual(value);
    expect(header.get(keyword)).toEqual(value);
    expect(again.toBytes()).toEqual(header.toBytes());
    expect(again.cards[0]?.comment).toBe('a comment');
    for (const card of header.cards) expect(card.raw.length % 80).toBe(0);
  });

  it('keeps the comment unless a new one is given', () => {
    const header = Header.from([['A', 1, 'old']]);
    expect(header.set('A', 2).cards[0]?.comment).toBe('old');
    expect(header.set('a', 2, 'new').cards[0]?.comment).toBe('new');
  });

  it('wraps commentary at 72 characters', () => {
    const header = Header.from([]).history('x'.repeat(100)).comment('a\nb').history('');
    expect(header.historyLines()).toEqual(['x'.repeat(72), 'x'.repeat(28), '']);
    expect(header.comments()).toEqual(['a', 'b']);
  });

  it.each<[string, FitsValue, string]>([
    ['A', Number.NaN, 'WRITE_VALUE'],
    ['A', Number.POSITIVE_INFINITY, 'WRITE_VALUE'],
    ['A', 'naïve', 'WRITE_VALUE'],
    ['A', 'two\nlines', 'WRITE_VALUE'],
    ['A=B', 1, 'WRITE_KEYWORD'],
    ['', 1, 'WRITE_KEYWORD'],
    ['END', 1, 'WRITE_KEYWORD'],
    ['HISTORY', 'x', 'WRITE_KEYWORD'],
    ['ÅNGSTRÖM', 1, 'WRITE_KEYWORD'],
    ['LONG KEYWORD '.repeat(4), 10n ** 40n, 'WRITE_VALUE'],
  ])('%s = %s is refused', (keyword, value, code) => {
    expect(() => Header.from([]).set(keyword, value)).toThrowError(expect.objectContaining({ code }));
  });
});

describe('typed getters', () => {
  const header = Header.from([
    ['S', 'x'],
    ['N', 1.5],
    ['I', 10],
    ['B', 2n ** 60n],
    ['L', true],
    ['U', null],
  ]);

  it('give values of their type and undefined for absent or undefined ones', () => {
    expect([header.string('S'), header.number('N'), header.integer('I'), header.boolean('L')]).toEqual([
      ...['x', 1.5, 10, true],
    ]);
    expect(header.number('B')).toBe(2 ** 60);
    expect([header.string('U'), header.number('U'), header.integer('X'), header.boolean('X')]).toEqual([
      ...[undefined, undefined, undefined, undefined],
    ]);
  });

  it('refuse other types, naming what they found', () => {
    expect(() => header.number('S')).toThrow('S: found "x", expected a number');
    expect(() => header.integer('N')).toThrow(FitsError);
    expect(() => header.integer('B')).toThrow(FitsError);
    expect(() => header.string('I')).toThrow(FitsError);
    expect(() => header.boolean('I')).toThrow('I: found 10, expected T or F');
  });
});
