import { describe, expect, it } from 'vitest';
import { linearised } from '../src/nonlinearity.ts';
import { pixelTruth } from '../src/pixeltruth.ts';
import { type RampSettings, readTimes, simulateRamp } from '../src/ramp.ts';
import { blankScene, mean, rms, smallRamp } from './setup.ts';

/** Pulls of equally weighted slopes against the truth of each pixel, in their exact variance. */
function pullsOf(settings: RampSettings): number[] {
  const truth = pixelTruth(settings);
  const reads = simulateRamp(settings);
  const times = readTimes(settings);
  const middle = mean(times);
  const scale = times.reduce((sum, t) => sum + (t - middle) ** 2, 0);
  const weights = times.map((t) => (t - middle) / scale);
  const after = weights.map((_, k) => weights.slice(k).reduce((a, b) => a + b, 0));
  const photon = times.reduce((sum, t, k) => (k === 0 ? 0 : sum + after[k]! ** 2 * (t - times[k - 1]!)), 0);
  const reading = weights.reduce((sum, w) => sum + w * w, 0);
  const size = truth.slope.length;
  const [c0, c1, c2] = truth.coefficients;
  return Array.from({ length: settings.ramps * size }, (_, n) => {
    const [ramp, i] = [Math.floor(n / size), n % size];
    let [slope, stretch] = [0, 0];
    weights.forEach((w, read) => {
      const x = reads[(ramp * settings.reads + read) * size + i]! - truth.bias[i]!;
      slope += w * linearised(x, c0[i]!, c1[i]!, c2[i]!);
      stretch += (w * (1 + 2 * c1[i]! * x + 3 * c2[i]! * x * x)) ** 2;
    });
    const variance = (truth.slope[i]! / truth.gain[i]!) * photon + truth.readNoise[i]! ** 2 * stretch;
    expect(stretch).toBeGreaterThan(0.99 * reading);
    return (slope - truth.slope[i]!) / Math.sqrt(variance);
  });
}

describe('slopes of simulated ramps', () => {
  it.each([2, 60, 2000])(
    'are those of the truth within their noise at %d e-/s, reset noise or not',
    (sky) => {
      const settings = { ...smallRamp, scene: { ...blankScene, sky }, effects: { resetNoise: 25 } };
      const pulls = pullsOf(settings);
      expect(Math.abs(mean(pulls))).toBeLessThan(4 / Math.sqrt(pulls.length) + 0.002);
      expect(Math.abs(rms(pulls) - 1)).toBeLessThan(4 / Math.sqrt(2 * pulls.length));
    },
  );
});
