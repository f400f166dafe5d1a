/** Extensions that the contract doesn't know (ASDF trees, tables of other software): carried along untouched. */
import type { Hdu, Header } from '@iris-drs/fits';
import type { OpenFits } from './access.ts';
import { canonicalName, hduRule } from './contract.ts';

export interface ExtraHdu {
  readonly name: string;
  readonly version: number;
  readonly header: Header;
  /** Header and data unit as they stand in the file, whole blocks. */
  readonly bytes: Uint8Array;
}

/** Known to the contract, but nothing a frame itself holds: kept like an unknown one. */
const KEPT = new Set(['SUBARR_MAP']);

/**
 * The extensions of a file that are neither ours nor part of another detector's frame. DQ_DEF is left out:
 * flags are translated on reading.
 *
 * @param pixelsOnly  only those that say something about pixels
 */
export async function extraHdus(fits: OpenFits, pixelsOnly = false): Promise<ExtraHdu[]> {
  const kept = fits.hdus.filter(
    (hdu) => hdu.index > 0 && isExtra(hdu) && (!pixelsOnly || KEPT.has(canonicalName(hdu.name))),
  );
  const all: ExtraHdu[] = [];
  for (const hdu of kept) {
    const end = hdu.dataOffset + Math.ceil(hdu.dataBytes / 2880) * 2880;
    const bytes = new Uint8Array(end - hdu.headerOffset);
    bytes.set(await fits.source.slice(hdu.headerOffset, Math.min(end, fits.source.byteLength)));
    all.push({ name: hdu.name, version: hdu.version, header: hdu.header, bytes });
  }
  return all;
}

const isExtra = (hdu: Hdu): boolean =>
  hdu.name !== '' && (hduRule(hdu.name) === undefined || KEPT.has(canonicalName(hdu.name)));
