import { canonical } from './card.ts';
import { columnEntries, planTable } from './column-write.ts';
import { FitsError } from './errors.ts';
import { formatCard } from './format.ts';
import { Header, type HeaderEntry } from './header.ts';
import type { CompressedHdu, HduInit, ImageHdu, TableHdu } from './init.ts';
import { dtypeOf, STORAGE, type Storage } from './pixels.ts';
import type { FitsValue } from './value.ts';

/** Keywords that describe how data lie in the file: always made from the data, never taken over. */
const STRUCTURE =
  /^(SIMPLE|XTENSION|BITPIX|NAXIS\d*|EXTEND|PCOUNT|GCOUNT|GROUPS|BSCALE|BZERO|CHECKSUM|DATASUM|THEAP|TFIELDS|(TTYPE|TFORM|TUNIT|TSCAL|TZERO|TNULL|TDIM|TDISP|TBCOL)\d+)$/;

/** The same of tile compression, in a header that came from a compressed HDU. */
const TILES =
  /^Z(IMAGE|TABLE|BITPIX|NAXIS\d*|CMPTYPE|TILE\d+|NAME\d+|VAL\d+|MASKCMP|QUANTIZ|DITHER0|SCALE|ZERO|BLANK|SIMPLE|TENSION|EXTEND|PCOUNT|GCOUNT|HECKSUM|DATASUM|FORM\d+|CTYP\d+|THEAP|TILELEN)$/;

/** Whether this keyword says where data lie, or of which type they are. */
export function describesLayout(keyword: string): boolean {
  const name = canonical(keyword);
  return (
    (STRUCTURE.test(name) &&
      !/^(EXTEND|BSCALE|BZERO|CHECKSUM|DATASUM|T(TYPE|UNIT|SCAL|ZERO|NULL|DISP)\d+)$/.test(name)) ||
    TILES.test(name)
  );
}

export interface Layout {
  /** Complete but for CHECKSUM and DATASUM. */
  readonly header: Header;
  readonly dataBytes: number;
}

/** Header and size of one HDU, before its data are looked at. */
export function layoutHdu(init: HduInit, index: number, count: number): Layout {
  return init.kind === 'image' ? layoutImage(init, index, count) : layoutTable(init, index);
}

/** The pixel type of an image to write. */
export function storageOf(init: ImageHdu): Storage {
  return STORAGE[init.data ? dtypeOf(init.data) : (init.dtype ?? 'uint8')];
}

function layoutImage(init: ImageHdu, index: number, count: number): Layout {
  const { shape } = init;
  const place = { hdu: index };
  const elements = shape.length === 0 ? 0 : shape.reduce((a, b) => a * b, 1);
  if (
    !shape.every((n) => Number.isSafeInteger(n) && n >= 0) ||
    !Number.isSafeInteger(elements) ||
    shape.length > 999
  ) {
    throw new FitsError('WRITE_SHAPE', `shape [${shape}]; expected up to 999 whole numbers`, place);
  }
  if (init.data && init.data.length !== elements) {
    const text = `${init.data.length} elements of data for shape [${shape}], expected ${elements}`;
    throw new FitsError('WRITE_SHAPE', text, place);
  }
  if (!init.data && elements > 0 && !init.dtype) {
    throw new FitsError('WRITE_SHAPE', `shape [${shape}] without data; a plan needs dtype`, place);
  }
  const storage = storageOf(init);
  const entries: HeaderEntry[] = [
    index === 0 ? ['SIMPLE', true, 'conforms to FITS standard'] : ['XTENSION', 'IMAGE', 'image extension'],
    ['BITPIX', storage.bitpix, 'array data type'],
    ['NAXIS', shape.length, 'number of array dimensions'],
    ...[...shape].reverse().map((n, i): HeaderEntry => [`NAXIS${i + 1}`, n]),
  ];
  if (index > 0) entries.push(['PCOUNT', 0, 'number of parameters'], ['GCOUNT', 1, 'number of groups']);
  else if (count > 1) entries.push(['EXTEND', true, 'extensions may follow']);
  if (storage.flip)
    entries.push(['BSCALE', 1, 'no scale'], ['BZERO', bzeroOf(storage), 'offset of unsigned integers']);
  if (init.raw) entries.push(...scalingOf(init));
  const drop = storage.bitpix < 0 || storage.flip || init.raw ? ['BLANK'] : [];
  return { header: compose(init, index, entries, drop), dataBytes: elements * storage.bytes };
}

