/** Opening ramps in all the layouts they come in. */
import type { Hdu } from '@iris-drs/fits';
import { openFile } from '@iris-drs/fits/node';
import type { RawImage } from '@iris-drs/kernels';
import { findImage, locate, type OpenFits, place, shape2, squeezed, type Window } from '../access.ts';
import { chooseScience, type DetectorChoice, type DetectorEntry, detectorsIn } from '../detectors.ts';
import { DataModelError } from '../errors.ts';
import { frameHeaders, number, text } from '../headers.ts';
import { exposureTimeSeconds, requireUnit } from '../units.ts';
import { contentsAt, contentsOf, type FileContents, type KnownReads } from './contents.ts';
import { gainOf, readNoiseOf, samplingOf } from './describe.ts';
import { guideWindowsOf } from './guide-windows.ts';
import type { RampLayout } from './layout.ts';
import type { RampModel } from './model.ts';
import { type ReadStamp, readTimes } from './times.ts';

/** One read: where it is, which one it is, and its flags. */
interface Read {
  readonly ramp: number;
  /** A file of its own that does not name its ramp. */
  readonly nameless: boolean;
  readonly stamp: ReadStamp;
  readonly image: RawImage;
  readonly flags?: RawImage;
  readonly guides: readonly Window[];
}

/**
 * Opens a ramp: one file with all reads, or several files, each with a read or a ramp.
 *
 * Layouts as `layoutOf` tells them; integers of 8, 16 (signed or not) and 32 bits and float32. A file that
 * is a 2-D raw science frame comes back with kind `frame`. Several files are ordered by RAMP_NO and READ_NO;
 * without those keywords, in the order given, a ramp for each reset (RST_TIME). A read with COMPLETE = F is left out, with a warning. No pixel
 * is read.
 *
 * @param known  for a ramp that is opened again as it grows: what earlier calls with the same choice have found
 * @throws DataModelError HDU_MISSING, AMBIGUOUS (several detectors, none chosen), LAYOUT_UNKNOWN,
 *   SHAPE_MISMATCH, KEYWORD_INVALID (files of several detectors), READ_REPEATED, UNITS_MISMATCH (BUNIT other than DN), PACKED, DTYPE_UNSUPPORTED
 */
export async function openRamp(
  paths: string | readonly string[],
  choice: DetectorChoice = {},
  known: KnownReads = new Map(),
): Promise<RampModel> {
  const files = typeof paths === 'string' ? [paths] : paths;
  const [path, ...others] = files;
  if (path === undefined) {
    throw new DataModelError('HDU_MISSING', {
      found: 'an empty list of files',
      expected: 'at least one file',
    });
  }
  const first = await openFile(path);
  try {
    return await assemble(first, others, choice, known);
  } finally {
    first.close();
  }
}

/** The detectors whose ramps or frames a file holds. */
export async function listDetectors(path: string): Promise<readonly DetectorEntry[]> {
  const fits = await openFile(path);
  try {
    return detectorsIn(fits);
  } finally {
    fits.close();
  }
}

/** @param others  further files; each is open only while its headers are read, as there may be thousands */
async function assemble(
  first: OpenFits,
  others: readonly string[],
  choice: DetectorChoice,
  known: KnownReads,
): Promise<RampModel> {
  const nfiles = others.length + 1;
  const sci = chooseScience(first, choice);
  const contents = contentsOf(first, choice);
  const { headers, layout } = contents;
  const warnings: string[] = [];
  const reads = numbered(contents, 0, layout, nfiles, warnings);
  for (const [index, path] of others.entries()) {
    const one = await contentsAt(path, choice, known);
    requireDetector(one, text(headers, 'DETECTOR', 'DET_ID'));
    reads.push(...numbered(one, index + 1, layout, nfiles, warnings));
  }
  const ramps = ordered(byReset(reads));
  const nreads = Math.max(...ramps.map((ramp) => ramp.length));
  if (ramps.some((ramp) => ramp.length !== nreads)) {
    warnings.push(`ramps differ in length: ${ramps.map((ramp) => ramp.length).join(', ')} reads`);
  }
  const timing = await readTimes(
    first,
    headers,
    ramps.map((ramp) => ramp.map((read) => read.stamp)),
    sci.version,
  );
  const own = frameHeaders(first.hdus[0]!.header, sci.header);
  const optional = {
    pixelDq: pixelFlags(first, sci, layout),
    groupDq: groupFlags(ramps),
    guideWindows: reads.some(({ guides }) => guides.length > 0)
      ? ramps.map((ramp) => ramp.map(({ guides }) => guides))
      : undefined,
    detector: text(headers, 'DETECTOR', 'DET_ID'),
    gain: gainOf(headers),
    readNoise: readNoiseOf(headers),
    sampling: samplingOf(headers, nreads),
    exposureTimeSeconds: exposureTimeSeconds(headers),
  };
  return {
    kind: layout.kind === 'frame' && nfiles === 1 ? 'frame' : 'ramp',
    header: own.primary,
    sciHeader: own.sci,
    shape: [ramps.length, nreads, layout.ny, layout.nx],
    reads: ramps.map((ramp) => ramp.map((read) => read.image)),
    times: timing.times,
    timeSource: timing.source,
    dtype: dtypeOf(sci),
    extver: sci.version,
    warnings: [...warnings, ...timing.warnings],
    ...present(optional),
  };
}

/** @throws DataModelError KEYWORD_INVALID when a file says that it is of another detector than the first one */
function requireDetector({ path, headers }: FileContents, expected: string | undefined): void {
  const found = text(headers, 'DETECTOR', 'DET_ID');
  if (found === undefined || expected === undefined) return;
  if (found.trim().toUpperCase() === expected.trim().toUpperCase()) return;
  throw new DataModelError('KEYWORD_INVALID', {
    ...{ file: path, keyword: 'DETECTOR', found: `reads of ${found}` },
    expected: `those of ${expected} as in the first file`,
  });
}

