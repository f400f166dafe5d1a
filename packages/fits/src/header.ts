import { CARD_LENGTH, type Card, canonical, joinContinued, parseCard } from './card.ts';
import { FitsError, type FitsPlace } from './errors.ts';
import { formatCard, formatCommentary } from './format.ts';
import type { FitsValue } from './value.ts';

export const BLOCK = 2880;

/** Entries to make a header of: keyword, value and an optional comment. */
export type HeaderEntry = readonly [string, FitsValue] | readonly [string, FitsValue, string];

/**
 * The ordered records of one HDU, without END. Cards that nobody touches are written back byte for byte.
 * Keywords are found in any case, HIERARCH keywords with or without `HIERARCH`; of duplicates the first one counts.
 */
export class Header {
  #cards: Card[];
  #first: Map<string, number> | undefined;
  #place: FitsPlace;

  private constructor(cards: Card[], place: FitsPlace) {
    this.#cards = cards;
    this.#place = place;
  }

  /**
   * @param bytes  header records from the first card to END; what follows END is ignored
   * @param place  file, HDU and byte offset of the first card, carried by errors
   * @throws FitsError HEADER_NO_END, HEADER_BAD_KEYWORD
   */
  static parse(bytes: Uint8Array, place: FitsPlace = {}): Header {
    const cards: Card[] = [];
    const base = place.offset ?? 0;
    const record = (at: number) => latin1(bytes, at, at + CARD_LENGTH);
    let at = 0;
    for (; ; at += CARD_LENGTH) {
      if (at + CARD_LENGTH > bytes.length) {
        const text = `no END card in ${bytes.length} bytes of header; the file is cut short or damaged`;
        throw new FitsError('HEADER_NO_END', text, { ...place, offset: base + at });
      }
      const raw = record(at);
      if (isEnd(raw)) break;
      const card = joinContinued(parseCard(raw, { ...place, offset: base + at }), () => {
        const next = at + 2 * CARD_LENGTH <= bytes.length ? record(at + CARD_LENGTH) : '';
        if (!next.startsWith('CONTINUE')) return undefined;
        at += CARD_LENGTH;
        return next;
      });
      cards.push(card);
    }
    return new Header(cards, place);
  }

  /** A header of these entries, in this order; see `set` for what values may be. */
  static from(entries: Iterable<HeaderEntry>): Header {
    const header = new Header([], {});
    for (const [keyword, value, comment] of entries) header.#append(formatCard(keyword, value, comment));
    return header;
  }

  get cards(): readonly Card[] {
    return this.#cards;
  }

  has(keyword: string): boolean {
    return this.#index().has(canonical(keyword));
  }

  /** The value of a keyword, `null` if it is undefined in the file, `undefined` if the keyword is absent. */
  get(keyword: string): FitsValue | undefined {
    const at = this.#index().get(canonical(keyword));
    if (at === undefined) return undefined;
    const card = this.#cards[at] as Card;
    if (card.problem === undefined) return card.value;
    throw new FitsError(
      'CARD_UNPARSABLE',
      `${card.problem} in card "${card.raw.trimEnd()}"`,
      this.#where(at),
    );
  }

  string(keyword: string): string | undefined {
    const value = this.get(keyword) ?? undefined;
    return value === undefined || typeof value === 'string'
      ? value
      : this.#refuse(keyword, value, 'a string');
  }

  /** Any number; integers beyond 2^53 are rounded. */
  number(keyword: string): number | undefined {
    const value = this.get(keyword) ?? undefined;
    if (value === undefined || typeof value === 'number') return value;
    return typeof value === 'bigint' ? Number(value) : this.#refuse(keyword, value, 'a number');
  }

  /** An integer that a JavaScript number holds exactly; `10.0` counts as one. */
  integer(keyword: string): number | undefined {
    const value = this.get(keyword) ?? undefined;
    if (value === undefined) return undefined;
    return Number.isSafeInteger(value)
      ? (value as number)
      : this.#refuse(keyword, value, 'an integer within ±2^53');
  }

  boolean(keyword: string): boolean | undefined {
    const value = this.get(keyword) ?? undefined;
    return value === undefined || typeof value === 'boolean' ? value : this.#refuse(keyword, value, 'T or F');
  }

  /**
   * Replace the first card of this keyword in place, or append one. Without `comment` the old comment stays.
   * Long strings go on in CONTINUE records, keywords that are not 1-8 of `A-Z0-9_-` become HIERARCH.
   *
   * @throws FitsError WRITE_KEYWORD, WRITE_VALUE
   */
  set(keyword: string, value: FitsValue, comment?: string): this {
    const at = this.#index().get(canonical(keyword));
    if (at === undefined) {
      this.#append(formatCard(keyword, value, comment));
    } else {
      this.#cards[at] = cardOf(formatCard(keyword, value, comment ?? keptComment(this.#cards[at] as Card)));
      this.#moved();
    }
    return this;
  }

