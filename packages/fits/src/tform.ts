import { FitsError, type FitsPlace } from './errors.ts';

/** Bytes of one element of each binary-table type; X counts bits and is handled apart. */
const ELEMENT_BYTES = {
  L: 1,
  X: 0,
  B: 1,
  I: 2,
  J: 4,
  K: 8,
  A: 1,
  E: 4,
  D: 8,
  C: 8,
  M: 16,
  P: 8,
  Q: 16,
} as const;

export type FieldType = keyof typeof ELEMENT_BYTES;

/** A TFORM of a binary table, for example `3E`, `20A`, `1PJ(99)`. */
export interface Tform {
  readonly type: FieldType;
  readonly repeat: number;
  /** What follows the type letter. */
  readonly rest: string;
  /** Width of the field in a row. */
  readonly bytes: number;
}

/** @throws FitsError KEYWORD_VALUE */
export function parseTform(text: string, place: FitsPlace): Tform {
  const match = /^ *(\d{0,15})([LXBIJKAEDCMPQ])(.*)$/.exec(text);
  if (!match) {
    const shown = JSON.stringify(text.slice(0, 40));
    const expected = 'a repeat count and one of L X B I J K A E D C M P Q';
    throw new FitsError('KEYWORD_VALUE', `found ${shown}, expected ${expected}`, place);
  }
  const type = match[2] as FieldType;
  const repeat = match[1] === '' ? 1 : Number(match[1]);
  const bytes = type === 'X' ? Math.ceil(repeat / 8) : repeat * ELEMENT_BYTES[type];
  return { type, repeat, rest: (match[3] ?? '').trim(), bytes };
}

/** A TDIM, `(nx,ny)`, as a shape, slowest axis first; undefined if it is none. */
export function parseTdim(text: string): number[] | undefined {
  const match = /^ *\(([\d, ]+)\) *$/.exec(text);
  return match?.[1]
    ?.split(',')
    .map((n) => Number(n))
    .reverse();
}
