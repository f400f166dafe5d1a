import { FitsError, type FitsPlace } from './errors.ts';
import type { GrowingSource } from './gunzip.ts';
import { BLOCK, Header, isEnd } from './header.ts';
import { type ByteSource, sliceBytes } from './source.ts';

export type HduKind = 'image' | 'bintable' | 'table' | 'groups' | 'compressed' | 'unknown';

export interface PixelFormat {
  readonly bitpix: 8 | 16 | 32 | 64 | -32 | -64;
  readonly bscale: number;
  readonly bzero: number;
  readonly blank?: number | bigint;
}

export interface Hdu {
  readonly index: number;
  readonly kind: HduKind;
  /** EXTNAME in upper case; 'PRIMARY' for a primary HDU without one, '' for an extension without one. */
  readonly name: string;
  /** EXTVER, 1 if absent. */
  readonly version: number;
  readonly header: Header;
  readonly headerOffset: number;
  readonly dataOffset: number;
  /** Without padding. */
  readonly dataBytes: number;
  /** Slowest axis first; [] = no data. Of a compressed image that of the image, of random groups that of one array. */
  readonly shape: readonly number[];
  /** Plain images only. */
  readonly pixels?: PixelFormat;
}

/** Bounds that no sane file meets and no damaged or hostile one may pass. */
const MAX_HEADER_BYTES = 4000 * BLOCK;
const MAX_HDUS = 20_000;
const MAX_AXES = 999;
const FIRST_READ = 10 * BLOCK;

const XTENSIONS: Readonly<Record<string, HduKind>> = {
  IMAGE: 'image',
  IUEIMAGE: 'image',
  BINTABLE: 'bintable',
  A3DTABLE: 'bintable',
  TABLE: 'table',
};

/** List the HDUs of a source, reading headers only (and unpacking up to the last of them). */
export async function scanHdus(source: ByteSource | GrowingSource, file: string | undefined): Promise<Hdu[]> {
  const hdus: Hdu[] = [];
  const reach = async (end: number) => {
    if ('reach' in source) await source.reach(end);
  };
  let offset = 0;
  for (;;) {
    await reach(offset + FIRST_READ);
    if (offset >= source.byteLength) break;
    const index = hdus.length;
    const place: FitsPlace = { file, hdu: index, offset };
    if (index >= MAX_HDUS) {
      throw new FitsError('TOO_MANY_HDUS', `more than ${MAX_HDUS} HDUs; expected a file of a few`, place);
    }
    const bytes = await readHeader(source, reach, offset, index, place);
    if (bytes === undefined) break;
    const hdu = describe(Header.parse(bytes, place), index, offset, offset + bytes.length, place);
    await reach(hdu.dataOffset + hdu.dataBytes);
    checkLength(hdu, source, place);
    hdus.push(hdu);
    offset = hdu.dataOffset + Math.ceil(hdu.dataBytes / BLOCK) * BLOCK;
  }
  if (hdus.length === 0) throw new FitsError('NOT_FITS', 'the file is empty', { file, offset: 0 });
  return hdus;
}

