/** What a reference file of one type must be: data, which `certifyReference` reads. */
export interface ReferenceRule {
  /** As rules of CRDS call it, lower case. */
  readonly type: string;
  readonly title: string;
  /** CRDS parameters by which a new .rmap chooses among files of the type. */
  readonly chosenBy: readonly string[];
  /** Keywords besides those of all references. */
  readonly keywords?: readonly KeywordRule[];
  /** Extensions; a file of metadata has none. */
  readonly extensions?: readonly ExtensionRule[];
  /** What REFTYPE of such a file may say instead, lower case. */
  readonly otherNames?: readonly string[];
}

export interface KeywordRule {
  readonly keyword: string;
  /** What it means to lack it; absent: nothing. */
  readonly missing?: 'error' | 'warning';
  readonly type: 'text' | 'number' | 'integer' | 'logical' | 'date';
  /** The only values there are, upper case; one that has `|` is a list of them. */
  readonly values?: readonly string[];
  /** Lowest value of a number, and whether it is one itself. */
  readonly above?: number;
  readonly atLeast?: number;
  /** A value outside `values` is worth a warning only. */
  readonly lenient?: boolean;
}

export interface ExtensionRule {
  /** Names under which it may stand, ours first; the first one that exists counts. `PRIMARY` is the first HDU. */
  readonly names: readonly string[];
  readonly kind: 'image' | 'table';
  readonly missing?: 'error' | 'warning';
  /** Of an image: how many axes it may have. */
  readonly axes?: readonly number[];
  /** Of an image: what its pixels are. */
  readonly pixels?: 'real' | 'integer';
  /** Of an image: it has rows and columns as many as the main image. */
  readonly likeMain?: boolean;
  /** BUNIT, if there is one. */
  readonly units?: readonly string[];
  readonly columns?: readonly ColumnRule[];
  readonly checks?: readonly PixelCheck[];
}

export interface ColumnRule {
  readonly name: string;
  readonly type: 'text' | 'number';
  readonly missing?: 'error' | 'warning';
}

/** What the pixels of an image must be like. Those that are not finite, or flagged in DQ, count only for `finite`. */
export type PixelCheck =
  /** At least this share is finite. */
  | { readonly check: 'finite'; readonly share: number; readonly severity?: Severity }
  /** Every pixel lies here. */
  | {
      readonly check: 'range';
      readonly above?: number;
      readonly atLeast?: number;
      readonly atMost?: number;
      readonly severity?: Severity;
    }
  /** The median lies here. */
  | { readonly check: 'median'; readonly from: number; readonly to: number; readonly severity?: Severity }
  /** Not every pixel has the same value. */
  | { readonly check: 'varies'; readonly severity?: Severity }
  /** At most this share has a flag. */
  | { readonly check: 'flagged'; readonly share: number; readonly severity?: Severity };

export type Severity = 'error' | 'warning';

/** One fault of a file. */
export interface CertifyFinding {
  readonly severity: Severity;
  readonly file: string;
  readonly message: string;
  /** EXTNAME or number of the HDU. */
  readonly hdu?: string;
  readonly keyword?: string;
  readonly column?: string;
  /** Line of a mapping, 1-based. */
  readonly line?: number;
  readonly found?: string;
  readonly expected?: string;
}
