import type { FitsValue } from '../value.ts';

/** What stands in the first file and in the second. */
export type Pair<T> = readonly [a: T, b: T];

/** The n-th card (from 0) of a keyword differs. */
export interface CardDifference<T> {
  readonly keyword: string;
  readonly occurrence: number;
  readonly a: T;
  readonly b: T;
}

export interface HeaderDiff {
  /** Numbers of cards, where they differ; ignored keywords and blank cards do not count. */
  readonly cards?: Pair<number>;
  readonly onlyInA: readonly string[];
  readonly onlyInB: readonly string[];
  /** Keywords that both have, but not equally often. */
  readonly counts: readonly { readonly keyword: string; readonly counts: Pair<number> }[];
  readonly values: readonly CardDifference<FitsValue>[];
  readonly comments: readonly CardDifference<string>[];
}

/** Pixels of two images, or bytes of two data units of no known kind. */
export interface ImageDiff {
  readonly kind: 'image' | 'bytes';
  /** Slowest axis first; where they differ nothing else is compared. */
  readonly shapes?: Pair<readonly number[]>;
  /** Pixels that differ. */
  readonly total: number;
  /** Of all. */
  readonly ratio: number;
  /** The first of them; `index` 0-based, slowest axis first. */
  readonly first: readonly {
    readonly index: readonly number[];
    readonly a: number | bigint;
    readonly b: number | bigint;
  }[];
}

export interface TableDiff {
  readonly kind: 'table';
  readonly columns?: Pair<number>;
  /** Names of columns that the other table does not have in this format. */
  readonly onlyInA: readonly string[];
  readonly onlyInB: readonly string[];
  /** Where the numbers of rows differ no cells are compared. */
  readonly rows?: Pair<number>;
  /** TUNIT, TNULL, TSCAL, TZERO, TDISP, TBCOL, TDIM of columns that both have. */
  readonly attributes: readonly {
    readonly column: string;
    readonly keyword: string;
    readonly a: FitsValue | undefined;
    readonly b: FitsValue | undefined;
  }[];
  /** Cells that differ. */
  readonly total: number;
  readonly ratio: number;
  /** The first of them, column by column; `row` is 0-based. */
  readonly first: readonly {
    readonly column: string;
    readonly row: number;
    readonly a: unknown;
    readonly b: unknown;
  }[];
}

export interface HduDiff {
  readonly index: number;
  /** As in the first file. */
  readonly name: string;
  readonly names?: Pair<string>;
  readonly versions?: Pair<number>;
  readonly levels?: Pair<number>;
  readonly kinds?: Pair<string>;
  readonly header?: HeaderDiff;
  readonly data?: ImageDiff | TableDiff;
}

export interface FitsDiff {
  readonly identical: boolean;
  /** Numbers of HDUs, where they differ; those that both have are compared. */
  readonly hduCount?: Pair<number>;
  /** HDUs that differ. */
  readonly hdus: readonly HduDiff[];
}

export interface DiffOptions {
  /** Keywords, in any case; `*`, `?` and `[abc]` stand for what they do in a shell. */
  readonly ignoreKeywords?: readonly string[];
  /** Keywords whose comments do not count; patterns too. */
  readonly ignoreComments?: readonly string[];
  /** EXTNAMEs of HDUs that are left out; patterns too. */
  readonly ignoreHdus?: readonly string[];
  /** Names of columns; patterns too. */
  readonly ignoreColumns?: readonly string[];
  /** Reals are different when |a − b| > atol + rtol·|b|; default 0. */
  readonly rtol?: number;
  readonly atol?: number;
  /** Pixels and cells that are named of each HDU; all are counted. Default 10. */
  readonly maxDifferences?: number;
}