/** Header bytes, END and padding included; undefined where something other than an extension follows the last HDU. */
async function readHeader(
  source: ByteSource,
  reach: (end: number) => Promise<void>,
  offset: number,
  index: number,
  place: FitsPlace,
): Promise<Uint8Array | undefined> {
  let checked = 0;
  for (let wanted = FIRST_READ; ; wanted *= 4) {
    await reach(offset + Math.min(wanted, MAX_HEADER_BYTES) + 1);
    const available = Math.min(source.byteLength - offset, MAX_HEADER_BYTES);
    const length = Math.min(wanted, available);
    const bytes = await sliceBytes(source, offset, offset + length, place);
    if (checked === 0) {
      const magic = ascii(bytes, 0, 9);
      if (index === 0 && magic !== 'SIMPLE  =') {
        const shown = JSON.stringify(magic);
        throw new FitsError(
          'NOT_FITS',
          `found ${shown}, expected a file that starts with "SIMPLE  ="`,
          place,
        );
      }
      if (index > 0 && magic !== 'XTENSION=') {
        // Foreign bytes behind the last HDU are none of ours; what looks like a header is a damaged extension.
        if (!/^[A-Z0-9_-]+ *=$/.test(magic)) return undefined;
        const text = `found "${magic}", expected "XTENSION=" here, where the next HDU begins; the file is damaged`;
        throw new FitsError('KEYWORD_MISSING', text, { ...place, keyword: 'XTENSION' });
      }
    }
    for (; checked + 80 <= length; checked += 80) {
      if (bytes[checked] === 0x45 && isEnd(ascii(bytes, checked, checked + 10))) {
        return bytes.subarray(0, Math.min(Math.ceil((checked + 80) / BLOCK) * BLOCK, length));
      }
    }
    if (length < available) continue;
    if (available === MAX_HEADER_BYTES) {
      const text = `no END card within ${MAX_HEADER_BYTES} bytes; this is no FITS header`;
      throw new FitsError('HEADER_TOO_LONG', text, place);
    }
    const text = `the file ends after ${available} bytes of header without an END card; it is cut short`;
    throw new FitsError('HEADER_NO_END', text, { ...place, offset: source.byteLength });
  }
}

function describe(
  header: Header,
  index: number,
  headerOffset: number,
  dataOffset: number,
  place: FitsPlace,
): Hdu {
  const kind = kindOf(header, index);
  const bitpix = needInteger(header, 'BITPIX', place);
  if (![8, 16, 32, 64, -32, -64].includes(bitpix)) {
    throw illegal('BITPIX', bitpix, '8, 16, 32, 64, -32 or -64', place);
  }
  const axes = readAxes(header, place);
  const extra = index > 0 || kind === 'groups';
  const pcount = extra ? (optionalCount(header, 'PCOUNT', place) ?? 0) : 0;
  const gcount = extra ? (optionalCount(header, 'GCOUNT', place) ?? 1) : 1;
  if (['image', 'bintable', 'table', 'compressed'].includes(kind) && gcount !== 1) {
    throw illegal('GCOUNT', gcount, '1', place);
  }
  const shape = (kind === 'groups' ? axes.slice(1) : axes).reverse();
  const dataBytes = unitBytes(bitpix, shape, pcount, gcount);
  const tiled = kind === 'compressed' ? tiledShape(header) : undefined;
  const pixels = kind === 'image' ? pixelFormat(header, bitpix as PixelFormat['bitpix']) : undefined;
  return {
    index,
    kind,
    name: nameOf(header, index),
    version: versionOf(header),
    header,
    headerOffset,
    dataOffset,
    dataBytes,
    shape: tiled ?? shape,
    ...(pixels && { pixels }),
  };
}

function checkLength(
  { dataOffset, dataBytes, shape, header }: Hdu,
  { byteLength }: ByteSource,
  place: FitsPlace,
): void {
  if (dataBytes <= byteLength - dataOffset) return;
  const what = `BITPIX ${header.get('BITPIX')}, shape [${shape.slice(0, 9)}], PCOUNT ${header.get('PCOUNT') ?? 0}`;
  const text =
    `the header claims ${dataBytes} bytes of data (${what}), the file holds ` +
    `${Math.max(0, byteLength - dataOffset)}; it is cut short or the header is damaged`;
  throw new FitsError('DATA_TRUNCATED', text, { ...place, offset: dataOffset });
}

function kindOf(header: Header, index: number): HduKind {
  if (index === 0) {
    if (header.get('SIMPLE') !== true) return 'unknown';
    return is(header, 'GROUPS') && header.get('NAXIS1') === 0 ? 'groups' : 'image';
  }
  const xtension = header.get('XTENSION');
  const kind = XTENSIONS[typeof xtension === 'string' ? xtension : ''] ?? 'unknown';
  return kind === 'bintable' && (is(header, 'ZIMAGE') || is(header, 'ZTABLE')) ? 'compressed' : kind;
}

