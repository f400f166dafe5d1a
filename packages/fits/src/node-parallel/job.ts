import { FitsError, type FitsErrorCode, type FitsPlace } from '../errors.ts';
import type { CellGroup } from '../heap.ts';
import type { Range } from '../section.ts';
import type { TiledImage } from '../tiles/describe.ts';
import type { Directory } from '../tiles/directory.ts';
import type { Packing } from '../tiles/pack.ts';
import type { Steps } from './steps.ts';

/** Pack tiles; each step is so many of them. */
export interface PackJob {
  readonly kind: 'pack';
  /** Over shared memory. */
  readonly packing: Packing;
  readonly tilesPerStep: number;
  /** Bytes of each tile's stream; shared, filled by the threads. */
  readonly sizes: Float64Array;
}

/** What a thread has packed. */
export interface Packed {
  readonly bytes: Uint8Array<ArrayBuffer>;
  /** Its steps, and where in `bytes` each begins. */
  readonly steps: readonly number[];
  readonly starts: readonly number[];
}

/** Tiles that lie behind each other in the heap. */
export interface UnpackStep extends CellGroup {
  /** Where in `packed` they are. */
  readonly at: number;
}

/** Unpack tiles; each step is a group of them. */
export interface UnpackJob {
  readonly kind: 'unpack';
  readonly image: TiledImage;
  readonly raw: boolean;
  readonly section: readonly Range[];
  readonly largest: number;
  readonly directory: Pick<Directory, 'cells' | 'as'>;
  /** Of each tile, where floats are quantised. */
  readonly scales: readonly TileScale[];
  readonly groups: readonly UnpackStep[];
  readonly packed: SharedArrayBuffer;
  /** The result, from the first byte on. */
  readonly into: SharedArrayBuffer;
  readonly place: FitsPlace;
}

export interface TileScale {
  readonly scale: number;
  readonly zero: number;
  readonly blank: number | undefined;
}

export type Job = PackJob | UnpackJob;

export interface Request {
  readonly job: Job;
  readonly steps: Steps;
}

/** What a thread answers: what it has made of its steps, or what went wrong in which of them. */
export interface Reply {
  readonly packed?: Packed | undefined;
  readonly failure?: Failure | undefined;
}

export interface Failure {
  readonly step: number;
  readonly error: unknown;
}

/** A FitsError as it crosses from one thread to another. */
interface FitsErrorRecord extends FitsPlace {
  readonly fits: FitsErrorCode;
  readonly text: string;
}

/** What an error's message begins with. */
const prefixOf = (place: FitsPlace): string => new FitsError('NOT_FITS', '', place).message;

export function toRecord(error: unknown): unknown {
  if (!(error instanceof FitsError)) return error;
  const { code, file, hdu, keyword, offset } = error;
  const place = { file, hdu, keyword, offset };
  const record: FitsErrorRecord = {
    ...place,
    fits: code,
    text: error.message.slice(prefixOf(place).length),
  };
  return record;
}

export function fromRecord(error: unknown): unknown {
  if (error instanceof Error || typeof error !== 'object' || error === null || !('fits' in error))
    return error;
  const { fits, text, ...place } = error as FitsErrorRecord;
  return new FitsError(fits, text, place);
}
