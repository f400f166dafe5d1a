import { CARD_LENGTH } from './card.ts';
import { addDatasums, datasum, encodeChecksum } from './checksum.ts';
import { FitsError } from './errors.ts';
import { formatCard } from './format.ts';
import { BLOCK } from './header.ts';
import type { HduInit } from './init.ts';
import { layoutHdu } from './layout.ts';

export interface PlannedHdu {
  readonly headerOffset: number;
  /** Without checksums: final. With: placeholders where `sealHeader` fills in, final already if there are no data. */
  readonly headerBytes: Uint8Array;
  readonly dataOffset: number;
  readonly dataBytes: number;
  /** Up to the next HDU; the difference is to be zeros. */
  readonly paddedBytes: number;
}

/** Where everything of a file will lie, known before its data are. */
export interface FitsPlan {
  readonly byteLength: number;
  readonly hdus: readonly PlannedHdu[];
}

export interface PlanOptions {
  /** CHECKSUM and DATASUM in every HDU; default true. */
  readonly checksum?: boolean;
}

/**
 * Lay out a file. If the first HDU is no image, an empty primary HDU is put before it, and the plan
 * has one HDU more than was given.
 *
 * @throws FitsError WRITE_*
 */
export function planFits(hdus: readonly HduInit[], options: PlanOptions = {}): FitsPlan {
  const checksum = options.checksum ?? true;
  const planned: PlannedHdu[] = [];
  let offset = 0;
  const all = withPrimary(hdus);
  for (const [index, init] of all.entries()) {
    const { header, dataBytes } = layoutHdu(init, index, all.length);
    if (checksum) {
      header.set('CHECKSUM', '0'.repeat(16), 'HDU checksum');
      header.set('DATASUM', '0', 'data unit checksum');
    }
    const headerBytes = header.toBytes();
    const paddedBytes = Math.ceil(dataBytes / BLOCK) * BLOCK;
    planned.push({
      headerOffset: offset,
      headerBytes,
      dataOffset: offset + headerBytes.length,
      dataBytes,
      paddedBytes,
    });
    if (checksum && dataBytes === 0) headerBytes.set(seal(headerBytes, 0, index));
    offset += headerBytes.length + paddedBytes;
  }
  return { byteLength: offset, hdus: planned };
}

/** What is written: the HDUs given, behind an empty primary HDU if they need one. */
export function withPrimary(hdus: readonly HduInit[]): readonly HduInit[] {
  return hdus[0]?.kind === 'image' ? hdus : [{ kind: 'image', shape: [] }, ...hdus];
}

/**
 * Header bytes with DATASUM and CHECKSUM filled in.
 *
 * @param index    HDU in the plan
 * @param datasum  32-bit ones' complement sum of the data unit
 */
export function sealHeader(plan: FitsPlan, index: number, datasum: number): Uint8Array {
  const hdu = plan.hdus[index];
  if (!hdu) throw new FitsError('HDU_MISSING', `the plan has ${plan.hdus.length} HDUs`, { hdu: index });
  return seal(hdu.headerBytes, datasum, index);
}

function seal(headerBytes: Uint8Array, dataSum: number, index: number): Uint8Array {
  const bytes = headerBytes.slice();
  put(bytes, 'DATASUM', `${dataSum}`, 'data unit checksum', index);
  put(bytes, 'CHECKSUM', '0'.repeat(16), 'HDU checksum', index);
  put(bytes, 'CHECKSUM', encodeChecksum(addDatasums(datasum(bytes), dataSum)), 'HDU checksum', index);
  return bytes;
}

/** Overwrite the last card of this keyword; planFits puts the checksums last. */
function put(bytes: Uint8Array, keyword: string, value: string, comment: string, index: number): void {
  const name = keyword.padEnd(8);
  for (let at = bytes.length - CARD_LENGTH; at >= 0; at -= CARD_LENGTH) {
    if (String.fromCharCode(...bytes.subarray(at, at + 8)) !== name) continue;
    const card = formatCard(keyword, value, comment);
    for (let i = 0; i < CARD_LENGTH; i++) bytes[at + i] = card.charCodeAt(i);
    return;
  }
  throw new FitsError('WRITE_KEYWORD', 'the plan was made without checksums', { hdu: index, keyword });
}