const is = (header: Header, keyword: string) => header.has(keyword) && lenient(header, keyword) === true;

function readAxes(header: Header, place: FitsPlace): number[] {
  const naxis = needInteger(header, 'NAXIS', place);
  if (naxis < 0 || naxis > MAX_AXES) throw illegal('NAXIS', naxis, `0 to ${MAX_AXES}`, place);
  return Array.from({ length: naxis }, (_, i) => {
    const length = needInteger(header, `NAXIS${i + 1}`, place);
    if (length < 0) throw illegal(`NAXIS${i + 1}`, length, '0 or more', place);
    return length;
  });
}

/** Size of a data unit by the standard's formula; an overflow gives Infinity, which no file satisfies. */
function unitBytes(bitpix: number, shape: readonly number[], pcount: number, gcount: number): number {
  let elements = shape.length === 0 || shape.includes(0) ? 0 : 1;
  for (const length of shape) elements *= length;
  if (Number.isNaN(elements)) elements = 0;
  if (shape.length === 0 || gcount === 0) return 0;
  const bytes = (Math.abs(bitpix) / 8) * gcount * (pcount + elements);
  return Number.isSafeInteger(bytes) ? bytes : Number.POSITIVE_INFINITY;
}

export function pixelFormat(header: Header, bitpix: PixelFormat['bitpix']): PixelFormat {
  const blank = bitpix > 0 ? lenient(header, 'BLANK') : undefined;
  const exact =
    typeof blank === 'bigint' || Number.isSafeInteger(blank) ? (blank as number | bigint) : undefined;
  return {
    bitpix,
    bscale: header.number('BSCALE') ?? 1,
    bzero: header.number('BZERO') ?? 0,
    ...(exact !== undefined && { blank: exact }),
  };
}

/** What a compressed image unpacks to; undefined if its keywords do not say. */
function tiledShape(header: Header): number[] | undefined {
  const naxis = is(header, 'ZIMAGE') ? lenient(header, 'ZNAXIS') : undefined;
  if (!Number.isInteger(naxis) || (naxis as number) < 0 || (naxis as number) > MAX_AXES) return undefined;
  const axes = Array.from({ length: naxis as number }, (_, i) => lenient(header, `ZNAXIS${i + 1}`));
  return axes.every((n) => Number.isSafeInteger(n) && (n as number) >= 0)
    ? (axes.reverse() as number[])
    : undefined;
}

function nameOf(header: Header, index: number): string {
  const name = lenient(header, 'EXTNAME');
  if (typeof name === 'string') return name.trim().toUpperCase();
  return index === 0 ? 'PRIMARY' : '';
}

function versionOf(header: Header): number {
  const version = lenient(header, 'EXTVER');
  return Number.isSafeInteger(version) ? (version as number) : 1;
}

/** The value of a keyword that only labels the HDU: unreadable counts as absent. */
function lenient(header: Header, keyword: string): unknown {
  try {
    return header.get(keyword);
  } catch {
    return undefined;
  }
}

function needInteger(header: Header, keyword: string, place: FitsPlace): number {
  const value = header.integer(keyword);
  if (value !== undefined) return value;
  throw new FitsError('KEYWORD_MISSING', 'the keyword is absent or has no value; every HDU needs it', {
    ...place,
    keyword,
  });
}

function optionalCount(header: Header, keyword: string, place: FitsPlace): number | undefined {
  const count = header.integer(keyword);
  if (count !== undefined && count < 0) throw illegal(keyword, count, '0 or more', place);
  return count;
}

function illegal(keyword: string, found: number, expected: string, place: FitsPlace): FitsError {
  return new FitsError('KEYWORD_VALUE', `found ${found}, expected ${expected}`, { ...place, keyword });
}

function ascii(bytes: Uint8Array, start: number, end: number): string {
  return String.fromCharCode(...bytes.subarray(start, end));
}