function layoutTable(init: TableHdu | CompressedHdu, index: number): Layout {
  const { rows, rowBytes, columns, heapBytes } = planTable(init, { hdu: index });
  const entries: HeaderEntry[] = [
    ['XTENSION', 'BINTABLE', 'binary table extension'],
    ['BITPIX', 8, 'array data type'],
    ['NAXIS', 2, 'number of array dimensions'],
    ['NAXIS1', rowBytes, 'bytes in a row'],
    ['NAXIS2', rows, 'rows'],
    ['PCOUNT', heapBytes, heapBytes > 0 ? 'bytes of the heap' : 'number of parameters'],
    ['GCOUNT', 1, 'number of groups'],
    ['TFIELDS', columns.length, 'columns'],
    ...columns.flatMap((column, i) => columnEntries(column, i + 1)),
    ...(init.kind === 'compressed' ? init.tiling : []),
  ];
  const drop = init.kind === 'compressed' ? ['BLANK'] : [];
  return { header: compose(init, index, entries, drop), dataBytes: rows * rowBytes + heapBytes };
}

/** BSCALE, BZERO and BLANK as the header of stored numbers has them. */
export function scalingOf({ header }: ImageHdu): HeaderEntry[] {
  return ['BSCALE', 'BZERO', 'BLANK'].flatMap((keyword): HeaderEntry[] => {
    const value = header?.get(keyword);
    return value === undefined || value === null ? [] : [[keyword, value]];
  });
}

export function bzeroOf({ bzero }: Storage): FitsValue {
  return bzero > BigInt(Number.MAX_SAFE_INTEGER) ? bzero : Number(bzero);
}

/** Structure first, then name and version, then the caller's cards verbatim. */
function compose(
  init: HduInit,
  index: number,
  structure: readonly HeaderEntry[],
  drop: readonly string[],
): Header {
  const given = init.header ?? Header.from([]);
  const labels: HeaderEntry[] = [];
  if (init.name !== undefined && !(index === 0 && init.name === 'PRIMARY')) {
    labels.push(['EXTNAME', init.name, 'name of this HDU']);
  }
  if ('version' in init && init.version !== undefined)
    labels.push(['EXTVER', init.version, 'version of this HDU']);

  const tiled = given.has('ZIMAGE') || given.has('ZTABLE');
  const rest = given.filter((card) => {
    const keyword = canonical(card.keyword);
    return !(STRUCTURE.test(keyword) || (tiled && TILES.test(keyword)) || drop.includes(keyword));
  });
  const header = Header.from([]);
  for (const entry of structure) pushEntry(header, given, entry);
  const continues = rest.cards.some((card) => card.raw.length > 80) && !rest.has('LONGSTRN');
  if (continues) header.set('LONGSTRN', 'OGIP 1.0', 'long strings go on in CONTINUE');
  for (const entry of labels) {
    if (!rest.has(entry[0])) pushEntry(header, given, entry);
    else if (rest.get(entry[0]) !== entry[1]) rest.set(entry[0], entry[1]);
  }
  for (const card of rest.cards) header.push(card);
  return header;
}

/** A card of the caller's header that already says the same is kept with its comment. */
function pushEntry(header: Header, given: Header, [keyword, value, comment]: HeaderEntry): void {
  const old = given.cards.find((card) => card.keyword === keyword);
  if (old && old.value === value && old.raw.length === 80) header.push(old);
  else
    header.push(Header.parse(encode(`${formatCard(keyword, value, comment)}${'END'.padEnd(80)}`)).cards[0]!);
}

function encode(text: string): Uint8Array {
  return Uint8Array.from(text, (c) => c.charCodeAt(0));
}
