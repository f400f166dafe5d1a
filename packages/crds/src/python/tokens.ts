import { MappingFormatError } from '../errors.ts';

export type TokenKind = 'name' | 'string' | 'int' | 'float' | 'op' | 'newline' | 'end';

export interface Token {
  readonly kind: TokenKind;
  /** Of a string its value, of everything else its text. */
  readonly text: string;
  readonly line: number;
}

const SPACE = /[ \t\f]*(?:#[^\n]*)?/y;
const NAME = /[A-Za-z_][A-Za-z0-9_]*/y;
const NUMBER =
  /0[xX][0-9a-fA-F_]+|0[oO][0-7_]+|0[bB][01_]+|(?:\d[\d_]*(?:\.[\d_]*)?|\.\d[\d_]*)(?:[eE][+-]?\d[\d_]*)?/y;
const OPERATOR = /==|!=|<=|>=|[-+{}()[\]:,=<>;.]/y;
const STRING_START = /([A-Za-z]{0,2})('''|"""|'|")/y;
const PLAIN = /[^\\'"\n]+/y;
const MAX_DIGITS = 4300;
/** Operators of one character that begin no longer one: more than half of all tokens. */
const PUNCTUATION = '{}()[]:,;';
/** Longer strings are read piece by piece. */
const MAX_PLAIN = 4096;

const SIMPLE_ESCAPES: Readonly<Record<string, string>> = {
  '\\': '\\',
  "'": "'",
  '"': '"',
  n: '\n',
  r: '\r',
  t: '\t',
  a: '\x07',
  b: '\b',
  f: '\f',
  v: '\v',
  '\n': '',
};
const CODED_ESCAPE = /x([0-9a-fA-F]{2})|u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8})|([0-7]{1,3})/y;

/**
 * Reads Python tokens one at a time, in time linear in the text. Newlines count only outside brackets. A string, bracket,
 * comma or colon is valid until the next one of its kind is read.
 * `'\r\n'` must already be `'\n'`.
 */
export const scan = (text: string, file?: string): { next(): Token } => {
  let at = 0;
  let line = 1;
  let depth = 0;
  const stringToken = { kind: 'string' as const, text: '', line };
  const punctuation = new Map([...PUNCTUATION].map((text) => [text, { kind: 'op' as const, text, line }]));

  const fail = (message: string): never => {
    throw new MappingFormatError(message, line, file);
  };
  const take = (pattern: RegExp): RegExpExecArray | null => {
    pattern.lastIndex = at;
    const found = pattern.exec(text);
    if (found) at += found[0].length;
    return found;
  };

  const escaped = (raw: boolean): string => {
    at++;
    const character = text[at];
    if (character === undefined) return fail('the file ends inside a string');
    if (character === '\n') line++;
    if (raw) {
      at++;
      return `\\${character}`;
    }
    const simple = SIMPLE_ESCAPES[character];
    if (simple !== undefined) {
      at++;
      return simple;
    }
    const coded = take(CODED_ESCAPE);
    if (coded) {
      const code = coded[4] ? Number.parseInt(coded[4], 8) : Number.parseInt(coded[0].slice(1), 16);
      return code > 0x10ffff ? fail(`\\${coded[0]} is no character`) : String.fromCodePoint(code);
    }
    if ('xuUN'.includes(character)) return fail(`\\${character} is not a complete escape sequence`);
    at++;
    return `\\${character}`;
  };

  const string = (quote: string, raw: boolean): string => {
    const start = line;
    const parts: string[] = [];
    for (;;) {
      const plain = take(PLAIN);
      if (plain) parts.push(plain[0]);
      if (text.startsWith(quote, at)) {
        at += quote.length;
        return parts.join('');
      }
      const character = text[at];
      if (character === undefined) throw new MappingFormatError('this string is not closed', start, file);
      if (character === '\\') parts.push(escaped(raw));
      else {
        if (character === '\n') {
          if (quote.length === 1) return fail('a string ends at the end of its line; close it');
          line++;
        }
        parts.push(character);
        at++;
      }
    }
  };

  /** The string that begins here, if it has no escapes and ends on its line, as nearly all do. */
  const plainString = (quote: string): string | undefined => {
    const end = text.indexOf(quote, at + 1);
    if (end < 0 || end - at > MAX_PLAIN || (end === at + 1 && text[end + 1] === quote)) return undefined;
    const body = text.slice(at + 1, end);
    if (body.includes('\\') || body.includes('\n')) return undefined;
    at = end + 1;
    return body;
  };

  const next = (): Token => {
    for (;;) {
      while (text.charCodeAt(at) === 0x20) at++;
      const ahead = text.charCodeAt(at);
      if (ahead === 0x23 || ahead === 0x09 || ahead === 0x0c) take(SPACE);
      if (text[at] === '\\' && text[at + 1] === '\n') {
        at += 2;
        line++;
        continue;
      }
      if (text[at] !== '\n') break;
      at++;
      line++;
      if (depth === 0) return { kind: 'newline', text: '\n', line: line - 1 };
    }
    if (at >= text.length) return { kind: 'end', text: 'the end of the file', line };
    const begin = line;
    const first = text[at]!;
    const simple = first === "'" || first === '"' ? plainString(first) : undefined;
    if (simple !== undefined) {
      stringToken.text = simple;
      stringToken.line = begin;
      return stringToken;
    }
    if (punctuation.has(first)) {
      at++;
      if ('{(['.includes(first)) depth++;
      else if ('})]'.includes(first)) depth = Math.max(0, depth - 1);
      const token = punctuation.get(first)!;
      token.line = line;
      return token;
    }
    const opening = take(STRING_START);
    if (opening) {
      const prefix = opening[1]!.toLowerCase();
      if (!['', 'r', 'u'].includes(prefix))
        return fail(`strings with the prefix ${opening[1]} are not allowed`);
      return { kind: 'string', text: string(opening[2]!, prefix === 'r'), line: begin };
    }
    const name = take(NAME);
    if (name) return { kind: 'name', text: name[0], line };
    const number = take(NUMBER);
    if (number) {
      if (number[0].length > MAX_DIGITS) return fail(`a number of more than ${MAX_DIGITS} digits`);
      const isInt = /^(?:0[xXoObB]|[\d_]+$)/.test(number[0]);
      return { kind: isInt ? 'int' : 'float', text: number[0], line };
    }
    const operator = take(OPERATOR);
    if (!operator) return fail(`unexpected character ${JSON.stringify(text[at])}`);
    if ('{(['.includes(operator[0])) depth++;
    if ('})]'.includes(operator[0])) depth = Math.max(0, depth - 1);
    return { kind: 'op', text: operator[0], line };
  };
  return { next };
};
