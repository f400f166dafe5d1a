import { beforeSpace, isSpaceAt, skipSpace, unquote } from './text.ts';

/** The part of a line behind `=`. */
export interface ScannedValue {
  readonly value: string | readonly string[];
  /** With its `#`; empty when there is none. */
  readonly comment: string;
}

/** True when nothing but white space or a comment follows. */
const endsAt = (text: string, index: number): boolean => {
  const next = skipSpace(text, index);
  return next === text.length || text[next] === '#';
};

const commentFrom = (text: string, index: number): string => text.slice(skipSpace(text, index));

/**
 * Where list items end and what follows them, for every position of a value.
 *
 * ConfigObj's own expression backtracks and is exponential on hostile text. Whether the rest of a value can be read
 * from a position does not depend on how that position was reached, so one pass from right to left decides it for
 * all, and one pass from left to right then takes the choices in the expression's order of preference.
 */
class ValueScan {
  readonly #text: string;
  /** Start of the next item where one can be read at this position, else -1. */
  readonly #next: Int32Array;
  /** End of the last item where the list can end with it, -2 where it can end with nothing, else -1. */
  readonly #last: Int32Array;
  /** Behind a comma: where reading goes on, as far right in the white space as possible; -1 nowhere. */
  readonly #resume: Int32Array;

  constructor(text: string) {
    const n = text.length;
    this.#text = text;
    this.#next = new Int32Array(n + 1).fill(-1);
    this.#last = new Int32Array(n + 1).fill(-1);
    this.#resume = new Int32Array(n + 1).fill(-1);
    this.#fill(n);
  }

  #fill(n: number): void {
    const text = this.#text;
    // Of the nearest closing quote to the right that a comma follows, where reading goes on behind that; of the one
    // that the end follows, where it is.
    const beforeComma = { '"': -1, "'": -1 };
    const beforeEnd = { '"': -1, "'": -1 };
    let special = n; // nearest comma or # to the right of the position
    let bareEnd = n; // the same without the white space before it
    let solid = n; // nearest character to the right, the position included, that is no white space
    for (let at = n; at >= 0; at--) {
      const char = at < n ? text[at]! : '';
      const space = isSpaceAt(text, at);
      const after = solid; // first solid character behind this one
      if (!space) solid = at;
      else if (bareEnd === at + 1) bareEnd = at;
      if (char === '"' || char === "'") {
        this.#next[at] = beforeComma[char];
        this.#last[at] = beforeEnd[char] >= 0 ? beforeEnd[char] + 1 : -1;
        if (text[after] === ',' && this.#resume[after + 1]! >= 0)
          beforeComma[char] = this.#resume[after + 1]!;
        if (after === n || text[after] === '#') beforeEnd[char] = at;
      } else if (char !== ',' && char !== '#' && at < n) {
        if (special < n && text[special] === ',') this.#next[at] = this.#resume[special + 1]!;
        if (!space && text[special] !== ',') this.#last[at] = Math.max(bareEnd, at + 1);
      }
      if (this.#last[at] === -1 && (solid === n || text[solid] === '#')) this.#last[at] = -2;
      const readable = this.#next[at]! >= 0 || this.#last[at] !== -1;
      const further = space ? this.#resume[at + 1]! : -1;
      this.#resume[at] = further >= 0 ? further : readable ? at : -1;
      if (char === ',' || char === '#') {
        special = at;
        bareEnd = at;
      }
    }
  }

  /** Position of the last item and where it ends: -2 when there is none. */
  split(): { start: number; end: number } | undefined {
    let start = 0;
    while (this.#next[start]! >= 0) start = this.#next[start]!;
    const end = this.#last[start]!;
    return end === -1 ? undefined : { start, end };
  }
}

/** The members of a list of which every one is followed by a comma; undefined when one is empty. */
const listMembers = (text: string): string[] | undefined => {
  const members: string[] = [];
  const exhausted = new Set<string>();
  for (let at = 0; at < text.length; ) {
    const char = text[at]!;
    let end = -1;
    if ((char === '"' || char === "'") && !exhausted.has(char)) {
      end = text.indexOf(char, at + 1);
      while (end >= 0 && text[skipSpace(text, end + 1)] !== ',') end = text.indexOf(char, end + 1);
      if (end < 0) exhausted.add(char);
      else end++;
    }
    if (end < 0) {
      const least = char === '"' || char === "'" || char === ',' || char === '#' ? at : at + 1;
      const comma = text.indexOf(',', least);
      if (comma < 0) return undefined;
      end = beforeSpace(text, comma, least);
    }
    if (end === at) return undefined;
    members.push(unquote(text.slice(at, end)));
    at = skipSpace(text, skipSpace(text, end) + 1);
  }
  return members;
};

/**
 * Reads a value that is one text or a list, with its comment. Undefined for unbalanced quotes or empty list items.
 * Linear in the length of the text.
 */
export const scanValue = (text: string): ScannedValue | undefined => {
  const split = new ValueScan(text).split();
  if (!split) {
    if (text.startsWith(',') && endsAt(text, 1)) return { value: [], comment: commentFrom(text, 1) };
    return undefined;
  }
  const { start, end } = split;
  const single = end === -2 ? '' : text.slice(start, end);
  const comment = commentFrom(text, end === -2 ? start : end);
  if (start === 0) return { value: unquote(single), comment };
  const members = listMembers(text.slice(0, start));
  if (!members) return undefined;
  return { value: single === '' ? members : [...members, unquote(single)], comment };
};

/** Reads a value where lists are off, as in a spec: quotes stay, only the comment is cut. */
export const scanPlainValue = (text: string): ScannedValue | undefined => {
  const char = text[0];
  if (char === '"' || char === "'") {
    for (let at = text.indexOf(char, 1); at >= 0; at = text.indexOf(char, at + 1)) {
      if (endsAt(text, at + 1)) return { value: text.slice(0, at + 1), comment: commentFrom(text, at + 1) };
    }
    return undefined;
  }
  const hash = text.indexOf('#');
  const end = beforeSpace(text, hash < 0 ? text.length : hash, 0);
  return { value: text.slice(0, end), comment: commentFrom(text, end) };
};
