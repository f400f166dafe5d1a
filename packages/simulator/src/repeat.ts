import { addDatasums } from '@iris-drs/fits';
import { encodeUint16 } from './encode.ts';
import { frameOf } from './frame.ts';
import { type RampSettings, simulateRows } from './ramp.ts';
import { type EncodedPixels, encodedPixels } from './readfile.ts';

/** Pixels of a read, of the detector of a ramp, from a few rows that repeat. */
export type RepeatedReads = (ramp: RampSettings, read: number) => EncodedPixels;

/**
 * Full-size reads from `rows` rows of one simulated ramp of each detector, worked out when they are first asked for:
 * 32 rows of 4096 pixels take 0.25 MB a read, stay in the cache, and leave the time to the file system.
 */
export function repeatedReads(rows: number): RepeatedReads {
  const made = new Map<string, EncodedPixels[]>();
  return (ramp, read) => {
    const { detector } = ramp.detector;
    const reads = made.get(detector) ?? tiledReads(ramp, rows);
    made.set(detector, reads);
    return reads[read]!;
  };
}

function tiledReads(ramp: RampSettings, rows: number): EncodedPixels[] {
  const { nx, ny } = frameOf(ramp);
  const height = Math.min(rows, ny);
  const { abortedAfter, ...whole } = ramp;
  const values = simulateRows({ ...whole, ramps: 1 }, 0, height);
  return Array.from({ length: ramp.reads }, (_, read) => {
    const bytes = new Uint8Array(2 * height * nx);
    encodeUint16(values.subarray(read * height * nx, (read + 1) * height * nx), bytes);
    return tiled(bytes, [ny, nx], height);
  });
}

/** An image whose rows are those of a tile over and over. */
function tiled(tile: Uint8Array, [ny, nx]: readonly [number, number], height: number): EncodedPixels {
  const times = Math.floor(ny / height);
  const rest = tile.subarray(0, 2 * nx * (ny - times * height));
  const pieces = [...Array.from({ length: times }, () => tile), ...(rest.length > 0 ? [rest] : [])];
  // Sums of pieces add up where each begins at a whole 32-bit word.
  if (tile.length % 4 !== 0) return encodedPixels(Buffer.concat(pieces), [ny, nx]);
  const one = encodedPixels(tile, [height, nx]).datasum;
  let sum = encodedPixels(rest, [0, nx]).datasum;
  for (let i = 0; i < times; i++) sum = addDatasums(sum, one);
  return { shape: [ny, nx], pieces, datasum: sum };
}
