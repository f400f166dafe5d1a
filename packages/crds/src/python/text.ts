import type { PyNode } from './literal.ts';

/** Python's str() and repr(): CRDS compares and reports values by their text. */

/** What str.isspace() of Python is true for. */
const isSpace = (character: string): boolean => {
  const code = character.charCodeAt(0);
  return (code >= 0x1c && code <= 0x1f) || code === 0x85 || (code !== 0xfeff && /\s/.test(character));
};

/** str.strip() of Python, in linear time. */
export const strip = (text: string): string => {
  let start = 0;
  let end = text.length;
  while (start < end && isSpace(text[start]!)) start++;
  while (end > start && isSpace(text[end - 1]!)) end--;
  return text.slice(start, end);
};

/** str.split() of Python: at runs of white space, no empty parts. */
export const splitWords = (text: string): string[] => {
  const words: string[] = [];
  let start = 0;
  for (let at = 0; at <= text.length; at++) {
    if (at < text.length && !isSpace(text[at]!)) continue;
    if (at > start) words.push(text.slice(start, at));
    start = at + 1;
  }
  return words;
};

/** repr(float): shortest digits, exponent form below 1e-4 and from 1e16. */
export const floatText = (value: number): string => {
  if (Number.isNaN(value)) return 'nan';
  if (!Number.isFinite(value)) return value > 0 ? 'inf' : '-inf';
  if (value === 0) return Object.is(value, -0) ? '-0.0' : '0.0';
  const sign = value < 0 ? '-' : '';
  const [mantissa = '', exponentText = '0'] = Math.abs(value).toExponential().split('e');
  const digits = mantissa.replace('.', '');
  const exponent = Number(exponentText);
  if (exponent < -4 || exponent >= 16) {
    const fraction = digits.length > 1 ? `.${digits.slice(1)}` : '';
    const power = String(Math.abs(exponent)).padStart(2, '0');
    return `${sign}${digits[0]}${fraction}e${exponent < 0 ? '-' : '+'}${power}`;
  }
  if (exponent < 0) return `${sign}0.${'0'.repeat(-exponent - 1)}${digits}`;
  const whole = digits.slice(0, exponent + 1).padEnd(exponent + 1, '0');
  return `${sign}${whole}.${digits.slice(exponent + 1) || '0'}`;
};

const FLOAT = /^[+-]?(?:\d+(?:_\d+)*\.?(?:\d+(?:_\d+)*)?|\.\d+(?:_\d+)*)(?:[eE][+-]?\d+(?:_\d+)*)?$/;

/** float(text) of Python; undefined where Python raises. */
export const parseFloatText = (text: string): number | undefined => {
  const bare = strip(text);
  if (FLOAT.test(bare)) return Number(bare.replaceAll('_', ''));
  const special = /^([+-]?)(inf|infinity|nan)$/i.exec(bare);
  if (!special) return undefined;
  if (special[2]!.toLowerCase() === 'nan') return Number.NaN;
  return special[1] === '-' ? Number.NEGATIVE_INFINITY : Number.POSITIVE_INFINITY;
};

const ESCAPES: Readonly<Record<string, string>> = { '\n': '\\n', '\r': '\\r', '\t': '\\t', '\\': '\\\\' };
/** Characters that stand for themselves between single quotes. */
const PLAIN = /^[ !-&(-[\]-~]*$/;

/** repr(str). */
export const stringRepr = (text: string): string => {
  if (PLAIN.test(text)) return `'${text}'`;
  const quote = text.includes("'") && !text.includes('"') ? '"' : "'";
  const escaped = Array.from(text, (character) => {
    const code = character.charCodeAt(0);
    const isPrintable = (code >= 0x20 && code < 0x7f) || (code > 0xa0 && code !== 0xad);
    if (isPrintable && character !== '\\') return character;
    return ESCAPES[character] ?? `\\x${code.toString(16).padStart(2, '0')}`;
  }).join('');
  return `${quote}${quote === "'" ? escaped.replaceAll("'", "\\'") : escaped}${quote}`;
};

/** repr() of any node of a mapping file. */
export const repr = (node: PyNode): string => {
  if (typeof node === 'string') return stringRepr(node);
  if (typeof node !== 'object' || node === null) return str(node);
  switch (node.kind) {
    case 'tuple': {
      const items = node.items.map(repr);
      return items.length === 1 ? `(${items[0]},)` : `(${items.join(', ')})`;
    }
    case 'list':
      return `[${node.items.map(repr).join(', ')}]`;
    default: {
      const entries = node.entries.map(([key, value]) => `${repr(key)}: ${repr(value)}`).join(', ');
      return node.kind === 'dict' ? `{${entries}}` : `${node.name}({${entries}})`;
    }
  }
};

/** str(): strings as they are, everything else as repr(). */
export const str = (node: PyNode): string => {
  switch (typeof node) {
    case 'string':
      return node;
    case 'bigint':
      return node.toString();
    case 'number':
      return floatText(node);
    case 'boolean':
      return node ? 'True' : 'False';
    default:
      return node === null ? 'None' : repr(node);
  }
};

/** repr() of a tuple and of a list of strings, as they stand in messages. */
export const tupleRepr = (items: readonly string[]): string =>
  repr({ kind: 'tuple', items: items.map(String) });
export const listRepr = (items: readonly string[]): string => repr({ kind: 'list', items });
