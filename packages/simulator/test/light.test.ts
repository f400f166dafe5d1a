import { describe, expect, it } from 'vitest';
import { linearised } from '../src/nonlinearity.ts';
import { pixelTruth } from '../src/pixeltruth.ts';
import { planObservation } from '../src/plan.ts';
import { type RampSettings, simulateRamp } from '../src/ramp.ts';
import { seeingSeries } from '../src/seeing.ts';
import { truthOf } from '../src/truth.ts';
import { blankScene, mean, quiet, smallDetector, smallRamp } from './setup.ts';

const [ny, nx] = smallDetector.shape;
const size = ny * nx;

/** Electrons in each pixel of each read. */
function electronsOf(settings: RampSettings): Float64Array {
  const { gain, bias, coefficients } = pixelTruth(settings);
  const [c0, c1, c2] = coefficients;
  const pixels = gain.length;
  return Float64Array.from(simulateRamp(settings), (value, n) => {
    const i = n % pixels;
    return linearised(value - bias[i]!, c0[i]!, c1[i]!, c2[i]!) * gain[i]!;
  });
}

const planeMean = (values: Float64Array, plane: number) =>
  mean(values.subarray(plane * size, (plane + 1) * size));

describe('what comes in', () => {
  it('of an earlier exposure falls exponentially, over the ramps', () => {
    const persistence = {
      earlier: { ...blankScene, sky: 400 },
      exposureSeconds: 100,
      gapSeconds: 5,
      fraction: 0.05,
      seconds: 9,
    };
    const found = electronsOf({ ...quiet(smallRamp), effects: { persistence } });
    const { slope, gain } = pixelTruth({ ...quiet(smallRamp), scene: persistence.earlier });
    const trapped = 0.05 * 100 * mean(slope.map((s, i) => s * gain[i]!));
    for (let plane = 0; plane < 12; plane++) {
      const start = 5 + Math.floor(plane / 6) * 12;
      const expected = trapped * (Math.exp(-start / 9) - Math.exp(-(start + 2 * ((plane % 6) + 1)) / 9));
      const sigma = Math.sqrt(expected / size) + 0.06;
      expect(Math.abs(planeMean(found, plane) - expected)).toBeLessThan(4 * sigma);
    }
  });

  it('of an earlier exposure is that of the exposure before in the sequence', () => {
    const effects = { persistence: { fraction: 0.02, seconds: 50 } };
    const { exposures } = planObservation({
      dir: '',
      size: 64,
      stars: 0,
      reads: 4,
      ramps: 3,
      science: 2,
      sky: 0,
      effects,
    });
    const [first, second] = exposures.map(({ ramps }) => ramps.get('IMG1')!);
    expect(first!.effects).not.toHaveProperty('persistence');
    expect(second!.effects!.persistence).toEqual({
      ...effects.persistence,
      gapSeconds: 20,
      exposureSeconds: 24,
      earlier: first!.scene,
    });
  });

  it('while a detector settles is dark charge early in each ramp', () => {
    const found = electronsOf({ ...quiet(smallRamp), effects: { settling: { electrons: 80, seconds: 3 } } });
    for (const plane of [0, 2, 5, 6, 11]) {
      const expected = 80 * (1 - Math.exp((-2 * ((plane % 6) + 1)) / 3));
      expect(Math.abs(planeMean(found, plane) - expected)).toBeLessThan(4 * Math.sqrt(expected / size) + 0.2);
    }
  });

  it('between uneven reads is in proportion to the time', () => {
    const times = [0.5, 1, 1.5, 20, 20.5, 21];
    const found = electronsOf({ ...smallRamp, times });
    const { slope, gain } = pixelTruth(smallRamp);
    const rate = mean(slope.map((s, i) => s * gain[i]!));
    times.forEach((t, plane) => {
      expect(Math.abs(planeMean(found, plane) / (rate * t) - 1)).toBeLessThan(
        5 * Math.sqrt(1 / (rate * t * size)) + 0.01,
      );
    });
  });

  it('before the first read is more in outputs that read later, and the same from then on', () => {
    const bright = { ...smallRamp, scene: { ...blankScene, sky: 300 } };
    const found = electronsOf({ ...bright, effects: { outputs: { delaySeconds: 0.2 } } });
    const { slope, gain } = pixelTruth(bright);
    for (const output of [0, 3]) {
      const own = Array.from({ length: size }, (_, i) => i).filter(
        (i) => Math.floor((i % nx) / 16) === output,
      );
      const rate = mean(own.map((i) => slope[i]! * gain[i]!));
      const level = (plane: number) => mean(own.map((i) => found[plane * size + i]!));
      const within = 4 * Math.sqrt((rate * 12) / own.length) + 0.5;
      expect(Math.abs(level(0) - rate * (2 + 0.2 * output))).toBeLessThan(within);
      expect(Math.abs(level(5) - level(0) - rate * 10)).toBeLessThan(within);
    }
  });

  it('of a star spreads with the seeing of each interval', () => {
    const star = { x: 30, y: 24, rate: 20_000 };
    const seeing = [[1, 1, 2, 1, 1, 1]];
    const settings = { ...quiet(smallRamp), ramps: 1, effects: { seeing } };
    const found = electronsOf({ ...settings, scene: { ...settings.scene, stars: [star] } });
    const widths = Array.from({ length: 6 }, (_, read) => {
      let [sum, square] = [0, 0];
      for (let y = 14; y <= 34; y++)
        for (let x = 20; x <= 40; x++) {
          const at = (plane: number) => (plane < 0 ? 0 : found[plane * size + y * nx + x]!);
          const interval = at(read) - at(read - 1);
          sum += interval;
          square += interval * ((x - 30) ** 2 + (y - 24) ** 2);
        }
      return Math.sqrt(square / sum / 2) * 2 * Math.sqrt(2 * Math.log(2));
    });
    widths.forEach((fwhm, read) => {
      // The width of a pixel adds 1/12 to the variance.
      const expected = Math.hypot(read === 2 ? 5 : 2.5, Math.sqrt(1 / 12) * 2.3548);
      expect(Math.abs(fwhm / expected - 1)).toBeLessThan(0.06);
    });
    expect(truthOf(settings, 'x').seeing).toEqual([[2.5, 2.5, 5, 2.5, 2.5, 2.5]]);
  });

  it('varies with a seeing of the asked scatter and correlation', () => {
    const [series] = seeingSeries({ scatter: 0.2, correlation: 0.6 }, { ramps: 1, reads: 20_000 }, 1);
    const logs = series!.map((factor) => Math.log(factor) / 0.2);
    expect(mean(logs.map((z) => z * z))).toBeCloseTo(1, 1);
    expect(mean(logs.slice(1).map((z, i) => z * logs[i]!))).toBeCloseTo(0.6, 1);
  });

  it('in guide windows is reset all the time and does not pile up; other pixels do not notice', () => {
    const bright = { ...smallRamp, scene: { ...blankScene, sky: 800 } };
    const window = { x: 20, y: 10, nx: 8, ny: 6 };
    const guiding = { ...bright, effects: { guideWindows: { windows: [window], seconds: 0.05 } } };
    const [on, off] = [simulateRamp(guiding), simulateRamp(bright)];
    const { bias, gain } = pixelTruth(guiding);
    for (let n = 0; n < on.length; n++) {
      const [x, y] = [n % nx, Math.floor((n % size) / nx)];
      const inside = x >= 20 && x < 28 && y >= 10 && y < 16;
      if (inside) expect(Math.abs(on[n]! - bias[n % size]! - 40 / gain[n % size]!)).toBeLessThan(45);
      else expect(on[n]).toBe(off[n]);
    }
    expect(truthOf(guiding, 'x').outside).toEqual({
      science: { x: 0, y: 0, nx, ny },
      guideWindows: [window],
    });
  });
});

