import type { Header, HeaderEntry } from './header.ts';
import type { Dtype, Pixels } from './pixels.ts';
import type { ColumnData } from './table.ts';

/** An image to write. In a plan the data may come later; then `dtype` says what they will be. */
export interface ImageHdu {
  readonly kind: 'image';
  readonly name?: string;
  readonly version?: number;
  /** Further keywords. Those that describe the data layout are made anew, the others are written verbatim. */
  readonly header?: Header;
  /** Slowest axis first; [] = no data. */
  readonly shape: readonly number[];
  readonly data?: Pixels;
  readonly dtype?: Dtype;
  /** The data are stored numbers, as `readImage(…, { raw: true })` gives them: BSCALE, BZERO and BLANK of `header` hold. */
  readonly raw?: boolean;
}

/** A column to write; a `Column` that was read is one. */
export interface ColumnInit {
  readonly name: string;
  /** Row after row: `repeat` elements each, two times as many for complex numbers. */
  readonly data: ColumnData;
  /**
   * Only tells what the data do not: X (bits), C or M (complex), A (for a column of no strings),
   * P or Q (variable length; with strings, which need no offsets, it is what asks for it).
   */
  readonly format?: string;
  readonly unit?: string;
  readonly comment?: string;
  /** Elements a row; default: the product of `shape`, or 1. */
  readonly repeat?: number;
  /** Shape of one cell, slowest axis first. */
  readonly shape?: readonly number[];
  /** The integer that stands for "undefined". */
  readonly nullValue?: number | bigint;
  /** Makes a variable-length column: row r is `data` from offsets[r] to offsets[r + 1]. */
  readonly offsets?: ArrayLike<number>;
}

/** A binary table to write. */
export interface TableHdu {
  readonly kind: 'bintable';
  readonly name?: string;
  readonly version?: number;
  /** Further keywords, as in `ImageHdu`. */
  readonly header?: Header;
  readonly columns: readonly ColumnInit[];
}

/** An image packed by `compressImage`: a table with one tile a row. */
export interface CompressedHdu {
  readonly kind: 'compressed';
  readonly name?: string;
  readonly version?: number;
  readonly header?: Header;
  readonly columns: readonly ColumnInit[];
  /** The keywords of the compression, ZIMAGE to ZVALn. */
  readonly tiling: readonly HeaderEntry[];
}

export type HduInit = ImageHdu | TableHdu | CompressedHdu;
