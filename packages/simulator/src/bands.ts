import { writeSync } from 'node:fs';
import { addToSum, encodeFloat32, encodeUint16, encodeUint32, type PartialSum } from './encode.ts';
import { frameOf } from './frame.ts';
import { type RampSettings, simulateRows, takenOf } from './ramp.ts';
import {
  type CalibrationSettings,
  newReferenceRow,
  type ReferenceType,
  referenceLayout,
  referenceRows,
} from './reference.ts';

/** What fills the data units of a file, row by row. Plain data, so that it can go to a worker thread. */
export type BandSource =
  | { readonly kind: 'reads'; readonly ramp: RampSettings }
  | { readonly kind: 'reference'; readonly type: ReferenceType; readonly calibration: CalibrationSettings };

/** Rows `[first, last)` of every plane of a file, to be written where they belong. */
export interface BandJob {
  readonly source: BandSource;
  readonly first: number;
  readonly last: number;
  readonly fd: number;
  /** Start of each data unit that the source fills, bytes. */
  readonly offsets: readonly number[];
}

/**
 * Works out a band of rows, writes it, and returns what it adds to the checksum of each data unit. Only the
 * band is held in memory, whatever the size of the file.
 */
export function performBand(job: BandJob): PartialSum[] {
  return job.source.kind === 'reads'
    ? [writeReads(job, job.source.ramp)]
    : writeReference(job, job.source.type, job.source.calibration);
}

function writeReads(job: BandJob, ramp: RampSettings): PartialSum {
  const { ny, nx } = frameOf(ramp);
  const values = simulateRows(ramp, job.first, job.last);
  const samples = (job.last - job.first) * nx;
  const bytes = new Uint8Array(samples * 2);
  const sum: PartialSum = { high: 0, low: 0 };
  const taken = takenOf(ramp); // whole ramps, or the first reads of the first one: the first planes in any case
  for (let plane = 0; plane < taken.ramps * taken.reads; plane++) {
    encodeUint16(values.subarray(plane * samples, (plane + 1) * samples), bytes);
    writePiece(job.fd, bytes, job.offsets[0]!, (plane * ny + job.first) * nx * 2, sum);
  }
  return sum;
}

function writeReference(job: BandJob, type: ReferenceType, calibration: CalibrationSettings): PartialSum[] {
  const [ny, nx] = calibration.detector.shape;
  const rows = referenceRows(type, calibration);
  const row = newReferenceRow(type, calibration);
  const bands = row.map(() => new Uint8Array((job.last - job.first) * nx * 4));
  for (let y = job.first; y < job.last; y++) {
    rows(y, row);
    row.forEach((values, plane) => {
      const bytes = bands[plane]!.subarray((y - job.first) * nx * 4, (y - job.first + 1) * nx * 4);
      if (values instanceof Uint32Array) encodeUint32(values, bytes);
      else encodeFloat32(values, bytes);
    });
  }
  let plane = 0;
  return referenceLayout(type, calibration).map(({ planes }, hdu) => {
    const sum: PartialSum = { high: 0, low: 0 };
    for (let p = 0; p < planes; p++, plane++)
      writePiece(job.fd, bands[plane]!, job.offsets[hdu]!, (p * ny + job.first) * nx * 4, sum);
    return sum;
  });
}

/** Data units start at multiples of 2880 bytes, so an offset within one tells the place within a 32-bit word. */
function writePiece(fd: number, bytes: Uint8Array, start: number, offset: number, sum: PartialSum): void {
  for (let done = 0; done < bytes.length; )
    done += writeSync(fd, bytes, done, bytes.length - done, start + offset + done);
  addToSum(sum, bytes, offset);
}
