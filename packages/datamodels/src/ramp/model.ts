/** A ramp as it lies on disk: where each read is and when it was taken. Pixels stay in the files. */
import type { Header } from '@iris-drs/fits';
import type { RawImage } from '@iris-drs/kernels';
import type { Window } from '../access.ts';

/** Where the times came from, by precedence; see `readTimes`. */
export type TimeSource =
  | 'TIMES'
  | 'READTIME'
  | 'TGROUP'
  | 'TFRAME'
  | 'FRAMTIME'
  | 'FRM_TIME'
  | 'EXPTIME'
  | 'none';

/** How the exposure was meant to be sampled, where its header says. */
export interface Sampling {
  readonly method: 'cds' | 'mcds' | 'utr';
  /** Reads averaged at each end, for mcds. */
  readonly reads?: number;
}

export interface RampModel {
  /** `frame`: a file that already is a 2-D raw science frame, held here as one read of one ramp. */
  readonly kind: 'ramp' | 'frame';
  /** Primary header of the (first) file, fit for a frame made from the reads: no keywords of single reads. */
  readonly header: Header;
  /** Header of its science extension, likewise: world coordinates of the two pixel axes only. */
  readonly sciHeader: Header;
  /** `[nramps, nreads, ny, nx]`; nreads is that of the longest ramp. */
  readonly shape: readonly [nramps: number, nreads: number, ny: number, nx: number];
  /** Reads of each ramp in the order they were taken; shorter where reads are lost. */
  readonly reads: readonly (readonly RawImage[])[];
  /** Seconds of each read of each ramp, increasing within a ramp; only differences matter. */
  readonly times: readonly (readonly number[])[];
  readonly timeSource: TimeSource;
  /** Flags of a pixel in all reads (PIXELDQ, or a 2-D DQ), as the file has them; see `readPixelFlags`. */
  readonly pixelDq?: RawImage;
  /** Flags of each read (GROUPDQ, or a 4-D DQ), as `reads`. */
  readonly groupDq?: readonly (readonly RawImage[])[];
  /** Pixels that guided in each read, where its header names any; as `reads`. */
  readonly guideWindows?: readonly (readonly (readonly Window[])[])[];
  readonly dtype: string;
  readonly extver: number;
  /** As the file spells it. */
  readonly detector?: string;
  /** e-/DN */
  readonly gain?: number;
  /** Noise of a single read, electrons. */
  readonly readNoise?: number;
  readonly sampling?: Sampling;
  readonly exposureTimeSeconds?: number;
  /** What had to be assumed; worth a line in the log. */
  readonly warnings: readonly string[];
}
