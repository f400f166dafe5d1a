import { expect, it } from 'vitest';
import type { ObservationOptions } from '../src/plan.ts';
import { observationHash } from './golden.ts';
import { scratch } from './scratch.ts';

it('gives the bytes and events it has always given while every effect is off', async () => {
  // From before there were effects: reads, truth, references and events of two detectors, SCI and SKY, seed 11.
  const before = '7c9cef37c71df63e8dc7776be575e7b196fd3970e2dd1d042c08447aeca86abd';
  expect(await observationHash(scratch())).toBe(before);
  expect(await observationHash(scratch(), { threads: 2 })).toBe(before);
});

it('gives the same bytes and events whatever the number of threads with every effect on', async () => {
  const settings: Partial<ObservationOptions> = {
    detector: { referencePixels: 4 },
    calibration: { linearity: 'polynomial', rampDark: true },
    times: [1.5, 3, 8],
    order: ['SCI', 'SCI', 'SKY'],
    window: { x: 2, y: 3, nx: 50, ny: 55 },
    abort: { exposure: 2, reads: 2 },
    effects: {
      resetNoise: 20,
      outputs: { bias: 30, drift: 5, jitter: 3, delaySeconds: 0.01 },
      flicker: { noise: 4 },
      cosmicRays: { rate: 1e-4 },
      snowballs: { rate: 1e-5 },
      showers: { rate: 1e-5 },
      persistence: { fraction: 0.01, seconds: 100 },
      settling: { electrons: 30, seconds: 3 },
      seeing: { scatter: 0.1 },
      guideWindows: { windows: [{ x: 20, y: 20, nx: 8, ny: 8 }] },
    },
  };
  const one = await observationHash(scratch(), settings);
  expect(await observationHash(scratch(), { ...settings, threads: 2 })).toBe(one);
  expect(await observationHash(scratch(), { ...settings, seed: 12 })).not.toBe(one);
});
