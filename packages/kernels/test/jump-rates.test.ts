import { closeSync, openSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { expose, GAIN, NOISE, SHAPE } from './light.ts';
import { release, testDirectory, testEngine } from './support.ts';

const engine = await testEngine();
const directory = testDirectory();

/** Part of the hits of one size that is found, and of the differences without a hit that are flagged. */
const ratesAt = async (method: 'ols' | 'likely', times: readonly number[], rate: number, size: number) => {
  const reads = times.length;
  const hits = { mean: 0.1, sizes: [size, size] } as const;
  const scene = expose(directory, { rate, times, hits, seed: reads + size });
  const path = join(directory, 'flags');
  const fd = openSync(path, 'w');
  const result = await engine.fitRamp({
    ...{ shape: SHAPE, ramps: [{ reads: scene.reads, times }], gain: GAIN, readNoise: NOISE, method },
    ...{ jump: { neighbours: false }, groupDq: { fd, offset: 0 } },
  });
  closeSync(fd);
  release(result);
  const flags = readFileSync(path);
  const struck = new Set(scene.struck);
  const found = scene.struck.filter((at) => (flags[at]! & 4) !== 0).length;
  const flagged = flags.reduce((sum, q) => sum + (q & 4 ? 1 : 0), 0);
  const n = SHAPE[0] * SHAPE[1] * (reads - 1);
  return { found: found / struck.size, falsely: (flagged - found) / (n - struck.size) };
};

const rates = (method: 'ols' | 'likely', reads: number, rate: number, size: number) =>
  ratesAt(
    method,
    Array.from({ length: reads }, (_, r) => 5 * (r + 1)),
    rate,
    size,
  );

const print = (what: string, { found, falsely }: Awaited<ReturnType<typeof rates>>): void => {
  if (!process.env.DRS_PRINT_FIGURES) return;
  console.info(`${what}: found ${(100 * found).toFixed(1)} %, falsely ${(1e6 * falsely).toFixed(0)} ppm`);
};

const lengths = process.env.DRS_PRINT_FIGURES ? [5, 10, 20, 50] : [5, 20];
const cases = (['ols', 'likely'] as const).flatMap((method) => lengths.map((n) => [method, n] as const));

describe.each([
  ['read noise', 0.2],
  ['photon noise', 400],
] as const)('jumps in ramps of %s', (noise, rate) => {
  it.each(cases)('of %s with %i reads are found, and few that are none', async (method, reads) => {
    const sizes = process.env.DRS_PRINT_FIGURES ? [4, 5, 6, 8, 10] : [6, 10];
    for (const size of sizes) {
      const seen = await rates(method, reads, rate, size);
      print(`${noise} ${method} ${reads} reads, ${size} σ`, seen);
      // Of n differences one tells its hit to σ√(1 + 1/(n − 1)): with four, many of 6 σ stay below the limit of 4.5 σ.
      if (size === 6) expect(seen.found).toBeGreaterThan(reads < 10 ? 0.55 : 0.85);
      // The search by likelihood ends with three differences left: a second hit stays.
      if (size === 10) expect(seen.found).toBeGreaterThan(reads < 10 ? 0.9 : 0.98);
      expect(seen.falsely).toBeLessThan(0.001);
    }
  });
});

/** Reads 0.7 s apart in groups, 100 s between them. */
const groups = (reads: number, count: number): number[] =>
  Array.from({ length: reads * count }, (_, r) => 1 + 0.7 * (r % reads) + 100 * Math.floor(r / reads));

describe('jumps in ramps with gaps between their reads', () => {
  it.each([
    ['two groups of four', groups(4, 2), 0.2],
    ['two groups of four, bright', groups(4, 2), 400],
    ['two groups of eight', groups(8, 2), 0.2],
    ['three groups of six', groups(6, 3), 10],
    ['one read lost of eight', [1, 2, 3, 4, 6, 7, 8].map((t) => 5 * t), 400],
  ])('differences across a gap are no jumps: %s', async (what, times, rate) => {
    const seen = await ratesAt('ols', times, rate, 60);
    print(what, seen);
    expect(seen.falsely).toBeLessThan(0.001);
    // In most of the differences, the short ones, a hit shows as ever.
    expect(seen.found).toBeGreaterThan(0.6);
  });
});
