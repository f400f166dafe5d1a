import { ftruncateSync, writeSync } from 'node:fs';
import { type HduInit, planFits, sealHeader } from '@iris-drs/fits';
import { writeAtomically, writeHdu } from '@iris-drs/fits/node';
import type { BandSource } from './bands.ts';
import type { Crew } from './crew.ts';
import { finishSum, type PartialSum } from './encode.ts';

/** Bytes that a band may take in each thread. */
const BAND_BYTES = 4 << 20;

export interface BandFile {
  readonly path: string;
  /** Every HDU, the primary one first; those that the source fills come without data. */
  readonly hdus: readonly HduInit[];
  /** Indices of the HDUs that the source fills, in its order. */
  readonly filled: readonly number[];
  readonly source: BandSource;
  readonly rows: number;
  /** Bytes that one row takes in all planes together. */
  readonly rowBytes: number;
  readonly onRows?: (done: number, total: number) => void;
}

/**
 * Writes a FITS file whose data units are worked out in bands of rows by a crew. The file appears under its
 * name once it is whole, with checksums.
 */
export async function writeBandFile(file: BandFile, crew: Crew): Promise<void> {
  const plan = planFits(file.hdus, { checksum: true });
  await writeAtomically(file.path, async (fd) => {
    ftruncateSync(fd, plan.byteLength);
    file.hdus.forEach((hdu, index) => {
      if (!file.filled.includes(index)) writeHdu(fd, plan, index, hdu);
    });
    const totals: PartialSum[] = file.filled.map(() => ({ high: 0, low: 0 }));
    const height = Math.max(1, Math.min(file.rows, Math.floor(BAND_BYTES / file.rowBytes)));
    const offsets = file.filled.map((index) => plan.hdus[index]!.dataOffset);
    let [next, done] = [0, 0];
    const work = async (): Promise<void> => {
      while (next < file.rows) {
        const first = next;
        const last = Math.min(first + height, file.rows);
        next = last;
        const sums = await crew.perform({ source: file.source, first, last, fd, offsets });
        sums.forEach((sum, i) => {
          const total = totals[i]!;
          total.high += sum.high;
          total.low += sum.low;
        });
        done += last - first;
        file.onRows?.(done, file.rows);
      }
    };
    // Two bands for each thread, so that none waits for the next job.
    await settled(Array.from({ length: 2 * crew.size }, work));
    file.filled.forEach((index, i) => {
      const header = sealHeader(plan, index, finishSum(totals[i]!));
      writeSync(fd, header, 0, header.length, plan.hdus[index]!.headerOffset);
    });
  });
}

/** Waits for all, also after a failure: the file must not be closed under a thread that still writes. */
async function settled(work: readonly Promise<void>[]): Promise<void> {
  const results = await Promise.allSettled(work);
  const failed = results.find((result) => result.status === 'rejected');
  if (failed) throw failed.reason;
}
