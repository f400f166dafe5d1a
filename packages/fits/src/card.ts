import { FitsError, type FitsPlace } from './errors.ts';
import { type FitsValue, parseValue } from './value.ts';

export const CARD_LENGTH = 80;

/** One header record: 80 characters, or n·80 for a string that goes on in CONTINUE records. */
export interface Card {
  /** Upper case as standard keywords are; HIERARCH keywords without the `HIERARCH ` in front; '' for blank cards. */
  readonly keyword: string;
  /** `undefined` for commentary cards and for unparsable values. */
  readonly value: FitsValue | undefined;
  /** The comment, or the text of a commentary card. */
  readonly comment: string;
  readonly raw: string;
  /** Why the value could not be read; asking the header for it throws with this text. */
  readonly problem?: string;
}

const COMMENTARY = new Set(['', 'COMMENT', 'HISTORY', 'CONTINUE', 'END']);

/** Parse one 80-character record. `place` is where it stands, for errors. */
export function parseCard(raw: string, place?: FitsPlace): Card {
  const keyword = raw.slice(0, 8).trimEnd();
  if (!/^[\x20-\x7e]*$/.test(keyword)) {
    const shown = JSON.stringify(keyword);
    const text = `the keyword field ${shown} holds bytes that are not printable ASCII; the header is damaged`;
    throw new FitsError('HEADER_BAD_KEYWORD', text, place);
  }
  if (keyword === 'HIERARCH' && raw[8] === ' ') {
    const equals = raw.indexOf('=');
    if (equals > 0)
      return { keyword: raw.slice(9, equals).trim(), ...parseValue(raw.slice(equals + 1)), raw };
  }
  if (COMMENTARY.has(keyword) || raw.slice(8, 10) !== '= ') {
    return { keyword, value: undefined, comment: raw.slice(8).trimEnd(), raw };
  }
  return { keyword, ...parseValue(raw.slice(10)), raw };
}

/**
 * Join CONTINUE records to the string they continue: a string that ends in `&`, followed by
 * `CONTINUE  'more'`. The joined card keeps all records in `raw`; comments are joined by a blank.
 *
 * @param next  gives the following raw record, or undefined at the end of the header
 */
export function joinContinued(first: Card, next: () => string | undefined): Card {
  if (typeof first.value !== 'string' || !first.value.endsWith('&')) return first;
  // Pieces are joined once at the end: a header may hold very many of them.
  const values = [first.value];
  const raws = [first.raw];
  const comments = [first.comment];
  while (values.at(-1)?.endsWith('&')) {
    const record = next();
    if (record === undefined) break;
    const more = parseValue(record.slice(8));
    raws.push(record);
    comments.push(more.comment);
    if (typeof more.value !== 'string') break;
    values.push(values.pop()?.slice(0, -1) ?? '', more.value);
  }
  const value = values.join('');
  return { ...first, value, comment: comments.filter((c) => c !== '').join(' '), raw: raws.join('') };
}

/** The form under which keywords are compared: upper case, without HIERARCH. */
export function canonical(keyword: string): string {
  const upper = keyword.trim().toUpperCase();
  return upper.startsWith('HIERARCH ') ? upper.slice(9).trim() : upper;
}