describe('a subarray', () => {
  const window = { x: 9, y: 13, nx: 30, ny: 20 };
  const effects = { cosmicRays: { rate: 3e-4 }, flicker: { noise: 5 }, outputs: { bias: 9 }, resetNoise: 20 };
  const detector = { ...smallDetector, referencePixels: 4 };
  const full = { ...smallRamp, detector, effects };

  it('holds the pixels that the whole detector holds there', () => {
    const [whole, part] = [simulateRamp(full), simulateRamp({ ...full, window })];
    for (let plane = 0; plane < 12; plane++)
      for (let y = 0; y < 20; y++)
        expect(part.subarray((plane * 20 + y) * 30, (plane * 20 + y + 1) * 30)).toEqual(
          whole.subarray(plane * size + (y + 13) * nx + 9, plane * size + (y + 13) * nx + 39),
        );
  });

  it('has a truth in its own pixels', () => {
    const scene = { ...blankScene, stars: [{ x: 20, y: 20, rate: 500 }], skyGradient: [0.5, 0.2] as const };
    const truth = truthOf({ ...full, scene, window }, 'x');
    expect(truth.shape).toEqual([20, 30]);
    expect(truth.stars[0]).toMatchObject({ x: 11, y: 7 });
    expect(truth.outside).toEqual({ science: { x: 0, y: 0, nx: 30, ny: 20 }, guideWindows: [] });
    const sky = (x: number, y: number) =>
      (20 / 2) * (1 + 0.5 * ((x + 0.5) / nx - 0.5) + 0.2 * ((y + 0.5) / ny - 0.5));
    const { level, gradient } = truth.sky;
    for (const [x, y] of [
      [0, 0],
      [29, 3],
      [12, 19],
    ] as const)
      expect(
        level * (1 + gradient[0] * ((x + 0.5) / 30 - 0.5) + gradient[1] * ((y + 0.5) / 20 - 0.5)),
      ).toBeCloseTo(sky(x + 9, y + 13), 12);
    expect(truth.hits!.length).toBeGreaterThan(0);
    for (const { pixels } of truth.hits!)
      for (const [x, y] of pixels!) expect(x >= 0 && x < 30 && y >= 0 && y < 20).toBe(true);
  });

  it('beyond the detector is refused', () => {
    expect(() =>
      simulateRamp({ ...full, window: { x: 60, y: 0, nx: 5, ny: 5 } }),
    ).toThrowErrorMatchingInlineSnapshot(
      `[SimulatorError: window is 5×5 pixels from column 60 and row 0; give a part of the detector's 64×48 pixels, counted from 0]`,
    );
  });
});