/** Without the fields that are undefined. */
function present<T extends object>(fields: T): { [K in keyof T]?: Exclude<T[K], undefined> } {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as {
    [K in keyof T]?: Exclude<T[K], undefined>;
  };
}

/** The reads of a file as those of a ramp in so many files, of which it is the one of this index. */
function numbered(
  { path, where, headers, layout, images, flags }: FileContents,
  fileIndex: number,
  expected: RampLayout,
  nfiles: number,
  warnings: string[],
): Read[] {
  if (layout.kind === 'ramp' || nfiles > 1) requireUnit(headers, ['DN'], where);
  if (layout.interleaved) {
    throw new DataModelError('LAYOUT_UNKNOWN', {
      ...where,
      found: `[ny, nx, groups, reads] = [${layout.ny}, ${layout.nx}, ${layout.nramps}, ${layout.nreads}], the pixels of a read lying apart`,
      expected: '[groups, reads, ny, nx]; unfoldRamp writes it',
    });
  }
  if (layout.ny !== expected.ny || layout.nx !== expected.nx) {
    throw new DataModelError('SHAPE_MISMATCH', {
      ...where,
      found: `reads of [${layout.ny}, ${layout.nx}]`,
      expected: `[${expected.ny}, ${expected.nx}] as in the first file`,
    });
  }
  if (headers.some((header) => header.get('COMPLETE') === false)) {
    warnings.push(`${path} is left out: COMPLETE is F`);
    return [];
  }
  const { nramps, nreads } = layout;
  const ramp = number(headers, 'RAMP_NO');
  // Reads in files of their own are of one ramp unless RAMP_NO says otherwise; cubes in files are ramps.
  const firstRamp = ramp ?? (nreads > 1 || nramps > 1 ? fileIndex * nramps : 0);
  const firstRead = nreads === 1 ? (number(headers, 'READ_NO') ?? fileIndex) : 0;
  const stamp = present({
    readtime: nreads === 1 ? number(headers, 'READTIME') : undefined,
    reset: number(headers, 'RST_TIME'),
  });
  const guides = guideWindowsOf(headers, [layout.ny, layout.nx]);
  const nameless = ramp === undefined && nreads === 1 && nramps === 1;
  return images.map((image, plane) => ({
    ...{ guides, nameless },
    ramp: firstRamp + Math.floor(plane / nreads),
    stamp: { ...stamp, number: firstRead + (plane % nreads) },
    image,
    ...(flags ? { flags: flags[plane]! } : {}),
  }));
}

/** Reads that do not name their ramps are of one for each reset, unless such a ramp would have a single read. */
function byReset(reads: readonly Read[]): readonly Read[] {
  if (!reads.every(({ nameless }) => nameless)) return reads;
  const resets = Map.groupBy(reads, ({ stamp }) => stamp.reset);
  if (resets.has(undefined) || [...resets.values()].some(({ length }) => length < 2)) return reads;
  const order = [...resets.keys()].sort((a, b) => a! - b!);
  return reads.map((read) => ({ ...read, ramp: order.indexOf(read.stamp.reset) }));
}

/** Reads by ramp and number. */
function ordered(reads: readonly Read[]): Read[][] {
  const ramps = Map.groupBy(reads, (read) => read.ramp);
  if (ramps.size === 0) {
    throw new DataModelError('HDU_MISSING', {
      found: 'no complete read',
      expected: 'at least one with COMPLETE = T',
    });
  }
  return [...ramps.entries()]
    .sort(([a], [b]) => a - b)
    .map(([ramp, members]) => {
      const sorted = members.sort((a, b) => a.stamp.number - b.stamp.number);
      for (const [i, read] of sorted.entries()) {
        const before = sorted[i - 1];
        if (before?.stamp.number !== read.stamp.number) continue;
        throw new DataModelError('READ_REPEATED', {
          file: read.image.path,
          keyword: 'READ_NO',
          found: `read ${read.stamp.number} of ramp ${ramp}, which ${before.image.path} has too`,
          expected: 'each read once',
        });
      }
      return sorted;
    });
}

function groupFlags(ramps: readonly (readonly Read[])[]): RawImage[][] | undefined {
  const flags = ramps.map((ramp) => ramp.flatMap((read) => (read.flags ? [read.flags] : [])));
  return flags.every((ramp, i) => ramp.length === ramps[i]!.length) ? flags : undefined;
}

function pixelFlags(fits: OpenFits, sci: Hdu, layout: RampLayout): RawImage | undefined {
  const hdu = findImage(fits, 'PIXELDQ', sci) ?? findImage(fits, 'DQ', sci);
  if (hdu === undefined || squeezed(hdu.shape).length > 2) return undefined;
  const [ny, nx] = shape2(fits, hdu);
  if (ny === layout.ny && nx === layout.nx) return locate(fits, hdu);
  throw new DataModelError('SHAPE_MISMATCH', {
    ...place(fits, hdu),
    found: `shape [${ny}, ${nx}]`,
    expected: `[${layout.ny}, ${layout.nx}] as the reads have`,
  });
}

function dtypeOf(hdu: Hdu): string {
  if (!hdu.pixels) return 'compressed';
  const { bitpix, bzero, bscale } = hdu.pixels;
  if (bscale === 1 && bzero === 2 ** 15 && bitpix === 16) return 'uint16';
  if (bscale === 1 && bzero === 2 ** 31 && bitpix === 32) return 'uint32';
  return bitpix < 0 ? `float${-bitpix}` : bitpix === 8 ? 'uint8' : `int${bitpix}`;
}