  /** Remove every card of this keyword. */
  delete(keyword: string): this {
    const name = canonical(keyword);
    if (!this.#index().has(name)) return this;
    this.#cards = this.#cards.filter((card) => canonical(card.keyword) !== name);
    this.#first = undefined;
    this.#moved();
    return this;
  }

  comment(text: string): this {
    for (const raw of formatCommentary('COMMENT', text)) this.#append(raw);
    return this;
  }

  history(text: string): this {
    for (const raw of formatCommentary('HISTORY', text)) this.#append(raw);
    return this;
  }

  comments(): string[] {
    return this.#texts('COMMENT');
  }

  historyLines(): string[] {
    return this.#texts('HISTORY');
  }

  /** Keywords in order, duplicates and all, without commentary and blank cards. */
  keywords(): string[] {
    return this.#cards.filter((card) => !isCommentary(card)).map((card) => card.keyword);
  }

  clone(): Header {
    return new Header([...this.#cards], this.#place);
  }

  /** A header of the cards that `keep` accepts, each verbatim. */
  filter(keep: (card: Card) => boolean): Header {
    return new Header(this.#cards.filter(keep), { ...this.#place, offset: undefined });
  }

  /** Append a card as it is, duplicates allowed. */
  push(card: Card): this {
    this.#append(card.raw, card);
    return this;
  }

  /** All records and END, padded with blanks to a multiple of 2880 bytes. */
  toBytes(): Uint8Array {
    let length = CARD_LENGTH;
    for (const card of this.#cards) length += card.raw.length;
    const bytes = new Uint8Array(Math.ceil(length / BLOCK) * BLOCK).fill(0x20);
    let at = 0;
    for (const { raw } of this.#cards) {
      for (let i = 0; i < raw.length; i++) bytes[at++] = raw.charCodeAt(i);
    }
    bytes.set([0x45, 0x4e, 0x44], at);
    return bytes;
  }

  #append(raw: string, card = cardOf(raw)): void {
    const name = canonical(card.keyword);
    if (this.#first && !this.#first.has(name)) this.#first.set(name, this.#cards.length);
    this.#cards.push(card);
  }

  #index(): Map<string, number> {
    if (this.#first) return this.#first;
    const first = new Map<string, number>();
    this.#cards.forEach((card, at) => {
      const name = canonical(card.keyword);
      if (!first.has(name)) first.set(name, at);
    });
    this.#first = first;
    return first;
  }

  /** After an edit, cards no longer stand where the file has them. */
  #moved(): void {
    this.#place = { ...this.#place, offset: undefined };
  }

  #texts(keyword: string): string[] {
    return this.#cards.filter((card) => card.keyword === keyword).map((card) => card.comment);
  }

  #where(at: number): FitsPlace {
    const keyword = this.#cards[at]?.keyword;
    if (this.#place.offset === undefined) return { ...this.#place, keyword };
    let offset = this.#place.offset;
    for (let i = 0; i < at; i++) offset += (this.#cards[i] as Card).raw.length;
    return { ...this.#place, keyword, offset };
  }

  #refuse(keyword: string, value: FitsValue, expected: string): never {
    const found = typeof value === 'string' ? JSON.stringify(value) : String(value);
    const at = this.#index().get(canonical(keyword)) ?? 0;
    throw new FitsError('KEYWORD_TYPE', `found ${found}, expected ${expected}`, this.#where(at));
  }
}

/** END followed by blanks; a few writers leave other filling behind END, which is accepted if it is no keyword. */
export function isEnd(raw: string): boolean {
  return raw.startsWith('END') && !/[A-Z0-9_-]/.test(raw[3] ?? ' ') && !/=/.test(raw.slice(3, 10));
}

function isCommentary(card: Card): boolean {
  return card.value === undefined && card.problem === undefined;
}

function keptComment(card: Card): string {
  return card.problem === undefined ? card.comment.replace(/[^\x20-\x7e]/g, '?') : '';
}

function cardOf(raw: string): Card {
  let at = CARD_LENGTH;
  return joinContinued(parseCard(raw.slice(0, CARD_LENGTH)), () => {
    if (at >= raw.length) return undefined;
    at += CARD_LENGTH;
    return raw.slice(at - CARD_LENGTH, at);
  });
}

function latin1(bytes: Uint8Array, start: number, end: number): string {
  return String.fromCharCode.apply(null, bytes.subarray(start, end) as unknown as number[]);
}
