import { type DetectorSettings, defaultDetector } from '../src/detector.ts';
import { gaussianPsf } from '../src/psf.ts';
import type { RampSettings } from '../src/ramp.ts';

/** A small detector of four outputs whose pixels are all good, under a faint sky. */
export const smallDetector: DetectorSettings = {
  ...defaultDetector,
  detector: 'IMG3',
  shape: [48, 64],
  seed: 5,
  channels: 4,
  warmFraction: 0,
  hotFraction: 0,
  deadFraction: 0,
};

export const blankScene = { psf: gaussianPsf(2.5), stars: [], sky: 20, skyGradient: [0, 0] as const };

export const smallRamp: RampSettings = {
  detector: smallDetector,
  scene: blankScene,
  reads: 6,
  ramps: 2,
  readSeconds: 2,
  noise: 'small',
};

/** A detector that adds no noise of its own and no light falls on. */
export const quiet = (settings: RampSettings): RampSettings => ({
  ...settings,
  detector: { ...settings.detector, readNoise: 0, dark: 0, glow: 0 },
  scene: { ...settings.scene, sky: 0 },
});

export const mean = (values: ArrayLike<number>): number => {
  let sum = 0;
  for (let i = 0; i < values.length; i++) sum += values[i]!;
  return sum / values.length;
};

export const rms = (values: ArrayLike<number>): number =>
  Math.sqrt(mean(Float64Array.from(values, (v) => v * v)));
