import { existsSync, statSync } from 'node:fs';
import { basename, join } from 'node:path';
import { inputsOf, listDetectors, splitProductName } from '@iris-drs/datamodels';
import { type Header, verifyFits } from '@iris-drs/fits';
import { openFile } from '@iris-drs/fits/node';
import { detectorNamed } from '@iris-drs/tmt';
import { changedAt, endOfNight, filesBelow, nightsOf } from './volume.ts';

/** A file of reads that may go, or why it stays. */
export interface ReadsVerdict {
  readonly path: string;
  /** Undefined: it may go. */
  readonly kept?: string;
}

/** A raw science frame that is sound: it conforms to FITS, with sums that hold. */
interface RawFrame {
  readonly detector: string;
  readonly header: Header;
  /** Base names. */
  readonly inputs: readonly string[];
  /** When it was written, ms since 1970. */
  readonly writtenMillis: number;
}

const nameOf = (detector: unknown): string => {
  const text = typeof detector === 'string' ? detector.trim().toUpperCase() : '';
  return detectorNamed(text)?.detector ?? text;
};

const soundFrame = async (path: string): Promise<RawFrame | undefined> => {
  try {
    using fits = await openFile(path);
    const { header } = fits.hdu(0);
    const { errors, warnings } = await verifyFits(fits.source);
    const isDamaged = errors.length > 0 || warnings.some(({ check }) => check === 'checksum');
    const hasSum = fits.hdus.some((hdu) => hdu.name === 'SCI' && hdu.header.has('DATASUM'));
    if (isDamaged || !hasSum) return undefined;
    const inputs = inputsOf(header).map((name) => basename(name));
    const { mtimeMs: writtenMillis } = statSync(path);
    return { detector: nameOf(header.get('DETECTOR')), header, inputs, writtenMillis };
  } catch {
    // Whatever is wrong with it: it vouches for nothing.
    return undefined;
  }
};

/** Sound raw science frames by the names of the files that they were made of. */
const framesByInput = async (
  directory: string,
  isOld: (path: string) => boolean,
): Promise<ReadonlyMap<string, readonly RawFrame[]>> => {
  const frames = new Map<string, RawFrame[]>();
  for (const path of filesBelow(directory)) {
    const { suffix } = splitProductName(path);
    if ((suffix !== 'rate' && suffix !== 'rateints') || !isOld(path)) continue;
    const frame = await soundFrame(path);
    for (const input of frame?.inputs ?? []) frames.set(input, [...(frames.get(input) ?? []), frame!]);
  }
  return frames;
};

const same = (a: Header, b: Header, keyword: string): boolean => a.get(keyword) === b.get(keyword);

/** Of the same exposure: a name alone may be another file's. */
const isOfExposure = (frame: Header, reads: Header): boolean =>
  frame.has('EXPID') && reads.has('EXPID')
    ? same(frame, reads, 'EXPID')
    : ['DATE-OBS', 'TIME-OBS'].every((keyword) => !reads.has(keyword) || same(frame, reads, keyword));

const verdictOf = async (path: string, frames: readonly RawFrame[]): Promise<ReadsVerdict> => {
  if (frames.length === 0) return { path, kept: 'no sound raw science frame was made of it' };
  try {
    using fits = await openFile(path);
    const reads = fits.hdu(0).header;
    const { mtimeMs } = statSync(path);
    // Reads that came after the frame was made are not in it.
    const vouching = frames.filter(
      ({ header, writtenMillis }) => writtenMillis >= mtimeMs && isOfExposure(header, reads),
    );
    const held = (await listDetectors(path)).map(({ detector }) => nameOf(detector));
    // The only detector of a file need not be named in it.
    const isVouched = (detector: string): boolean =>
      held.length === 1 ? vouching.length > 0 : vouching.some((frame) => frame.detector === detector);
    const lacking = held.filter((detector) => !isVouched(detector));
    if (held.length > 0 && lacking.length === 0) return { path };
    return { path, kept: `no sound raw science frame was made of ${lacking.join(', ') || 'it'}` };
  } catch {
    return { path, kept: 'it cannot be read' };
  }
};

/**
 * Files of reads of nights that ended before `before`, each with whether it may go: it and the raw science frames of
 * all its detectors are older than that, and those frames are sound.
 *
 * @param before  ms since 1970
 */
export async function* oldReads(
  data: string,
  before: number,
  open: ReadonlySet<string>,
): AsyncGenerator<ReadsVerdict> {
  const isOld = (path: string): boolean => (changedAt(path) ?? Number.POSITIVE_INFINITY) < before;
  for (const night of nightsOf(data)) {
    const readouts = join(data, night, 'readouts');
    if (!(endOfNight(night) < before) || !existsSync(readouts)) continue;
    const frames = await framesByInput(join(data, night, 'raw'), isOld);
    const paths = [...filesBelow(readouts)].filter((path) => !basename(path).startsWith('.'));
    const names = new Map<string, number>();
    for (const path of paths) names.set(basename(path), (names.get(basename(path)) ?? 0) + 1);
    for (const path of paths) {
      const name = basename(path);
      if (open.has(path)) yield { path, kept: 'a process has it open' };
      else if (!isOld(path)) yield { path, kept: 'it has changed since' };
      else if ((names.get(name) ?? 0) > 1) yield { path, kept: 'other reads of the night have its name' };
      else yield await verdictOf(path, frames.get(name) ?? []);
    }
  }
}
