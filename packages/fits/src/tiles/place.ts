import { type Conversion, scaleInto } from '../physical.ts';
import { dtypeOf, type Pixels, type Storage } from '../pixels.ts';
import { type Range, runsOf } from '../section.ts';
import { flipSign } from '../swap.ts';

/** A tile, and the part of it that is wanted. */
export interface Tile {
  /** Row of the table. */
  readonly row: number;
  readonly origin: readonly number[];
  readonly shape: readonly number[];
  /** Within the tile. */
  readonly wanted: readonly Range[];
}

/** The tiles that a section touches, in the order of the table. */
export function tilesOf(
  tile: readonly number[],
  shape: readonly number[],
  counts: readonly number[],
  section: readonly Range[],
): Tile[] {
  if (shape.length === 0 || section.some(([a, b]) => a >= b)) return [];
  const ranges = section.map(([a, b], i): Range => {
    const n = tile[i] as number;
    return [Math.floor(a / n), Math.ceil(b / n)];
  });
  const tiles: Tile[] = [];
  for (const { start, length } of runsOf(counts, ranges)) {
    for (let row = start; row < start + length; row++) {
      const origin: number[] = [];
      for (let i = counts.length - 1, rest = row; i >= 0; i--) {
        const n = counts[i] as number;
        origin[i] = (rest % n) * (tile[i] as number);
        rest = Math.floor(rest / n);
      }
      const extent = origin.map((o, i) => Math.min(tile[i] as number, (shape[i] as number) - o));
      const wanted = section.map(([a, b], i): Range => {
        const o = origin[i] as number;
        return [Math.max(a - o, 0), Math.min(b - o, extent[i] as number)];
      });
      tiles.push({ row, origin, shape: extent, wanted });
    }
  }
  return tiles;
}

/** Copies the wanted part of a tile to its place in the result. */
export function placeTile(
  { origin, shape, wanted }: Tile,
  section: readonly Range[],
  put: (tileStart: number, resultStart: number, length: number) => void,
): void {
  const axes = shape.length;
  const last = axes - 1;
  const [a, b] = wanted[last] as Range;
  // Rows that are whole in the tile and in the result follow each other in both.
  const wide = (section[last]?.[1] ?? 0) - (section[last]?.[0] ?? 0);
  const joined = axes > 1 && b - a === shape[last] && b - a === wide;
  const outer = joined ? last - 1 : last;
  const unit = joined ? wide : 1;
  const [from, to] = wanted[outer] as Range;
  const length = (to - from) * unit;
  const at = wanted.slice(0, outer).map(([low]) => low);
  for (;;) {
    let tileStart = 0;
    let resultStart = 0;
    for (let i = 0; i <= outer; i++) {
      const local = i === outer ? from : (at[i] as number);
      const [low, high] = section[i] as Range;
      tileStart = tileStart * (shape[i] as number) + local;
      resultStart = resultStart * (high - low) + local + (origin[i] as number) - low;
    }
    put(tileStart * unit, resultStart * unit, length);
    let i = outer - 1;
    for (; i >= 0; i--) {
      at[i] = (at[i] as number) + 1;
      if ((at[i] as number) < (wanted[i] as Range)[1]) break;
      at[i] = (wanted[i] as Range)[0];
    }
    if (i < 0) return;
  }
}

/**
 * Writes parts of tiles into the result.
 *
 * @param result  as allocated for the conversion
 * @param done    the numbers are what is wanted already: physical floats, or integers with their signs turned over
 */
export function putter(
  result: Pixels,
  conversion: Conversion,
  numbers: Pixels,
  done: boolean,
): (tileStart: number, resultStart: number, length: number) => void {
  const { stored, exact, format } = conversion;
  if (!exact && !done) {
    return (from, to, length) =>
      scaleInto(result as Float32Array, to, numbers.subarray(from, from + length), format);
  }
  // Bits are copied as they are, whatever sign they are given.
  const target = exact ? stored.view(result.buffer, result.byteOffset, result.length) : result;
  const source = exact ? asStored(numbers, stored) : numbers;
  if (exact && conversion.result.flip && !done) {
    flipSign(new Uint8Array(source.buffer, source.byteOffset, source.byteLength), stored.bytes);
  }
  return (from, to, length) => target.set(source.subarray(from, from + length) as never, to);
}

function asStored(numbers: Pixels, stored: Storage): Pixels {
  if (dtypeOf(numbers) === stored.dtype) return numbers;
  const out = stored.view(new ArrayBuffer(numbers.length * stored.bytes), 0, numbers.length);
  if (out instanceof BigInt64Array)
    for (let i = 0; i < out.length; i++) out[i] = BigInt(numbers[i] as number);
  else (out as Int32Array).set(numbers as Int32Array);
  return out;
}
