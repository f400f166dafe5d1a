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
  /** The type of what a P or Q points to; else the type. */
  readonly element: FieldType;
  readonly repeat: number;
  /** What follows the letters. */
  readonly rest: string;
  /** Width of the field in a row. */
  readonly bytes: number;
}

/** @throws FitsError KEYWORD_VALUE */
export function parseTform(text: string, place: FitsPlace): Tform {
  const match = /^ *(\d{0,15})(?:([LXBIJKAEDCM])|([PQ])([LXBIJKAEDCM]))(.*)$/.exec(text);
  const repeat = match?.[1] ? Number(match[1]) : 1;
  if (!match || (match[3] && repeat > 1)) {
    const shown = JSON.stringify(text.slice(0, 40));
    const expected = 'a repeat count and one of L X B I J K A E D C M, or [0 or 1]P or Q and one of them';
    throw new FitsError('KEYWORD_VALUE', `found ${shown}, expected ${expected}`, place);
  }
  const element = (match[2] ?? match[4]) as FieldType;
  const type = (match[3] ?? element) as FieldType;
  return { type, element, repeat, rest: (match[5] ?? '').trim(), bytes: elementBytes(type, repeat) };
}

export function elementBytes(type: FieldType, count: number): number {
  return type === 'X' ? Math.ceil(count / 8) : count * ELEMENT_BYTES[type];
}

/** A TDIM, `(nx,ny)`, as a shape, slowest axis first; undefined if it is none. */
export function parseTdim(text: string): number[] | undefined {
  const match = /^ *\(([\d, ]+)\) *$/.exec(text);
  return match?.[1]
    ?.split(',')
    .map((n) => Number(n))
    .reverse();
}
