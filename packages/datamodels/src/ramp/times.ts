/** When the reads of a ramp were taken. */
import { type Header, readImage, readTable } from '@iris-drs/fits';
import type { OpenFits } from '../access.ts';
import { number } from '../headers.ts';
import { exposureTimeSeconds } from '../units.ts';
import type { TimeSource } from './model.ts';

export interface ReadTimes {
  /** `[ramp][read]`, seconds. */
  readonly times: number[][];
  readonly source: TimeSource;
  readonly warnings: string[];
}

/** What is known of one read. */
export interface ReadStamp {
  /** READ_NO, or the place in the file. */
  readonly number: number;
  /** READTIME: start of the first pixel read, MJD in microseconds. */
  readonly readtime?: number;
  /** RST_TIME: the last reset, MJD in microseconds. */
  readonly reset?: number;
}

/**
 * Times of all reads in seconds, from the first of these that is there and makes sense:
 *
 *  1. the TIMES extension: an image `[nramps, nreads]` or `[nreads]`, or a table with a column TIME(S);
 *  2. READTIME of each read, counted from RST_TIME (IRIS: microseconds, one file for each read);
 *  3. TGROUP, seconds between reads;
 *  4. TFRAME, seconds between frames, times NFRAMES + GROUPGAP;
 *  5. FRAMTIME, then FRM_TIME (IRIS, microseconds): time of one full read, reads being back to back;
 *  6. EXPTIME / nramps / (nreads − 1);
 *  7. nothing: 1 s between reads, with a warning.
 *
 * Lost reads leave gaps: from 3 on a time is spacing × (number − first number).
 */
export async function readTimes(
  fits: OpenFits,
  headers: readonly Header[],
  ramps: readonly (readonly ReadStamp[])[],
  version: number,
): Promise<ReadTimes> {
  const nreads = Math.max(...ramps.map((ramp) => ramp.length));
  const table = await timesExtension(fits, version, ramps.length, nreads);
  if (table && increasing(table, nreads)) return { times: table, source: 'TIMES', warnings: [] };
  const warnings = table ? ['TIMES does not increase from read to read and is not used'] : [];
  const stamped = stampedTimes(ramps);
  if (stamped && nreads > 1) return { times: stamped, source: 'READTIME', warnings };
  const { seconds, source } = spacing(headers, ramps);
  if (source === 'none' && nreads > 1)
    warnings.push('no timing in the header: reads are taken to be 1 s apart');
  const times = ramps.map((ramp) => ramp.map((read) => (read.number - ramp[0]!.number) * seconds));
  return { times, source, warnings };
}

function spacing(
  headers: readonly Header[],
  ramps: readonly (readonly ReadStamp[])[],
): { seconds: number; source: TimeSource } {
  const positive = (keyword: string, unit = 1): number | undefined => {
    const value = number(headers, keyword);
    return value !== undefined && value > 0 ? value * unit : undefined;
  };
  const group = positive('TGROUP');
  if (group) return { seconds: group, source: 'TGROUP' };
  const frame = positive('TFRAME');
  if (frame) {
    const frames = (positive('NFRAMES') ?? 1) + (positive('GROUPGAP') ?? 0);
    return { seconds: frame * frames, source: 'TFRAME' };
  }
  const read = positive('FRAMTIME');
  if (read) return { seconds: read, source: 'FRAMTIME' };
  const microseconds = positive('FRM_TIME', 1e-6);
  if (microseconds) return { seconds: microseconds, source: 'FRM_TIME' };
  const exposure = exposureTimeSeconds(headers);
  const steps = Math.max(...ramps.map((ramp) => ramp.at(-1)!.number - ramp[0]!.number));
  if (exposure && steps > 0) return { seconds: exposure / ramps.length / steps, source: 'EXPTIME' };
  return { seconds: 1, source: 'none' };
}

function stampedTimes(ramps: readonly (readonly ReadStamp[])[]): number[][] | undefined {
  const times = ramps.map((ramp) => {
    const start = ramp[0]?.reset ?? ramp[0]?.readtime ?? Number.NaN;
    return ramp.map(({ readtime }) => ((readtime ?? Number.NaN) - start) * 1e-6);
  });
  return increasing(times) ? times : undefined;
}

const increasing = (times: readonly (readonly number[])[], nreads = 0): boolean =>
  times.every(
    (ramp) =>
      ramp.length >= nreads &&
      ramp.every((t, i) => Number.isFinite(t) && (i === 0 || t > (ramp[i - 1] ?? Number.POSITIVE_INFINITY))),
  );

async function timesExtension(
  fits: OpenFits,
  version: number,
  nramps: number,
  nreads: number,
): Promise<number[][] | undefined> {
  const hdu = fits.find('TIMES', version) ?? fits.find('TIMES');
  if (hdu === undefined) return undefined;
  const values =
    hdu.kind === 'image'
      ? Array.from((await readImage(fits, hdu)).data, Number)
      : await timeColumn(fits, hdu);
  if (values === undefined) return undefined;
  const ramp = (index: number) => values.slice(index * nreads, (index + 1) * nreads);
  if (values.length === nramps * nreads) return Array.from({ length: nramps }, (_, index) => ramp(index));
  if (values.length === nreads) return Array.from({ length: nramps }, () => ramp(0));
  return undefined;
}

async function timeColumn(
  fits: OpenFits,
  hdu: Parameters<typeof readTable>[1],
): Promise<number[] | undefined> {
  if (hdu.kind !== 'bintable') return undefined;
  const { columns } = await readTable(fits, hdu);
  const column = columns.find(({ name }) => /^TIMES?$/i.test(name.trim()));
  return column ? Array.from(column.data as ArrayLike<unknown>, Number) : undefined;
}
