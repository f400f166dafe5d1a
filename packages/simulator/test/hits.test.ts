import { describe, expect, it } from 'vitest';
import { trueHits } from '../src/hits.ts';
import { linearised } from '../src/nonlinearity.ts';
import { pixelTruth } from '../src/pixeltruth.ts';
import { type RampSettings, simulateRamp, simulateRows } from '../src/ramp.ts';
import { truthOf } from '../src/truth.ts';
import { smallDetector, smallRamp } from './setup.ts';

const [ny, nx] = smallDetector.shape;
const size = ny * nx;
const rays: RampSettings = {
  ...smallRamp,
  effects: { cosmicRays: { rate: 2e-4, electrons: [300, 20_000] } },
};

describe('particles', () => {
  it('add to each read the charge that the list of hits tells, and nothing else', () => {
    const [with_, without] = [simulateRamp(rays), simulateRamp(smallRamp)];
    const { gain, bias, coefficients } = pixelTruth(rays);
    const hits = trueHits(rays);
    expect(hits.length).toBeGreaterThan(8);
    const added = new Float64Array(with_.length);
    for (const { ramp, read, pixels } of hits)
      for (const [x, y, electrons] of pixels)
        for (let r = read; r < rays.reads; r++)
          added[(ramp * rays.reads + r) * size + y * nx + x]! += electrons;
    const linear = (value: number, i: number) =>
      linearised(value - bias[i]!, coefficients[0][i]!, coefficients[1][i]!, coefficients[2][i]!) * gain[i]!;
    for (let n = 0; n < with_.length; n++) {
      const i = n % size;
      const found = linear(with_[n]!, i) - linear(without[n]!, i);
      // Rounding to whole DN on both sides, and the read noise that F' weighs differently.
      expect(Math.abs(found - added[n]!)).toBeLessThan(2.5 + 0.004 * added[n]!);
      if (added[n] === 0) expect(with_[n]).toBe(without[n]);
    }
  });

  it('come at their rate, at any time, on all pixels, with log-uniform charges', () => {
    const many: RampSettings = {
      ...smallRamp,
      detector: { ...smallDetector, shape: [200, 200] },
      effects: { cosmicRays: { rate: 2e-3, electrons: [1000, 100_000], length: 0.01 } },
    };
    const hits = trueHits(many);
    const expected = 2e-3 * 200 * 200 * 12 * 2;
    expect(Math.abs(hits.length - expected)).toBeLessThan(4 * Math.sqrt(expected));
    const half = (below: (hit: (typeof hits)[number]) => boolean) => {
      expect(Math.abs(hits.filter(below).length - hits.length / 2)).toBeLessThan(2 * Math.sqrt(hits.length));
    };
    half(({ seconds }) => seconds < 6);
    half(({ x }) => x < 99.5);
    half(({ y }) => y < 99.5);
    half(({ ramp }) => ramp === 0);
    half(({ pixels }) => pixels.reduce((sum, [, , e]) => sum + e, 0) < 10_000);
    for (const { read, seconds } of hits) expect(read).toBe(Math.ceil(seconds / 2) - 1);
  });

  it('leave tracks of connected pixels', () => {
    const long: RampSettings = { ...rays, effects: { cosmicRays: { rate: 5e-4, length: 6 } } };
    const tracks = trueHits(long).filter(({ pixels }) => pixels.length > 2);
    expect(tracks.length).toBeGreaterThan(10);
    for (const { pixels } of tracks)
      for (const [x, y] of pixels)
        expect(pixels.some(([i, j]) => Math.max(Math.abs(i - x), Math.abs(j - y)) === 1)).toBe(true);
  });

  it('do not depend on the rows that are asked for', () => {
    const effects = { ...rays.effects, snowballs: { rate: 1e-4 }, showers: { rate: 1e-4 } };
    const settings = { ...rays, effects };
    const whole = simulateRamp(settings);
    for (const [first, last] of [
      [0, 7],
      [7, 40],
      [40, 48],
    ] as const) {
      const band = simulateRows(settings, first, last);
      const length = (last - first) * nx;
      for (let plane = 0; plane < 12; plane++)
        expect(band.subarray(plane * length, (plane + 1) * length)).toEqual(
          whole.subarray(plane * size + first * nx, plane * size + last * nx),
        );
    }
  });

  it('of the large kinds saturate a disc in a halo, or raise a faint patch', () => {
    const settings: RampSettings = {
      ...smallRamp,
      effects: { snowballs: { rate: 1.5e-4, radius: [4, 6] }, showers: { rate: 1.5e-4 } },
    };
    const reads = simulateRamp(settings);
    const { bias, fullWell } = pixelTruth(settings);
    const hits = trueHits(settings);
    const balls = hits.filter(({ kind }) => kind === 'snowball');
    const patches = hits.filter(({ kind }) => kind === 'shower');
    expect(balls.length).toBeGreaterThan(1);
    expect(patches.length).toBeGreaterThan(1);
    for (const { ramp, x, y, radius, pixels } of balls) {
      for (const [i, j] of pixels) {
        if (Math.hypot(i - x, j - y) > radius) continue;
        const at = j * nx + i;
        const last = reads[(ramp * 6 + 5) * size + at]!;
        expect(Math.abs(last - Math.min(bias[at]! + fullWell[at]!, 65_535))).toBeLessThan(60);
      }
      const ring = pixels.filter(([i, j]) => Math.abs(Math.hypot(i - x, j - y) - 1.6 * radius) < 0.5);
      for (const [, , electrons] of ring)
        expect(Math.abs(electrons / (5000 / Math.E) - 1)).toBeLessThan(0.35);
    }
    for (const { pixels } of patches) expect(Math.max(...pixels.map(([, , e]) => e))).toBeLessThan(400);
  });

  it('are told in the truth file, tracks with their pixels', () => {
    const { hits } = truthOf(rays, 'x');
    expect(hits).toEqual(trueHits(rays));
    const aborted = truthOf({ ...rays, ramps: 1, abortedAfter: 3 }, 'x').hits!;
    expect(aborted.length).toBeGreaterThan(0);
    expect(aborted.every(({ read }) => read < 3)).toBe(true);
    expect(truthOf(smallRamp, 'x')).not.toHaveProperty('hits');
  });
});
