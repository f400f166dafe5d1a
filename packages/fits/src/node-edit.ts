import { closeSync, fstatSync, fsyncSync, ftruncateSync, openSync, writeSync } from 'node:fs';
import { CARD_LENGTH, parseCard } from './card.ts';
import { addDatasums, datasum, encodeChecksum } from './checksum.ts';
import { FitsError, type FitsPlace } from './errors.ts';
import { isGzip } from './gunzip.ts';
import { BLOCK, type Header } from './header.ts';
import type { HduInit } from './init.ts';
import { describesLayout } from './layout.ts';
import { fileSource, writeHdu } from './node-file.ts';
import { type Fits, openFits } from './open.ts';
import { type PlanOptions, planFits } from './plan.ts';
import type { Hdu } from './scan.ts';
import { sliceBytes } from './source.ts';

const CHUNK = 1 << 20;

/**
 * Change a header where it stands, without touching the data. The new header has to fit in the blocks of the old one;
 * CHECKSUM and DATASUM, if there, are brought up to date. The header is written by one call and flushed, which is as
 * good as an edit in place can be: a crash in the middle of it may leave a mixture. `writeFile` is atomic.
 *
 * @param edit  changes the header it is given
 * @throws FitsError HEADER_FULL, EDIT_STRUCTURE, and those of `openFits`
 */
export async function editHeader(
  path: string,
  nameOrIndex: string | number,
  edit: (header: Header) => void,
): Promise<void> {
  await withFile(path, async (fd, fits) => {
    const hdu = fits.hdu(nameOrIndex);
    const place: FitsPlace = { file: path, hdu: hdu.index, offset: hdu.headerOffset };
    const edited = hdu.header.clone();
    edit(edited);
    const room = hdu.dataOffset - hdu.headerOffset;
    const header = fitted(edited, room);
    const changed = layoutCards(header).find((card, i) => card !== layoutCards(hdu.header)[i]);
    if (changed !== undefined || layoutCards(header).length !== layoutCards(hdu.header).length) {
      const text = `${changed ?? 'a keyword that is gone'} describes how the data lie; write a new file`;
      throw new FitsError('EDIT_STRUCTURE', text, place);
    }
    if (header.has('CHECKSUM') || header.has('DATASUM')) await seal(fits, hdu, header);
    const bytes = header.toBytes();
    if (bytes.length > room) {
      const text = `the edited header takes ${bytes.length} bytes where ${room} are; write a new file`;
      throw new FitsError('HEADER_FULL', text, place);
    }
    writeAt(fd, bytes, hdu.headerOffset);
    fsyncSync(fd);
  });
}

/**
 * Append an HDU to a file. Its header is written last: until then readers see foreign bytes behind the old end,
 * which they ignore, and on an error the file gets its old length back.
 *
 * @throws FitsError WRITE_*, EDIT_STRUCTURE if something else than an HDU stands at the end, and those of `openFits`
 */
export async function appendHdu(path: string, hdu: HduInit, options: PlanOptions = {}): Promise<void> {
  await withFile(path, (fd, fits) => {
    const last = fits.hdus.at(-1) as Hdu;
    const end = last.dataOffset + Math.ceil(last.dataBytes / BLOCK) * BLOCK;
    const { byteLength } = fits.source;
    if (byteLength > end) {
      const text = `${byteLength - end} bytes that are no HDU stand behind the last one; write a new file`;
      throw new FitsError('EDIT_STRUCTURE', text, { file: path, offset: end });
    }
    const primary: HduInit = { kind: 'image', shape: [] };
    const plan = planFits([primary, hdu], options);
    const by = end - (plan.hdus[1]?.headerOffset ?? 0);
    const moved = plan.hdus.map((planned) => ({
      ...planned,
      headerOffset: planned.headerOffset + by,
      dataOffset: planned.dataOffset + by,
    }));
    try {
      if (byteLength < end) {
        const filling = last.kind === 'table' ? 0x20 : 0;
        writeAt(fd, new Uint8Array(end - byteLength).fill(filling), byteLength);
      }
      writeHdu(fd, { ...plan, hdus: moved }, 1, hdu, options);
      fsyncSync(fd);
    } catch (error) {
      ftruncateSync(fd, byteLength);
      throw error;
    }
  });
}

async function withFile(path: string, use: (fd: number, fits: Fits) => Promise<void> | void): Promise<void> {
  const fd = openSync(path, 'r+');
  try {
    const source = fileSource(path, () => fd, fstatSync(fd).size);
    if (isGzip(await sliceBytes(source, 0, Math.min(2, source.byteLength), { file: path }))) {
      const text = "a gzip'ed file cannot be changed in place; unpack it first";
      throw new FitsError('UNSUPPORTED', text, { file: path });
    }
    await use(fd, await openFits(source, path));
  } finally {
    closeSync(fd);
  }
}

/** What may not change, as text. */
function layoutCards(header: Header): string[] {
  return header.cards
    .filter((card) => describesLayout(card.keyword))
    .map((card) => `${card.keyword} = ${card.value}`);
}

/** The header with so many blank cards that it takes as much room as it has: some more, or some less. */
function fitted(header: Header, room: number): Header {
  const cards = room / CARD_LENGTH;
  const used = (h: Header) => h.cards.reduce((sum, { raw }) => sum + raw.length / CARD_LENGTH, 1);
  const excess = used(header) - cards;
  const spare = new Set(
    header.cards.filter(({ raw }) => raw.trim() === '').slice(excess > 0 ? -excess : Infinity),
  );
  const out = header.filter((card) => !spare.has(card));
  // END has to stand in the last block.
  const least = cards - BLOCK / CARD_LENGTH + 1;
  for (let n = used(out); n < least; n++) out.push(parseCard(' '.repeat(CARD_LENGTH)));
  return out;
}

async function seal(fits: Fits, hdu: Hdu, header: Header): Promise<void> {
  const known = header.get('DATASUM');
  const sum = typeof known === 'string' && /^\d{1,10}$/.test(known) ? Number(known) : await sumOf(fits, hdu);
  if (header.has('DATASUM')) header.set('DATASUM', `${sum}`);
  if (!header.has('CHECKSUM')) return;
  header.set('CHECKSUM', '0'.repeat(16));
  header.set('CHECKSUM', encodeChecksum(addDatasums(datasum(header.toBytes()), sum)));
}

async function sumOf(fits: Fits, hdu: Hdu): Promise<number> {
  let sum = 0;
  const end = hdu.dataOffset + hdu.dataBytes;
  for (let at = hdu.dataOffset; at < end; at += CHUNK) {
    sum = datasum(await sliceBytes(fits.source, at, Math.min(at + CHUNK, end), { file: fits.name }), sum);
  }
  return sum;
}

function writeAt(fd: number, bytes: Uint8Array, position: number): void {
  for (let at = 0; at < bytes.length; ) at += writeSync(fd, bytes, at, bytes.length - at, position + at);
}
