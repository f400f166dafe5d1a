import { closeSync, openSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { FitRampSpec } from '../src/index.ts';
import { type RampFrame, fitRamp as twin } from '../src/twins/fit-ramp.ts';
import { imageFile, release, testDirectory, testEngine, uniform } from './support.ts';

const engine = await testEngine();
const directory = testDirectory();
const FULL = 40_000;
const GAIN = 1.6;
const NOISE = 7;
const shape = [90, 130] as const;
const n = shape[0] * shape[1];

/** Noiseless ramps with snowballs: differences are those of light exactly, or far from it. */
const snow = (lengths: readonly number[], seed: number) => {
  const random = uniform(seed);
  const rate = Array.from({ length: n }, () => 1 + 3 * random());
  return lengths.map((reads, k) => {
    const times = Array.from({ length: reads }, (_, r) => 5 * (r + 1));
    const charge = times.map(() => new Float64Array(n));
    for (let event = 0; event < 7; event++) {
      const [x, y, radius] = [random() * shape[1], random() * shape[0], 1 + 5 * random()];
      const read = 1 + Math.floor(random() * (reads - 1));
      for (let i = 0; i < n; i++) {
        const distance = Math.hypot((i % shape[1]) - x, Math.floor(i / shape[1]) - y);
        if (distance < radius) charge[read]![i]! += 2 * FULL;
        else if (distance < radius + 3) charge[read]![i]! += 2000;
      }
    }
    const level = Float64Array.from(rate, (v) => 5 * v);
    const raw = times.map((t, r) => {
      for (let i = 0; i < n; i++) level[i]! += (r > 0 ? (t - times[r - 1]!) * rate[i]! : 0) + charge[r]![i]!;
      return Array.from(level, (v) => Math.fround(Math.min(v, FULL)));
    });
    const images = raw.map((values, r) =>
      imageFile(join(directory, `${seed}-${k}-${r}`), values, shape, { bitpix: -32, bscale: 1, bzero: 0 }),
    );
    return { times, raw, images, rate };
  });
};

describe('large events in a ramp fit', () => {
  it.each([
    ['ols, a single pass', 'ols', [14]],
    ['ols of short ramps', 'ols', [6, 5]],
    ['likelihood', 'likely', [9, 8]],
  ] as const)('are those of the twin: %s', async (_, method, lengths) => {
    for (const seed of [1, 2]) {
      const ramps = snow(lengths, seed);
      const large = { edge: 3, nextRampSeconds: 12, seconds: 5 };
      const path = join(directory, 'flags');
      const fd = openSync(path, 'w');
      const spec: FitRampSpec = {
        shape,
        ramps: ramps.map(({ images, times }) => ({ reads: images, times })),
        ...{ gain: GAIN, readNoise: NOISE, method, saturation: { threshold: FULL } },
        jump: { large },
        groupDq: { fd, offset: 0 },
      };
      const result = await engine.fitRamp(spec);
      closeSync(fd);
      const frame: RampFrame = {
        shape,
        ramps: ramps.map(({ times, raw }) => ({
          times,
          ...{
            raw: (r, i) => raw[r]![i]!,
            flags: () => 0,
            offset: () => 0,
            dark: () => 0,
            lost: () => false,
          },
        })),
        pixel: () => ({
          ...{ form: 'relative', coefficients: [], gain: GAIN, readNoise: NOISE, bias: 0, threshold: FULL },
        }),
        ...{ floor: Number.NEGATIVE_INFINITY, grow: 1, neighbours: true, after: [], variance: 'exact' },
        jump: { rejection: 4, fourReads: 5, threeReads: 6, min: 10, max: 1000 },
        ...{ large, method, chi2: 4.5 ** 2 },
      };
      // Before `likely` the two-point differences tell events only, and the fit finds its jumps itself.
      const events = method === 'ols' ? twin(frame) : [];
      const got = readFileSync(path);
      let plane = 0;
      for (const [k, { times }] of ramps.entries())
        for (const r of times.keys()) {
          const mine = got.subarray(plane * n, (plane + 1) * n);
          for (const [i, fit] of events.entries())
            if (mine[i] !== fit.ramps[k]!.flags[r])
              throw new Error(`flags of read ${r}, pixel ${i}: ${mine[i]}`);
          plane++;
        }
      expect(result.events!.reduce((a, b) => a + b, 0)).toBeGreaterThan(3);
      // A halo is a jump in its read, a core saturated: what has a slope has that of the light.
      const { rate } = ramps[0]!;
      const wrong = Array.from(result.slope.data).filter((v, i) => Math.abs(v - rate[i]!) > 1e-3);
      expect(wrong).toEqual([]);
      release(result);
    }
  });

  it('take no memory for long, and leave a ramp without any as it is', async () => {
    const before = engine.pool.usedBytes;
    const [quiet] = snow([12], 3);
    const spec: FitRampSpec = {
      ...{ shape, ramps: [{ reads: quiet!.images, times: quiet!.times }], gain: GAIN, readNoise: NOISE },
      method: 'ols',
      // No event is as large as that.
      jump: { large: { minJumpArea: 1e6 } },
    };
    const [with_, without] = [await engine.fitRamp(spec), await engine.fitRamp({ ...spec, jump: {} })];
    expect(with_.events!.every((count) => count === 0)).toBe(true);
    expect(Buffer.from(with_.slope.data).equals(Buffer.from(without.slope.data))).toBe(true);
    expect(Buffer.from(with_.dq.data).equals(Buffer.from(without.dq.data))).toBe(true);
    release(with_);
    release(without);
    expect(engine.pool.usedBytes).toBe(before);
  });

  it('are found where every second pixel is flagged: the reads are replayed with more room', async () => {
    const times = Array.from({ length: 12 }, (_, r) => r + 1);
    const reads = times.map((t, r) =>
      imageFile(
        join(directory, `stripes-${r}`),
        Array.from({ length: n }, (_, i) => 10 * t + (i % 2 === r % 2 ? 3000 * r : 0)),
        shape,
        { bitpix: -32, bscale: 1, bzero: 0 },
      ),
    );
    const result = await engine.fitRamp({
      ...{ shape, ramps: [{ reads, times }], gain: GAIN, readNoise: NOISE, method: 'ols' },
      jump: { neighbours: false, large: { saturated: false } },
    });
    expect(result.events).toHaveLength(12);
    release(result);
  });
});
