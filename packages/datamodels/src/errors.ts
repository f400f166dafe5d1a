/** Every error of this room: its code, what it says, what to do about it. */

const REMEDY = {
  HDU_MISSING: 'Give a file that holds it, or name the extension as the data contract does.',
  SHAPE_MISMATCH: 'Give data of one size, or subarray keywords that say where the frame lies.',
  OUT_OF_BOUNDS: 'Correct the subarray keywords, or give a reference that covers the subarray.',
  UNITS_MISMATCH: 'Correct BUNIT, or convert the data first.',
  KEYWORD_MISSING: 'Add the keyword to the header.',
  KEYWORD_INVALID: 'Correct the keyword.',
  DTYPE_UNSUPPORTED: 'Convert the data to one of the expected types.',
  PACKED: 'Unpack it first: drs fits decompress FILE -o PLAIN.fits.',
  AMBIGUOUS: 'Say which one is meant.',
  FLAG_UNKNOWN: 'Use the names of the DQ table, numbers, and + , | ~ between them.',
  LAYOUT_UNKNOWN: 'See the list of layouts that openRamp reads.',
  READ_REPEATED: 'Remove one of the two files, or correct RAMP_NO and READ_NO.',
  SUFFIX_UNKNOWN: 'Use a suffix of the product table.',
} as const;

export type DataModelErrorCode = keyof typeof REMEDY;

/** What was found where, and what was expected there. */
export interface DataModelErrorDetail {
  readonly file?: string | undefined;
  /** Name of the HDU, with its EXTVER when that matters: `SCI` or `SCI,2`. */
  readonly hdu?: string | undefined;
  readonly keyword?: string | undefined;
  readonly found: string;
  readonly expected: string;
  readonly cause?: unknown;
}

/** A frame or reference that does not keep the data contract. All of these are permanent: a retry won't help. */
export class DataModelError extends Error {
  override readonly name = 'DataModelError';
  readonly code: DataModelErrorCode;
  readonly file?: string;
  readonly hdu?: string;
  readonly keyword?: string;
  readonly found: string;
  readonly expected: string;

  constructor(code: DataModelErrorCode, detail: DataModelErrorDetail) {
    const { file, hdu, keyword, found, expected } = detail;
    const place = `${file ?? ''}${hdu ? `[${hdu}]` : ''}${keyword ? ` ${keyword}` : ''}`.trim();
    super(
      `${place}${place ? ': ' : ''}found ${found}, expected ${expected}. ${REMEDY[code]}`,
      detail.cause === undefined ? undefined : { cause: detail.cause },
    );
    this.code = code;
    if (file !== undefined) this.file = file;
    if (hdu !== undefined) this.hdu = hdu;
    if (keyword !== undefined) this.keyword = keyword;
    this.found = found;
    this.expected = expected;
  }
}
