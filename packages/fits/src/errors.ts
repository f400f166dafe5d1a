/** Every way this room fails. The text beside a code says when it is thrown. */
export type FitsErrorCode =
  // opening
  | 'NOT_FITS' // the first bytes are not `SIMPLE  =`
  | 'HEADER_NO_END' // the file ends before an END card
  | 'HEADER_TOO_LONG' // no END within the limit of a sane header
  | 'HEADER_BAD_KEYWORD' // the keyword field of a card holds bytes that are not printable ASCII
  | 'TOO_MANY_HDUS' // more HDUs than the scanner is willing to list
  | 'KEYWORD_MISSING' // a keyword that the structure needs is absent
  | 'KEYWORD_VALUE' // a structural keyword holds an illegal value
  | 'DATA_TRUNCATED' // a header claims more data than the file holds
  // asking
  | 'CARD_UNPARSABLE' // the value field of a card follows none of the FITS value syntaxes
  | 'KEYWORD_TYPE' // a typed getter met a value of another type
  | 'HDU_MISSING' // no HDU of that name, version or index
  | 'HDU_KIND' // an image was asked of a table, or the other way round
  | 'SECTION_RANGE' // rows outside the image
  | 'BUFFER_SIZE' // the caller's buffer is too small for the image
  | 'TABLE_LAYOUT' // columns and row length contradict each other
  | 'HEAP_RANGE' // a variable-length cell lies outside the heap, or cells overlap beyond measure
  | 'FIELD_VALUE' // a field of an ASCII table holds something other than its format says
  | 'TILE_LAYOUT' // the tiles of a compressed image contradict its size
  | 'COMPRESSED_DATA' // compressed bytes do not unpack to what they should
  | 'TOO_LARGE' // data would unpack to more than they can, or may
  | 'UNSUPPORTED' // legal FITS that this version does not decode
  | 'FILE_CLOSED' // read after close()
  | 'HTTP' // a server that does not answer ranges of bytes as asked
  // writing
  | 'WRITE_KEYWORD' // a keyword that FITS cannot spell
  | 'WRITE_VALUE' // a value that FITS cannot hold (NaN, non-ASCII text, too long)
  | 'WRITE_SHAPE' // shape and data contradict each other
  | 'WRITE_COLUMN' // a table column that cannot be laid out
  | 'HEADER_FULL' // an edited header that does not fit where the old one stands
  | 'EDIT_STRUCTURE'; // an edit in place that would change where the data lie or what they mean

/** Where an error happened, as far as it is known. */
export interface FitsPlace {
  readonly file?: string | undefined;
  /** Index of the HDU, 0 = primary. */
  readonly hdu?: number | undefined;
  readonly keyword?: string | undefined;
  /** Byte offset in the file. */
  readonly offset?: number | undefined;
}

/** The only error type this room throws about FITS content; operating-system errors pass through as they are. */
export class FitsError extends Error {
  override readonly name = 'FitsError';
  readonly code: FitsErrorCode;
  declare readonly file?: string;
  declare readonly hdu?: number;
  declare readonly keyword?: string;
  declare readonly offset?: number;

  constructor(code: FitsErrorCode, text: string, place: FitsPlace = {}, cause?: unknown) {
    super(`${describe(place)}${text}`, cause === undefined ? undefined : { cause });
    this.code = code;
    if (place.file !== undefined) this.file = place.file;
    if (place.hdu !== undefined) this.hdu = place.hdu;
    if (place.keyword !== undefined) this.keyword = place.keyword;
    if (place.offset !== undefined) this.offset = place.offset;
  }
}

function describe({ file, hdu, keyword, offset }: FitsPlace): string {
  const parts: string[] = [];
  if (file !== undefined) parts.push(file);
  if (hdu !== undefined) parts.push(`HDU ${hdu}`);
  if (keyword !== undefined) parts.push(keyword);
  if (offset !== undefined) parts.push(`byte ${offset}`);
  return parts.length > 0 ? `${parts.join(', ')}: ` : '';
}
