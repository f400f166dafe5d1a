import { closeSync, openSync, renameSync, writevSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { datasum, type FitsPlan, type Header, planFits, sealHeader } from '@iris-drs/fits';
import { frameOf } from './frame.ts';
import { type RampSettings, readTimes } from './ramp.ts';
import { type ExposureLabels, rampHeader, worldCoordinates } from './rampfile.ts';

/** Which read of an exposure; both counted from 0 as RAMP_NO and READ_NO are. */
export interface ReadNumber {
  readonly ramp: number;
  readonly read: number;
}

/** File of one read beside others of its exposure: `<stem>_00000_00003_uncal.fits`. */
export const readStem = (exposureStem: string, { ramp, read }: ReadNumber): string =>
  [exposureStem, ...[ramp, read].map((n) => String(n).padStart(5, '0'))].join('_');

const MJD_OF_UNIX_EPOCH = 40_587n;

/** MJD in microseconds, UTC, of an ISO time with up to nanoseconds. */
export function mjdMicroseconds(time: string): number {
  const [, whole = '', fraction = ''] = /^([^.Z]*)(?:\.(\d+))?Z?$/.exec(time) ?? [];
  const seconds = BigInt(Date.parse(`${whole}Z`)) / 1000n + MJD_OF_UNIX_EPOCH * 86_400n;
  return Number(seconds * 1_000_000n + BigInt(fraction.padEnd(6, '0').slice(0, 6)));
}

const arrayMode = ({ window, effects }: RampSettings): string =>
  window ? 'SUB_ARRAY' : effects?.guideWindows?.windows.length ? 'ODGW' : 'FULL_FRAME';

/**
 * Header of a file that holds one read: that of the exposure, and IRIS's keywords of a readout (IRIS telemetry and
 * FITS metadata: READTIME and RST_TIME in microseconds of MJD, FRM_TIME in microseconds, RAMP_NO and READ_NO from 0).
 */
export function readHeader(
  settings: RampSettings,
  labels: ExposureLabels,
  { ramp, read }: ReadNumber,
  complete = true,
): Header {
  const { detector } = settings.detector;
  const frame = frameOf(settings);
  const times = readTimes(settings);
  const micro = (seconds: number) => Math.round(seconds * 1e6);
  const reset = mjdMicroseconds(labels.start) + ramp * micro(times.at(-1)!);
  const header = rampHeader(settings, labels);
  header.set('XSIZE', frame.nx, '[pix] size of the read');
  header.set('YSIZE', frame.ny, '[pix]');
  header.set('XSTART', frame.x + 1, '[pix] first column on the detector');
  header.set('YSTART', frame.y + 1, '[pix] first row on the detector');
  header.set('SARRMODE', arrayMode(settings), 'FULL_FRAME, SUB_ARRAY or ODGW');
  header.set('READTIME', reset + micro(times[read]!), '[us] MJD at the start of the first pixel');
  header.set('RST_TIME', reset, '[us] MJD of the last reset');
  header.set('FRM_TIME', micro(settings.readSeconds), '[us] to read all pixels');
  header.set('DET_ID', detector === 'IFS' ? 'SLC' : detector, 'detector');
  header.set('EXP_NO', header.number('EXPNUM') ?? 0, 'exposure');
  header.set('RAMP_NO', ramp, 'ramp in the exposure, from 0');
  header.set('READ_NO', read, 'read in the ramp, from 0');
  header.set('COMPLETE', complete, 'all pixels were read');
  header.set('BUNIT', 'DN', 'as read');
  for (const [keyword, value, comment] of worldCoordinates(settings, labels))
    header.set(keyword, value, comment);
  return header;
}

/** Pixels as a FITS file holds them, in pieces that may be the same memory more than once. */
export interface EncodedPixels {
  readonly shape: readonly [ny: number, nx: number];
  readonly pieces: readonly Uint8Array[];
  readonly datasum: number;
}

/** Most pieces in one call of the operating system. */
const MOST_PIECES = 512;

export const encodedPixels = (bytes: Uint8Array, shape: readonly [number, number]): EncodedPixels => ({
  shape,
  pieces: [bytes],
  datasum: datasum(bytes),
});

const planOf = (header: Header, shape: readonly number[]): FitsPlan =>
  planFits([{ kind: 'image', shape, dtype: 'uint16', header }], { checksum: true });

/**
 * Writes one read, uint16 `[ny, nx]` in the primary HDU. The file appears under its name when it is whole, but is
 * not forced to the disk, so that a detector's rate can be kept.
 */
export function writeRead(path: string, header: Header, pixels: EncodedPixels): void {
  const plan = planOf(header, pixels.shape);
  const hdu = plan.hdus[0]!;
  const padding = new Uint8Array(hdu.paddedBytes - hdu.dataBytes);
  const pieces = [sealHeader(plan, 0, pixels.datasum), ...pixels.pieces, padding].filter(
    ({ length }) => length > 0,
  );
  const partial = join(dirname(path), `.${basename(path)}.part`);
  const fd = openSync(partial, 'w');
  try {
    for (let at = 0; at < pieces.length; at += MOST_PIECES) writeAll(fd, pieces.slice(at, at + MOST_PIECES));
  } finally {
    closeSync(fd);
  }
  renameSync(partial, path);
}

function writeAll(fd: number, pieces: Uint8Array[]): void {
  let left = pieces;
  while (left.length > 0) {
    let done = writevSync(fd, left);
    while (left[0] && done >= left[0].length) {
      done -= left[0].length;
      left = left.slice(1);
    }
    if (left[0] && done > 0) left = [left[0].subarray(done), ...left.slice(1)];
  }
}
