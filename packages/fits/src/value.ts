/** A keyword's value; `null` means the keyword is there and its value is undefined. Integers beyond 2^53 are bigint. */
export type FitsValue = string | number | bigint | boolean | null;

export interface ParsedValue {
  readonly value: FitsValue | undefined;
  readonly comment: string;
  /** Why the value could not be read. */
  readonly problem?: string;
}

const INTEGER = /^[+-]?\d+$/;
const REAL = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:[DEde][+-]?\d+)?$/;
const COMPLEX = /^\([^()]*,[^()]*\)$/;
const PRINTABLE = /^[\x20-\x7e]*$/;

/**
 * The value field of a card (what follows `= `): value, then comment.
 * A complex number, which no FitsValue holds, is given as its text.
 */
export function parseValue(field: string): ParsedValue {
  const text = field.trimStart();
  if (text.startsWith("'")) return parseString(text);
  const slash = text.indexOf('/');
  const token = (slash < 0 ? text : text.slice(0, slash)).trimEnd();
  const comment = slash < 0 ? '' : text.slice(slash + 1).trim();
  const value = parseToken(token);
  if (value === undefined) {
    return { value: undefined, comment: text.trimEnd(), problem: `'${token}' is no FITS value` };
  }
  return { value, comment };
}

function parseString(text: string): ParsedValue {
  let end = 1;
  for (;;) {
    end = text.indexOf("'", end);
    if (end < 0) {
      return { value: undefined, comment: text.trimEnd(), problem: 'the string has no closing quote' };
    }
    if (text[end + 1] !== "'") break;
    end += 2;
  }
  const value = text.slice(1, end).replaceAll("''", "'").replace(/ +$/, '');
  if (!PRINTABLE.test(value)) {
    return {
      value: undefined,
      comment: text.trimEnd(),
      problem: 'the string holds bytes beyond printable ASCII',
    };
  }
  const rest = text.slice(end + 1).trim();
  return { value, comment: rest.startsWith('/') ? rest.slice(1).trim() : rest };
}

function parseToken(token: string): FitsValue | undefined {
  if (token === '') return null;
  if (token === 'T') return true;
  if (token === 'F') return false;
  if (INTEGER.test(token)) {
    const number = Number(token);
    return Number.isSafeInteger(number) ? number : BigInt(token.startsWith('+') ? token.slice(1) : token);
  }
  if (REAL.test(token)) {
    const number = Number(token.replace(/[Dd]/, 'E'));
    return Number.isFinite(number) ? number : undefined;
  }
  return COMPLEX.test(token) ? token : undefined;
}
