import { type Card, canonical } from '../card.ts';
import type { Header } from '../header.ts';
import type { FitsValue } from '../value.ts';
import { type Ignores, realsDiffer, type Tolerance } from './compare.ts';
import type { CardDifference, HeaderDiff, Pair } from './result.ts';

/**
 * The cards of two headers, keyword by keyword; the n-th card of a keyword is compared with the n-th of the other,
 * the order of different keywords does not matter. @returns undefined if there is no difference
 */
export function diffHeaders(
  a: Header,
  b: Header,
  options: Tolerance & { readonly keywords: Ignores; readonly comments: Ignores },
): HeaderDiff | undefined {
  const [left, right] = [group(a, options.keywords), group(b, options.keywords)];
  const values: CardDifference<FitsValue>[] = [];
  const comments: CardDifference<string>[] = [];
  const counts: { keyword: string; counts: Pair<number> }[] = [];
  for (const [keyword, cardsA] of left) {
    const cardsB = right.get(keyword);
    if (!cardsB) continue;
    if (cardsA.length !== cardsB.length) counts.push({ keyword, counts: [cardsA.length, cardsB.length] });
    const quiet = options.comments(keyword);
    for (let occurrence = 0; occurrence < Math.min(cardsA.length, cardsB.length); occurrence++) {
      const [cardA, cardB] = [cardsA[occurrence] as Card, cardsB[occurrence] as Card];
      const [valueA, valueB] = [valueIn(cardA), valueIn(cardB)];
      if (valuesDiffer(cardA, cardB, options)) values.push({ keyword, occurrence, a: valueA, b: valueB });
      const [commentA, commentB] = [commentOf(cardA), commentOf(cardB)];
      if (!quiet && commentA !== commentB) comments.push({ keyword, occurrence, a: commentA, b: commentB });
    }
  }
  const onlyInA = [...left.keys()].filter((keyword) => !right.has(keyword)).sort();
  const onlyInB = [...right.keys()].filter((keyword) => !left.has(keyword)).sort();
  const cards: Pair<number> = [total(left), total(right)];
  const different = [onlyInA, onlyInB, counts, values, comments].some((list) => list.length > 0);
  if (!different) return undefined;
  return { ...(cards[0] !== cards[1] && { cards }), onlyInA, onlyInB, counts, values, comments };
}

function group(header: Header, ignores: Ignores): Map<string, Card[]> {
  const groups = new Map<string, Card[]>();
  for (const card of header.cards) {
    const keyword = canonical(card.keyword);
    if (card.raw.trim() === '' || ignores(keyword)) continue;
    const cards = groups.get(keyword);
    if (cards) cards.push(card);
    else groups.set(keyword, [card]);
  }
  return groups;
}

const total = (groups: ReadonlyMap<string, readonly Card[]>): number =>
  [...groups.values()].reduce((sum, cards) => sum + cards.length, 0);

/** Of commentary its text, of a value that is none what stands there. */
function valueIn({ value, comment, problem }: Card): FitsValue {
  if (problem !== undefined || value === undefined) return comment.trimEnd();
  return value;
}

const commentOf = ({ value, comment }: Card): string => (value === undefined ? '' : comment);

function valuesDiffer(a: Card, b: Card, tolerance: Tolerance): boolean {
  const [x, y] = [valueIn(a), valueIn(b)];
  if (typeof x === 'number' && typeof y === 'number' && isReal(a) && isReal(b)) {
    return realsDiffer(x, y, tolerance);
  }
  return x !== y;
}

/** Whether a number is written with a point or an exponent. */
const isReal = ({ raw }: Card): boolean => /^[^/]*[.ED]/i.test(raw.slice(raw.indexOf('=') + 1));
