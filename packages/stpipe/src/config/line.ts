import { beforeSpace, isSpaceAt, skipSpace } from './text.ts';

/** `[[name]]`: the brackets are counted, for they need not balance. */
export interface SectionLine {
  readonly indent: string;
  readonly opened: number;
  readonly closed: number;
  /** As written, quotes included. */
  readonly name: string;
  readonly comment: string;
}

/** `key = rest of the line`. */
export interface KeyLine {
  readonly indent: string;
  /** As written, quotes included. */
  readonly key: string;
  readonly value: string;
}

/** What closes a section marker from `from` on: brackets and white space up to the end or a comment. */
const closing = (line: string, from: number): { closed: number; end: number } | undefined => {
  let closed = 0;
  let end = from;
  for (; line[end] === ']' || isSpaceAt(line, end); end++) if (line[end] === ']') closed++;
  return closed > 0 && (end === line.length || line[end] === '#') ? { closed, end } : undefined;
};

/** End of a bare name that starts at `start`: the first place from which the marker closes. */
const bareNameEnd = (line: string, start: number): number | undefined => {
  for (let at = start + 1; at < line.length; ) {
    if (line[at] !== ']' && !isSpaceAt(line, at)) {
      at++;
      continue;
    }
    const close = closing(line, at);
    if (close) return at;
    while (line[at] === ']' || isSpaceAt(line, at)) at++;
  }
  return undefined;
};

const quotedNameEnd = (line: string, start: number): number | undefined => {
  const quote = line[start]!;
  // At least one character that is no white space, which may itself be the quote.
  let at = line.indexOf(quote, skipSpace(line, start + 1) + 1);
  while (at >= 0) {
    if (closing(line, at + 1)) return at + 1;
    at = line.indexOf(quote, at + 1);
  }
  return undefined;
};

/** Reads a section marker; undefined when the line is none. Linear in its length. */
export const scanSection = (line: string): SectionLine | undefined => {
  const first = skipSpace(line, 0);
  const brackets: number[] = [];
  let start = first;
  while (line[start] === '[') {
    brackets.push(start);
    start = skipSpace(line, start + 1);
  }
  if (brackets.length === 0 || start >= line.length) return undefined;
  const quoted = line[start] === '"' || line[start] === "'";
  let opened = brackets.length;
  let end = quoted ? quotedNameEnd(line, start) : bareNameEnd(line, start);
  if (end === undefined) {
    // The last bracket may belong to a bare name.
    opened--;
    start = brackets[opened]!;
    if (opened > 0) end = bareNameEnd(line, start);
  }
  if (end === undefined) return undefined;
  const close = closing(line, end)!;
  return {
    indent: line.slice(0, first),
    opened,
    closed: close.closed,
    name: line.slice(start, end),
    comment: line.slice(close.end),
  };
};

/** Index of the `=` that ends a quoted key at `start`, and where the key ends. */
const quotedKey = (line: string, start: number): { end: number; equals: number } | undefined => {
  const quote = line[start]!;
  for (let at = line.indexOf(quote, start + 1); at >= 0; at = line.indexOf(quote, at + 1)) {
    const equals = skipSpace(line, at + 1);
    if (line[equals] === '=') return { end: at + 1, equals };
  }
  return undefined;
};

const bareKey = (line: string, start: number): { end: number; equals: number } | undefined => {
  const equals = line.indexOf('=', start + 1);
  return equals < 0 ? undefined : { end: beforeSpace(line, equals, start + 1), equals };
};

/** Reads `key = value`; undefined when the line is neither that nor blank. Linear in its length. */
export const scanKey = (line: string): KeyLine | undefined => {
  let start = skipSpace(line, 0);
  const char = line[start];
  const quoted = char === '"' || char === "'";
  let found = quoted ? quotedKey(line, start) : char === '=' ? undefined : bareKey(line, start);
  if (!found && start > 0) {
    // A key may begin with white space where nothing else could be one.
    start--;
    found = bareKey(line, start);
  }
  if (!found) return undefined;
  return {
    indent: line.slice(0, start),
    key: line.slice(start, found.end),
    value: line.slice(skipSpace(line, found.equals + 1)),
  };
};
