import { type Check, shown } from './finding.ts';

export type ValueType =
  | 'string'
  | 'logical'
  | 'integer'
  | 'real'
  | 'complex'
  | 'null' // a value indicator and nothing behind it
  | 'unknown'
  | 'commentary';

/** One 80-character record, taken apart by the letter of the standard (section 4.1 and 4.2). */
export interface HeaderRecord {
  /** 0-based in the header. */
  readonly index: number;
  /** Byte in the file. */
  readonly offset: number;
  readonly raw: string;
  readonly keyword: string;
  readonly type: ValueType;
  /** Of a string what stands between the quotes, without trailing blanks; else the text of the value. */
  readonly value: string;
}

type Complain = (check: Check, message: string) => void;

const COMMENTARY = new Set(['', 'COMMENT', 'HISTORY', 'HIERARCH', 'CONTINUE', 'END']);
const INTEGER = /^[+-]?\d+$/;
const REAL = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:[ED][+-]?\d+)?$/;

/** @param complain  hears of everything that is wrong with the record's syntax */
export function parseRecord(raw: string, index: number, offset: number, complain: Complain): HeaderRecord {
  const keyword = raw.slice(0, 8).trimEnd();
  checkName(keyword, complain);
  const name = keyword.trimStart();
  const bad = /[^\x20-\x7e]/.exec(raw.slice(8));
  if (bad) {
    complain(
      'characters',
      `byte ${bad.index + 9} of the record is ${shown(bad[0])}; a header holds printable ASCII only`,
    );
  }
  const record = (type: ValueType, value: string): HeaderRecord => ({
    index,
    offset,
    raw,
    keyword: name,
    type,
    value,
  });
  if (COMMENTARY.has(name) || raw.slice(8, 10) !== '= ') return record('commentary', '');
  const { type, value, rest } = parseField(raw.slice(10), complain);
  if (rest !== '' && !rest.startsWith('/')) {
    complain('syntax', `${shown(rest)} stands behind the value; a comment begins with a slash`);
  }
  return record(type, value);
}

function checkName(keyword: string, complain: Complain): void {
  if (keyword.startsWith(' ') && keyword.trim() !== '') {
    complain('syntax', `the keyword ${shown(keyword)} does not begin in column 1`);
  }
  const bad = /[^A-Z0-9_-]/.exec(keyword.trimStart());
  if (bad)
    complain(
      'syntax',
      `the keyword ${shown(keyword)} holds ${shown(bad[0])}; only A-Z, 0-9, - and _ are legal`,
    );
}

interface Field {
  readonly type: ValueType;
  readonly value: string;
  /** What follows the value, without blanks around. */
  readonly rest: string;
}

/** The value field of a record, what follows `= `. */
export function parseField(field: string, complain: Complain): Field {
  const text = field.trim();
  if (text === '' || text.startsWith('/')) return { type: 'null', value: '', rest: text };
  if (text.startsWith("'")) return parseString(text, complain);
  if (text.startsWith('(')) return parseComplex(text, complain);
  const token = /^[^\s/]*/.exec(text)?.[0] ?? '';
  const rest = text.slice(token.length).trim();
  if (/^[TF]/.test(text)) {
    if (token.length > 1) complain('syntax', `${shown(token)} is no logical value; T or F stands alone`);
    return { type: 'logical', value: token.slice(0, 1), rest };
  }
  if (INTEGER.test(token)) return { type: 'integer', value: token, rest };
  if (REAL.test(token)) return { type: 'real', value: token, rest };
  if (REAL.test(token.toUpperCase())) {
    complain('syntax', `${shown(token)}: the exponent is written with E or D, in upper case`);
    return { type: 'real', value: token, rest };
  }
  const slash = text.indexOf('/');
  const value = (slash < 0 ? text : text.slice(0, slash)).trim();
  complain('syntax', `${shown(value)} is no value: neither string, logical, number nor complex number`);
  return { type: 'unknown', value, rest: slash < 0 ? '' : text.slice(slash) };
}

function parseString(text: string, complain: Complain): Field {
  const match = /^'((?:[^']|'')*)'/.exec(text);
  if (!match) {
    complain('syntax', 'the string has no closing quote');
    return { type: 'string', value: text.slice(1).trimEnd(), rest: '' };
  }
  const value = (match[1] ?? '').replaceAll("''", "'").trimEnd();
  return { type: 'string', value, rest: text.slice(match[0].length).trim() };
}

function parseComplex(text: string, complain: Complain): Field {
  const match = /^\(([^)/]*)\)?/.exec(text);
  const whole = match?.[0] ?? '(';
  const parts = (match?.[1] ?? '').split(',').map((part) => part.trim());
  if (
    !whole.endsWith(')') ||
    parts.length !== 2 ||
    !parts.every((part) => INTEGER.test(part) || REAL.test(part))
  ) {
    complain('syntax', `${shown(whole)} is no complex number: (real,imaginary)`);
  }
  return { type: 'complex', value: whole, rest: text.slice(whole.length).trim() };
}
