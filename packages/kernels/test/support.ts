import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll } from 'vitest';
import {
  type Engine,
  type EngineOptions,
  openEngine,
  type RampFit,
  type RawImage,
  type Shape2,
} from '../src/index.ts';

/** Half a unit in the last place of float32, relative. */
export const EPS = 2 ** -24;

/** Uniform numbers in [0, 1), the same every time (mulberry32). */
export const uniform = (seed: number): (() => number) => {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
};

export const normal = (random: () => number): number =>
  Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());

/** An engine for one test file. */
export const testEngine = async (options: EngineOptions = {}): Promise<Engine> => {
  const engine = await openEngine({ threads: 2, ...options });
  afterAll(() => engine.close());
  return engine;
};

/** A directory for one test file. */
export const testDirectory = (): string => {
  const directory = mkdtempSync(join(tmpdir(), 'kernels-'));
  afterAll(() => rmSync(directory, { recursive: true }));
  return directory;
};

/** Big-endian bytes of stored numbers. */
const bigEndian = (stored: readonly number[], bitpix: number): Uint8Array => {
  const size = Math.abs(bitpix) / 8;
  const view = new DataView(new ArrayBuffer(stored.length * size));
  for (const [i, v] of stored.entries()) {
    if (bitpix === 8) view.setUint8(i, v);
    else if (bitpix === 16) view.setInt16(i * 2, v);
    else if (bitpix === 32) view.setInt32(i * 4, v);
    else if (bitpix === -32) view.setFloat32(i * 4, v);
    else view.setFloat64(i * 8, v);
  }
  return new Uint8Array(view.buffer);
};

/** A file with some bytes of header and one plane. */
export const imageFile = (
  path: string,
  stored: readonly number[],
  shape: Shape2,
  format: Pick<RawImage, 'bitpix' | 'bscale' | 'bzero'>,
): RawImage => {
  const offset = 2880;
  writeFileSync(path, Buffer.concat([Buffer.alloc(offset), bigEndian(stored, format.bitpix)]));
  return { path, offset, shape, ...format };
};

/** Gives the frames of a slope back. */
export const release = (fit: RampFit): void => {
  for (const plane of [fit.slope, fit.varPoisson, fit.varRnoise, fit.dq, fit.readsUsed, fit.pedestal])
    plane?.release();
};

/** Indices where |a − b| exceeds the tolerance, NaN being equal to NaN. */
export const differences = (
  a: ArrayLike<number>,
  b: ArrayLike<number>,
  tolerance: (i: number) => number,
): string[] => {
  const found: string[] = [];
  for (let i = 0; i < b.length && found.length < 5; i++) {
    const x = a[i]!;
    const y = b[i]!;
    if (Object.is(x, y) || Math.abs(x - y) <= tolerance(i)) continue;
    found.push(`[${i}] ${x} instead of ${y}, tolerance ${tolerance(i)}`);
  }
  return found;
};

/** Shapes that are not square and whose rows and totals do not fill whole vectors, and one that does. */
export const SHAPES: readonly Shape2[] = [
  [1, 1],
  [7, 13],
  [37, 53],
  [26, 40],
  [130, 1030],
];
