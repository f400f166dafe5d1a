/** Looking keywords up in several headers at once, and headers made ready for writing. */
import { Header } from '@iris-drs/fits';

/** First number that one of the headers holds under one of the keywords; values of other types are passed over. */
export function number(headers: readonly Header[], ...keywords: readonly string[]): number | undefined {
  for (const keyword of keywords) {
    for (const header of headers) {
      const value = header.get(keyword);
      if (typeof value === 'number' && Number.isFinite(value)) return value;
      if (typeof value === 'bigint') return Number(value);
    }
  }
  return undefined;
}

/** First non-empty text, trimmed. */
export function text(headers: readonly Header[], ...keywords: readonly string[]): string | undefined {
  for (const keyword of keywords) {
    for (const header of headers) {
      const value = header.get(keyword);
      if (typeof value === 'string' && value.trim() !== '') return value.trim();
    }
  }
  return undefined;
}

const STRUCTURE =
  /^(SIMPLE|XTENSION|BITPIX|NAXIS\d*|EXTEND|PCOUNT|GCOUNT|GROUPS|BSCALE|BZERO|BLANK|DATAMIN|DATAMAX|EXTNAME|EXTVER|BUNIT|DATASUM|CHECKSUM|END)$/;
/** Of a tile-compressed image: the table that it is in the file. */
const TILES =
  /^(TFIELDS|THEAP|(TTYPE|TFORM|TUNIT|TSCAL|TZERO|TNULL|TDIM)\d+|Z(IMAGE|BITPIX|NAXIS\d*|CMPTYPE|TILE\d+|NAME\d+|VAL\d+|MASKCMP|QUANTIZ|DITHER0|SCALE|ZERO|BLANK|SIMPLE|TENSION|EXTEND|PCOUNT|GCOUNT|HECKSUM|DATASUM))$/;
const COORDINATES =
  /^(WCSAXES|WCSNAME|CRPIX\d|CRVAL\d|CTYPE\d|CUNIT\d|CDELT\d|CROTA\d|PC\d_\d|CD\d_\d|PV\d_\d+|LONPOLE|LATPOLE|RADESYS|RADECSYS|EQUINOX|A_\w+|B_\w+|AP_\w+|BP_\w+)$/;

/** A copy without the cards that describe the data unit it came from; everything else stays byte for byte. */
export function contentOf(header: Header): Header {
  const copy = header.clone();
  const tiled = copy.get('ZIMAGE') === true;
  for (const keyword of new Set(copy.keywords()))
    if (STRUCTURE.test(keyword) || (tiled && TILES.test(keyword))) copy.delete(keyword);
  return copy;
}

const FRAME = /^(RADESYS|RADECSYS|EQUINOX)$/;

/**
 * The world coordinates of a primary HDU that held an image, for the SCI extension its pixels go to; and what
 * stays, as a header without an image has no axes to describe.
 */
export function splitCoordinates(header: Header): { readonly primary: Header; readonly sci: Header } {
  const primary = contentOf(header);
  const cards = primary.cards.filter((card) => COORDINATES.test(card.keyword) && card.value !== undefined);
  for (const { keyword } of cards) if (!FRAME.test(keyword)) primary.delete(keyword);
  return {
    primary,
    sci: Header.from(cards.map((card) => [card.keyword, card.value ?? null, card.comment] as const)),
  };
}

const PER_READ = /^(READ_NO|RAMP_NO|READTIME|RST_TIME|COMPLETE)$/;
const BEYOND_PLANE = /^(WCSAXES|(CRPIX|CRVAL|CTYPE|CUNIT|CDELT|CROTA)[3-9]|(PC|CD|PV)([3-9]_\d+|\d_[3-9]))$/;

/** Headers of a file of reads as a 2-D frame made from them may carry them: nothing of single reads, two axes. */
export function frameHeaders(
  primary: Header,
  sci: Header,
): { readonly primary: Header; readonly sci: Header } {
  const own =
    primary === sci ? splitCoordinates(primary) : { primary: contentOf(primary), sci: contentOf(sci) };
  for (const header of [own.primary, own.sci]) {
    for (const keyword of new Set(header.keywords())) {
      if (PER_READ.test(keyword) || (header === own.sci && BEYOND_PLANE.test(keyword)))
        header.delete(keyword);
    }
  }
  return own;
}
