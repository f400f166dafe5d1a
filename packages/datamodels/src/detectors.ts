/** Which SCI extension of a file belongs to which detector. */
import type { Fits, Hdu } from '@iris-drs/fits';
import { hasPixels, type OpenFits } from './access.ts';
import { namesOf } from './contract.ts';
import { DataModelError } from './errors.ts';
import { text } from './headers.ts';

/** A detector whose data a file holds. */
export interface DetectorEntry {
  readonly extver: number;
  /** As the file spells it; undefined when no header names one. */
  readonly detector?: string;
}

export interface DetectorChoice {
  readonly extver?: number;
  readonly detector?: string;
}

/** The image extensions of a file that hold science data; the primary HDU when no SCI (or DATA) does. */
function scienceHdus(fits: Fits): readonly Hdu[] {
  const images = fits.hdus.filter(hasPixels);
  for (const name of namesOf('SCI')) {
    const found = images.filter((hdu) => hdu.name === name);
    if (found.length > 0) return found;
  }
  const primary = images.find((hdu) => hdu.index === 0);
  if (primary) return [primary];
  const unnamed = images.filter((hdu) => hdu.name === '' || hdu.name === 'COMPRESSED_IMAGE');
  return unnamed.length === 1 ? unnamed : [];
}

const detectorOf = (fits: Fits, hdu: Hdu): string | undefined =>
  text([hdu.header], 'DETECTOR', 'DET_ID') ?? text([fits.hdus[0]!.header], 'DETECTOR', 'DET_ID');

/** The detectors in a file, in its order. */
export function detectorsIn(fits: Fits): readonly DetectorEntry[] {
  return scienceHdus(fits).map((hdu) => {
    const detector = detectorOf(fits, hdu);
    return { extver: hdu.version, ...(detector === undefined ? {} : { detector }) };
  });
}

/** One spelling for each detector: iris_pipeline says IRIS1, liger IFU, readout headers SLC and LEN. */
function detectorKey(name: string): string {
  const key = name.trim().toUpperCase();
  if (/^(IFU|SLC|LEN|SLICER|LENSLET)$/.test(key)) return 'IFS';
  return key.replace(/^IRIS(?=[1-4]$)/, 'IMG');
}

/** Do two spellings mean the same detector? */
export const sameDetector = (a: string, b: string): boolean => detectorKey(a) === detectorKey(b);

/** Is this the detector asked for? The only extension of a file may leave it open (no DETECTOR, or just `IMG`). */
function serves(fits: Fits, hdu: Hdu, asked: string, candidates: number): boolean {
  const own = detectorKey(detectorOf(fits, hdu) ?? '');
  return own === detectorKey(asked) || (candidates === 1 && !/^(IMG[1-4]|IFS)$/.test(own));
}

/**
 * The science extension that is meant.
 *
 * @throws DataModelError HDU_MISSING without one, AMBIGUOUS when several could be meant
 */
export function chooseScience(fits: OpenFits, choice: DetectorChoice = {}): Hdu {
  const all = scienceHdus(fits);
  const { extver, detector } = choice;
  const byVersion = extver ? all.filter((hdu) => hdu.version === extver) : all;
  const matching =
    detector === undefined
      ? byVersion
      : byVersion.filter((hdu) => serves(fits, hdu, detector, byVersion.length));
  if (matching.length === 1) return matching[0]!;
  const held = all
    .map((hdu) => `${hdu.name},${hdu.version} (${detectorOf(fits, hdu) ?? 'no DETECTOR'})`)
    .join(', ');
  const asked = [extver ? `EXTVER ${extver}` : '', detector ?? ''].filter(Boolean).join(', ');
  throw new DataModelError(matching.length === 0 ? 'HDU_MISSING' : 'AMBIGUOUS', {
    file: fits.path,
    hdu: 'SCI',
    found: held || 'no image under that name',
    expected: asked
      ? `one for ${asked}`
      : all.length > 1
        ? 'EXTVER or detector to be given'
        : 'an image extension SCI or DATA, or an image in the primary HDU',
  });
}
