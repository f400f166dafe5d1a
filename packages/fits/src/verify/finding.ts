/** What kind of rule a finding is about. */
export type Check =
  | 'file' // not FITS, cut short, bytes behind the last HDU, END missing
  | 'mandatory' // a mandatory keyword is absent, out of order or has an illegal value
  | 'format' // a mandatory keyword is not in fixed format, END or the fill of a header is not blank
  | 'syntax' // keyword names, value fields, the slash before a comment
  | 'characters' // bytes that have no place in a header
  | 'reserved' // a reserved keyword with a value of the wrong type or out of range
  | 'misplaced' // a keyword that this kind of HDU must not have
  | 'index' // an index beyond NAXIS, WCSAXES, TFIELDS or PCOUNT
  | 'duplicate' // keywords, column names, or extensions that are alike
  | 'deprecated' // keywords and date formats that are no longer to be written
  | 'column' // TTYPE, TFORM, TDIM, TNULL, TSCAL … of a table
  | 'wcs' // coordinate keywords that contradict each other
  | 'fill' // padding of the data unit
  | 'checksum' // DATASUM or CHECKSUM do not agree
  | 'data' // cells of a table that hold illegal values
  | 'heap' // variable-length cells outside the heap or longer than declared
  | 'convention' // long strings, HIERARCH
  | 'limit'; // the check stopped here

/** A rule that a file breaks. */
export interface Finding {
  readonly check: Check;
  /** Index of the HDU, 0 = primary; absent where the file as a whole is meant. */
  readonly hdu?: number;
  readonly keyword?: string;
  /** Byte in the file (of a gzip'ed file: in what it holds) that the finding is about. */
  readonly offset: number;
  readonly message: string;
}

export interface Place {
  readonly hdu?: number;
  readonly keyword?: string;
  readonly offset: number;
}

/** Findings are collected up to a limit, then the check stops: no input makes a report without end. */
export class Report {
  readonly errors: Finding[] = [];
  readonly warnings: Finding[] = [];
  readonly #limit: number;

  constructor(limit: number) {
    this.#limit = limit;
  }

  get full(): boolean {
    return this.errors.length + this.warnings.length >= this.#limit;
  }

  error(check: Check, place: Place, message: string): void {
    if (!this.full) this.errors.push(finding(check, place, message));
  }

  warning(check: Check, place: Place, message: string): void {
    if (!this.full) this.warnings.push(finding(check, place, message));
  }
}

function finding(check: Check, { hdu, keyword, offset }: Place, message: string): Finding {
  return {
    check,
    ...(hdu !== undefined && { hdu }),
    ...(keyword !== undefined && keyword !== '' && { keyword }),
    offset,
    message,
  };
}

/** Text of a file as it may stand in a message. */
export function shown(text: string): string {
  const short = text.length > 60 ? `${text.slice(0, 60)}…` : text;
  return JSON.stringify(short).replace(/[\x7f-\xff]/g, (c) => `\\x${c.charCodeAt(0).toString(16)}`);
}
