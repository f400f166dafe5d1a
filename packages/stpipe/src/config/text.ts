/** Texts as Python sees them: ConfigObj's grammar and messages are written in terms of these. */

/** What Python's `str.isspace` and `\s` accept; JavaScript's `\s` differs in seven characters. */
const SPACE =
  '\t\n\v\f\r\u001c\u001d\u001e\u001f \u0085\u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u2028\u2029\u202f\u205f\u3000';
const SPACES = new Set(SPACE);

/** True for the character at `index`; false behind the end. */
export const isSpaceAt = (text: string, index: number): boolean =>
  index < text.length && SPACES.has(text[index]!);

/** First index at or after `from` that holds no white space. */
export const skipSpace = (text: string, from: number): number => {
  let index = from;
  while (isSpaceAt(text, index)) index++;
  return index;
};

/** Start of the white space that ends before `end`, not below `least`. */
export const beforeSpace = (text: string, end: number, least: number): number => {
  let index = end;
  while (index > least && SPACES.has(text[index - 1]!)) index--;
  return index;
};

export const strip = (text: string): string => {
  const start = skipSpace(text, 0);
  return text.slice(start, beforeSpace(text, text.length, start));
};

/** One pair of equal quotes taken off; there are no escapes in ConfigObj. */
export const unquote = (text: string): string =>
  (text.startsWith('"') && text.endsWith('"')) || (text.startsWith("'") && text.endsWith("'"))
    ? text.slice(1, -1)
    : text;

const NAMED: Readonly<Record<string, string>> = { '\n': '\\n', '\r': '\\r', '\t': '\\t', '\\': '\\\\' };
const UNPRINTABLE = /[\p{C}\p{Z}]/u;

const escaped = (char: string): string => {
  const named = NAMED[char];
  if (named !== undefined) return named;
  if (char === ' ' || !UNPRINTABLE.test(char)) return char;
  const hex = (char.codePointAt(0) ?? 0).toString(16);
  if (hex.length <= 2) return `\\x${hex.padStart(2, '0')}`;
  return hex.length <= 4 ? `\\u${hex.padStart(4, '0')}` : `\\U${hex.padStart(8, '0')}`;
};

/** Python's `repr` of a text. */
export const reprOf = (text: string): string => {
  const quote = text.includes("'") && !text.includes('"') ? '"' : "'";
  let body = '';
  for (const char of text) body += char === quote ? `\\${char}` : escaped(char);
  return quote + body + quote;
};

/** Python's `str` of a float: as JavaScript's but for the exponent form and a trailing `.0`. */
export const floatText = (value: number): string => {
  if (Number.isNaN(value)) return 'nan';
  if (!Number.isFinite(value)) return value < 0 ? '-inf' : 'inf';
  const [digits, exponent] = value.toExponential().split('e') as [string, string];
  const power = Number(exponent);
  if (value !== 0 && (power < -4 || power >= 16)) {
    const sign = power < 0 ? '-' : '+';
    return `${digits}e${sign}${String(Math.abs(power)).padStart(2, '0')}`;
  }
  const plain = power < 0 ? value.toFixed(digits.replace(/[-.]/g, '').length - power - 1) : String(value);
  if (Object.is(value, -0)) return '-0.0';
  return plain.includes('.') ? plain : `${plain}.0`;
};
