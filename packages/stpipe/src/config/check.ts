import { ConfigError } from './errors.ts';
import { skipSpace, strip, unquote } from './text.ts';

/** A check of a spec, taken apart: `integer(1, 5, default=2)`. */
export interface Check {
  readonly name: string;
  readonly args: readonly string[];
  readonly named: ReadonlyMap<string, string | readonly string[]>;
  /** As written; a quoted None keeps its quotes, for only the bare one stands for no value. */
  readonly default: string | readonly string[] | undefined;
}

const NAME = /^([a-zA-Z_][a-zA-Z0-9_]*)\s*=\s*/;

const wrong = (text: string): never => {
  throw new ConfigError(
    'SpecError',
    `Bad syntax in check "${text}": expected name(value, key=value, key=list(a, b)).`,
  );
};

/** Text up to the next comma outside quotes, or to `end`; and where that is. */
const member = (text: string, from: number, end: number): { text: string; next: number } => {
  const quote = text[from];
  let at = from;
  if (quote === '"' || quote === "'") {
    const close = text.indexOf(quote, from + 1);
    if (close < 0 || close >= end) return wrong(text);
    at = close + 1;
  }
  const comma = text.indexOf(',', at);
  const next = comma < 0 || comma > end ? end : comma;
  if (at > from && strip(text.slice(at, next)) !== '') return wrong(text);
  return { text: strip(text.slice(from, next)), next };
};

const members = (text: string, from: number, end: number): string[] => {
  const found: string[] = [];
  for (let at = skipSpace(text, from); at < end; ) {
    const one = member(text, at, end);
    found.push(unquote(one.text));
    at = skipSpace(text, one.next + 1);
  }
  return found;
};

/** The `)` that closes a list, quotes aside. */
const closingParenthesis = (text: string, from: number): number => {
  let quote = '';
  for (let at = from; at < text.length; at++) {
    const char = text[at]!;
    if (quote !== '') {
      if (char === quote) quote = '';
    } else if (char === '"' || char === "'") quote = char;
    else if (char === ')') return at;
  }
  return wrong(text);
};

/**
 * Takes a check apart.
 * @throws ConfigError SpecError
 */
export const parseCheck = (text: string): Check => {
  const open = text.indexOf('(', 1);
  const close = text.lastIndexOf(')');
  if (open < 0 || close < open) return { name: text, args: [], named: new Map(), default: undefined };
  const body = text.slice(open + 1, close);
  const args: string[] = [];
  const named = new Map<string, string | readonly string[]>();
  for (let at = skipSpace(body, 0); at < body.length; ) {
    const key = NAME.exec(body.slice(at));
    const start = key ? at + key[0].length : at;
    let next: number;
    if (key && body.startsWith('list(', start)) {
      const end = closingParenthesis(body, start + 5);
      named.set(key[1]!, members(body, start + 5, end));
      next = skipSpace(body, end + 1);
      if (next < body.length && body[next] !== ',') wrong(text);
    } else {
      const one = member(body, start, body.length);
      next = one.next;
      if (!key) args.push(unquote(one.text));
      else named.set(key[1]!, /^(['"])None\1$/.test(one.text) ? one.text : unquote(one.text));
    }
    at = skipSpace(body, next + 1);
  }
  const value = named.get('default');
  named.delete('default');
  return { name: text.slice(0, open), args, named, default: value };
};
