import { readImage } from '../image.ts';
import type { Fits } from '../open.ts';
import type { Pixels } from '../pixels.ts';
import type { Hdu } from '../scan.ts';
import { countOf } from '../section.ts';
import { readBytes } from '../source.ts';
import { realsDiffer, type Tolerance } from './compare.ts';
import type { ImageDiff } from './result.ts';

type Source = Pick<Fits, 'source' | 'name'>;
export interface Side {
  readonly fits: Source;
  readonly hdu: Hdu;
}
export type DataOptions = Tolerance & { readonly most: number };

const isFloat = (data: Pixels): boolean => data instanceof Float32Array || data instanceof Float64Array;

/** Physical pixels; tolerances are for floats only. @returns undefined if there is no difference */
export async function diffImages(a: Side, b: Side, options: DataOptions): Promise<ImageDiff | undefined> {
  const left = await readImage(a.fits, a.hdu);
  const right = await readImage(b.fits, b.hdu);
  return diffPixels(left, right, options);
}

const CHUNK = 1 << 20;

/** Data units of no known kind, byte by byte. */
export async function diffBytes(a: Side, b: Side, { most }: DataOptions): Promise<ImageDiff | undefined> {
  const length = a.hdu.dataBytes;
  if (length !== b.hdu.dataBytes) {
    return { kind: 'bytes', shapes: [[length], [b.hdu.dataBytes]], total: 0, ratio: 0, first: [] };
  }
  const found = collector([length], most);
  const left = new Uint8Array(Math.min(CHUNK, length));
  const right = new Uint8Array(left.length);
  for (let at = 0; at < length; at += CHUNK) {
    const n = Math.min(CHUNK, length - at);
    await readBytes(a.fits.source, left.subarray(0, n), a.hdu.dataOffset + at, {});
    await readBytes(b.fits.source, right.subarray(0, n), b.hdu.dataOffset + at, {});
    for (let i = 0; i < n; i++) {
      if (left[i] !== right[i]) found.add(at + i, left[i] as number, right[i] as number);
    }
  }
  return found.result('bytes');
}

function diffPixels(
  a: { readonly shape: readonly number[]; readonly data: Pixels },
  b: { readonly shape: readonly number[]; readonly data: Pixels },
  { rtol, atol, most }: DataOptions,
): ImageDiff | undefined {
  if (a.shape.length !== b.shape.length || a.shape.some((n, i) => n !== b.shape[i])) {
    return { kind: 'image', shapes: [a.shape, b.shape], total: 0, ratio: 0, first: [] };
  }
  const tolerance = isFloat(a.data) || isFloat(b.data) ? { rtol, atol } : { rtol: 0, atol: 0 };
  const found = collector(a.shape, most);
  for (let i = 0; i < a.data.length; i++) {
    const [x, y] = [a.data[i] as number | bigint, b.data[i] as number | bigint];
    if (x === y) continue;
    // 64-bit integers of the same kind are compared exactly, not as doubles.
    const both = typeof x === 'bigint' && typeof y === 'bigint';
    if (both || realsDiffer(Number(x), Number(y), tolerance)) found.add(i, x, y);
  }
  return found.result('image');
}

function collector(shape: readonly number[], most: number) {
  const first: ImageDiff['first'][number][] = [];
  let total = 0;
  return {
    add(flat: number, a: number | bigint, b: number | bigint): void {
      total++;
      if (first.length < most) first.push({ index: indexOf(flat, shape), a, b });
    },
    result: (kind: ImageDiff['kind']): ImageDiff | undefined =>
      total === 0 ? undefined : { kind, total, ratio: total / countOf(shape), first },
  };
}

function indexOf(flat: number, shape: readonly number[]): number[] {
  const index: number[] = [];
  let rest = flat;
  for (const length of [...shape].reverse()) {
    index.unshift(rest % length);
    rest = Math.floor(rest / length);
  }
  return index;
}
