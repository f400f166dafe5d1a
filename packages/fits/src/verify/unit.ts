import type { Report } from './finding.ts';
import type { HeaderRecord } from './record.ts';

export type UnitType = 'primary' | 'image' | 'table' | 'bintable' | 'unknown';

/** One HDU as the check sees it: its records, and where its data lie. */
export interface Unit {
  readonly index: number;
  readonly type: UnitType;
  /** A tile-compressed image in a binary table. */
  readonly compressed: boolean;
  /** Random groups. */
  readonly groups: boolean;
  readonly offset: number;
  readonly dataOffset: number;
  readonly dataBytes: number;
  readonly bitpix: number;
  /** NAXIS1, NAXIS2, … */
  readonly axes: readonly number[];
  readonly pcount: number;
  /** TFIELDS, at most 999. */
  readonly tfields: number;
  /** All records before END. */
  readonly records: readonly HeaderRecord[];
  /** Those behind NAXISn, by keyword, without commentary. */
  readonly keywords: ReadonlyMap<string, readonly HeaderRecord[]>;
  /** Those behind NAXISn whose name is letters and then begins with a digit, by the letters. */
  readonly numbered: ReadonlyMap<string, readonly Numbered[]>;
}

/** A keyword with an index, such as TFORM12 or PC1_2A. */
export interface Numbered {
  readonly record: HeaderRecord;
  readonly n: number;
  /** What follows the index. */
  readonly rest: string;
}

export interface Checking {
  readonly unit: Unit;
  readonly report: Report;
}

export const placeOf = (unit: { readonly index: number }, record: HeaderRecord) => ({
  hdu: unit.index,
  keyword: record.keyword,
  offset: record.offset,
});

export const first = (unit: Unit, keyword: string): HeaderRecord | undefined =>
  unit.keywords.get(keyword)?.[0];

/** Integer value of the first keyword of this name, if it is one. */
export function integerOf(unit: Unit, keyword: string): number | undefined {
  const record = first(unit, keyword);
  return record?.type === 'integer' ? Number(record.value) : undefined;
}

export function stringOf(unit: Unit, keyword: string): string | undefined {
  const record = first(unit, keyword);
  return record?.type === 'string' ? record.value : undefined;
}

const COMMENTARY = new Set(['', 'COMMENT', 'HISTORY', 'HIERARCH', 'CONTINUE']);

export function indexKeywords(
  records: readonly HeaderRecord[],
  from: number,
): Pick<Unit, 'keywords' | 'numbered'> {
  const keywords = new Map<string, HeaderRecord[]>();
  const numbered = new Map<string, Numbered[]>();
  for (const record of records.slice(from)) {
    if (COMMENTARY.has(record.keyword)) continue;
    push(keywords, record.keyword, record);
    const match = /^([A-Z]+)(\d+)(.*)$/.exec(record.keyword);
    if (match) push(numbered, match[1] ?? '', { record, n: Number(match[2]), rest: match[3] ?? '' });
  }
  return { keywords, numbered };
}

function push<T>(map: Map<string, T[]>, key: string, value: T): void {
  const list = map.get(key);
  if (list) list.push(value);
  else map.set(key, [value]);
}

export type Expected = 'string' | 'integer' | 'number' | 'logical';

const NAMES: Readonly<Record<Expected, string>> = {
  string: 'a string',
  integer: 'an integer',
  number: 'a number',
  logical: 'T or F',
};

/** Whether a keyword has a value of the type it must have; if not, that is an error. */
export function hasType({ unit, report }: Checking, record: HeaderRecord, expected: Expected): boolean {
  const { type } = record;
  if (type === expected || (expected === 'number' && (type === 'integer' || type === 'real'))) return true;
  const found =
    type === 'null' || type === 'commentary' ? 'no value' : `${type} ${record.value.slice(0, 40)}`;
  report.error('reserved', placeOf(unit, record), `found ${found}, expected ${NAMES[expected]}`);
  return false;
}
