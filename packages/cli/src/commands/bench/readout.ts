import { copyFileSync, existsSync, statfsSync } from 'node:fs';
import { join } from 'node:path';
import { openEngine, type Shape2 } from '@iris-drs/kernels';
import type { BenchLine, BenchSettings, Suite } from './line.ts';
import { coefficientPlanes, type Exposure, exposure, writeRamp } from './ramp.ts';
import { copying, reading } from './reading.ts';
import { benchAll, benchFit } from './readout-fits.ts';
import type { Scene } from './readout-scene.ts';
import { benchSample, benchSums } from './readout-sums.ts';
import { withScratch } from './scratch.ts';

const benchSeparately = async (scene: Scene): Promise<BenchLine[]> => {
  const n = Math.floor(scene.from.reads.length / 4);
  return [
    ...(await benchSample(scene, 'cds', { kind: 'cds' })),
    ...(await benchSample(scene, `mcds of ${n} + ${n} reads`, { kind: 'mcds', n })),
    ...(await benchSample(scene, 'utr', { kind: 'utr' })),
    ...(await benchFit(scene, 'ols with variances', { method: 'ols' }, { targetNsPerCore: 8 })),
    // 8 for the fit and 10 for the search.
    ...(await benchFit(scene, 'jump + ols', { method: 'ols', jump: {} }, { targetNsPerCore: 18 })),
    ...(await benchFit(scene, 'likely with jumps', { method: 'likely', jump: {} }, { targetNsPerCore: 25 })),
  ];
};

interface Set {
  readonly size: number;
  readonly reads: number;
  /** For everything at once. */
  readonly all: number;
}

const benchSet = async (
  { size, reads, all }: Set,
  { runs, directory, say }: BenchSettings,
  memory: string | undefined,
): Promise<BenchLine[]> => {
  const shape: Shape2 = [size, size];
  const path = join(directory, `ramp-${size}`);
  const most = Math.max(reads, all);
  writeRamp(path, shape, most);
  say(`${most} reads of ${size}² uint16 in ${path}, from the page cache; hits in 1 % of the pixels`);
  const engine = await openEngine();
  const sceneOf = async (
    count: number,
    inMemory: Exposure | undefined,
    work: (scene: Scene) => Promise<BenchLine[]>,
  ): Promise<BenchLine[]> => {
    const from = exposure(path, shape, count);
    const reader = reading(path, from.bytes, engine.threads);
    try {
      return await work({ engine, from, inMemory, beside: [reader, copying(from.bytes)], runs });
    } finally {
      await reader.close();
    }
  };
  const copy = memory && join(memory, 'ramp');
  if (copy) copyFileSync(path, copy);
  const inMemory = copy ? exposure(copy, shape, reads) : undefined;
  try {
    const separately = await sceneOf(reads, inMemory, benchSeparately);
    const coefficients = coefficientPlanes(engine, shape);
    const corrected = await sceneOf(reads, inMemory, async (scene) => [
      ...(await benchSample(scene, 'non-linearity + utr', { kind: 'utr' }, coefficients)),
      ...(await benchSums(scene, coefficients)),
    ]);
    const everything = await sceneOf(all, undefined, (scene) => benchAll(scene, coefficients));
    return [...separately, ...corrected, ...everything];
  } finally {
    await engine.close();
  }
};

const MEMORY = '/dev/shm';

const roomInMemory = (bytes: number): boolean => {
  if (!existsSync(MEMORY)) return false;
  const { bavail, bsize } = statfsSync(MEMORY);
  return bavail * bsize > 2 * bytes;
};

const benchSets = async (sets: readonly Set[], settings: BenchSettings): Promise<BenchLine[]> => {
  const lines: BenchLine[] = [];
  for (const set of sets) {
    const bytes = Math.max(set.reads, set.all) * set.size ** 2 * 2;
    const room = roomInMemory(bytes);
    settings.say(
      room ? `in memory: a copy in ${MEMORY}` : `nothing in memory: no room for ${bytes} bytes in ${MEMORY}`,
    );
    const found = room
      ? await withScratch((memory) => benchSet(set, settings, memory), MEMORY)
      : await benchSet(set, settings, undefined);
    lines.push(...found);
  }
  return lines;
};

/**
 * Every way from reads to a slope, from files in the page cache and in memory, beside reading the same bytes, copying them
 * in memory (one thread), and scalar TypeScript (one thread) that gives the same slopes. Times are by the clock; /core is
 * processor time of all threads to a sample.
 */
export const readout: Suite = (settings) => {
  const { size, sizeGiven } = settings;
  const sets = [
    { size: 2048, reads: 20, all: 20 },
    { size: 4096, reads: 10, all: 20 },
  ];
  return benchSets(sizeGiven ? [{ size, reads: 10, all: 20 }] : sets, settings);
};

/** The same for 50 reads: files of 1.7 GB at full size, some minutes. */
export const readoutLarge: Suite = (settings) =>
  benchSets([{ size: settings.size, reads: 50, all: 50 }], settings);
