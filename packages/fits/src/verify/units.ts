import { BLOCK, isEnd } from '../header.ts';
import { type ByteSource, sliceBytes } from '../source.ts';
import { type Report, shown } from './finding.ts';
import { type HeaderRecord, parseRecord } from './record.ts';
import { indexKeywords, type Unit, type UnitType } from './unit.ts';

/** Bounds that no sane file meets. */
const MAX_HEADER_BYTES = 4000 * BLOCK;
const MAX_UNITS = 20_000;
const MAX_COLUMNS = 999;
const FIRST_READ = 10 * BLOCK;

/** A source whose length may grow while it is looked at, as a gzip'ed file does. */
export interface Reach extends ByteSource {
  reach?(end: number): Promise<void>;
}

/**
 * The HDUs of a source one after the other, each as soon as its header is read. Where the next HDU cannot be
 * found, an error says why, and there are no more.
 */
export async function* scanUnits(source: Reach, report: Report): AsyncGenerator<Unit> {
  for (let index = 0, offset = 0; !report.full; index++) {
    await source.reach?.(offset + FIRST_READ);
    if (index > 0 && offset >= source.byteLength) return;
    if (index >= MAX_UNITS) {
      report.error('limit', { offset }, `more than ${MAX_UNITS} HDUs; the rest is not looked at`);
      return;
    }
    const bytes = await readHeader(source, index, offset, report);
    if (!bytes) return;
    const unit = describe(bytes, index, offset, report);
    if (!unit) return;
    yield unit;
    offset = unit.dataOffset + Math.ceil(unit.dataBytes / BLOCK) * BLOCK;
  }
}

/** Header bytes with END and what fills the block. */
async function readHeader(
  source: Reach,
  index: number,
  offset: number,
  report: Report,
): Promise<Uint8Array | undefined> {
  const place = { hdu: index, offset };
  let checked = 0;
  for (let wanted = FIRST_READ; ; wanted *= 4) {
    await source.reach?.(offset + Math.min(wanted, MAX_HEADER_BYTES) + 1);
    const available = Math.min(source.byteLength - offset, MAX_HEADER_BYTES);
    const length = Math.min(wanted, available);
    const bytes = await sliceBytes(source, offset, offset + length, place);
    const text = (at: number, end: number) => String.fromCharCode(...bytes.subarray(at, end));
    if (checked === 0) {
      const start = text(0, Math.min(9, length));
      if (index === 0 && !start.startsWith('SIMPLE  =')) {
        report.error('file', place, `found ${shown(start)}, expected a file that starts with "SIMPLE  ="`);
        return undefined;
      }
      if (index > 0 && !start.startsWith('XTENSION')) {
        const found = `${source.byteLength - offset} bytes that begin with ${shown(start)}`;
        report.error('file', { offset }, `behind the last HDU stand ${found}, expected XTENSION or nothing`);
        return undefined;
      }
    }
    for (; checked + 80 <= length; checked += 80) {
      if (bytes[checked] !== 0x45 || !isEnd(text(checked, checked + 10))) continue;
      const end = Math.ceil((checked + 80) / BLOCK) * BLOCK;
      if (end > source.byteLength - offset) {
        report.error('file', place, `the file ends within the last block of the header; it is cut short`);
      }
      return bytes.length >= end
        ? bytes.subarray(0, end)
        : sliceBytes(source, offset, Math.min(offset + end, source.byteLength), place);
    }
    if (length < available) continue;
    const why = available === MAX_HEADER_BYTES ? `in ${MAX_HEADER_BYTES} bytes` : 'before the file ends';
    report.error('file', { ...place, offset: offset + checked }, `no END record ${why}`);
    return undefined;
  }
}

function describe(bytes: Uint8Array, index: number, offset: number, report: Report): Unit | undefined {
  const records: HeaderRecord[] = [];
  let at = 0;
  for (; ; at += 80) {
    const raw = String.fromCharCode(...bytes.subarray(at, at + 80));
    if (isEnd(raw)) {
      if (raw !== 'END'.padEnd(80)) {
        report.error(
          'format',
          { hdu: index, keyword: 'END', offset: offset + at },
          'END is not followed by blanks',
        );
      }
      break;
    }
    const place = { hdu: index, keyword: raw.slice(0, 8).trim(), offset: offset + at };
    records.push(
      parseRecord(raw, records.length, offset + at, (check, message) => report.error(check, place, message)),
    );
  }
  const fill = bytes.subarray(at + 80).findIndex((byte) => byte !== 0x20);
  if (fill >= 0) {
    const text = 'the block behind END is not filled with blanks';
    report.error('format', { hdu: index, offset: offset + at + 80 + fill }, text);
  }
  return locate(records, index, offset, bytes.length, report);
}

/** Where the data lie, from the first keyword of each name wherever it stands. */
function locate(
  records: readonly HeaderRecord[],
  index: number,
  offset: number,
  headerBytes: number,
  report: Report,
): Unit | undefined {
  const integers = new Map<string, number>();
  for (const { keyword, type, value } of records) {
    if (type === 'integer' && !integers.has(keyword)) integers.set(keyword, Number(value));
  }
  const lost = (keyword: string) => {
    const text = `without an integer ${keyword} it is not known where the data end; what follows is not looked at`;
    report.error('mandatory', { hdu: index, keyword, offset }, text);
    return undefined;
  };
  const bitpix = integers.get('BITPIX');
  const naxis = integers.get('NAXIS');
  if (bitpix === undefined) return lost('BITPIX');
  if (naxis === undefined || naxis < 0 || naxis > 999) return lost('NAXIS');
  const axes: number[] = [];
  for (let n = 1; n <= naxis; n++) {
    const length = integers.get(`NAXIS${n}`);
    if (length === undefined) return lost(`NAXIS${n}`);
    axes.push(length);
  }
  const { keywords, numbered } = indexKeywords(records, 3 + axes.length);
  const is = (keyword: string) => keywords.get(keyword)?.[0]?.value === 'T';
  const groups = index === 0 && is('GROUPS') && axes[0] === 0;
  const type = typeOf(records[0] as HeaderRecord, index);
  const counted = index > 0 || groups;
  const pcount = counted ? (integers.get('PCOUNT') ?? 0) : 0;
  const gcount = counted ? (integers.get('GCOUNT') ?? 1) : 1;
  const elements = (groups ? axes.slice(1) : axes).reduce(
    (a, b) => a * b,
    axes.length > (groups ? 1 : 0) ? 1 : 0,
  );
  const dataBytes = (Math.abs(bitpix) / 8) * gcount * (pcount + elements);
  if (!(Number.isSafeInteger(dataBytes) && dataBytes >= 0)) return lost('NAXISn of a possible size');
  return {
    index,
    type,
    compressed: type === 'bintable' && is('ZIMAGE'),
    groups,
    offset,
    dataOffset: offset + headerBytes,
    dataBytes: axes.length === 0 ? 0 : dataBytes,
    bitpix,
    axes,
    pcount,
    tfields: Math.min(integers.get('TFIELDS') ?? 0, MAX_COLUMNS),
    records,
    keywords,
    numbered,
  };
}

const TYPES: Readonly<Record<string, UnitType>> = {
  IMAGE: 'image',
  IUEIMAGE: 'image',
  TABLE: 'table',
  BINTABLE: 'bintable',
  A3DTABLE: 'bintable',
};

function typeOf(record: HeaderRecord, index: number): UnitType {
  return index === 0 ? 'primary' : (TYPES[record.value.trim()] ?? 'unknown');
}
