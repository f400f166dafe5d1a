import { linearised } from './nonlinearity.ts';
import { isolationDistance, type Psf, psfProfile } from './psf.ts';
import type { RampSettings } from './ramp.ts';
import { TRUSTED_WELL } from './reference.ts';
import type { Star } from './scene.ts';

export interface TrueStar {
  /** Pixels, 0-based: (0, 0) is the centre of the first pixel. */
  readonly x: number;
  readonly y: number;
  /** DN/s over the whole image of the star. */
  readonly rate: number;
  /** Its brightest pixel leaves the trusted range before the last read, or nearly so. */
  readonly saturated: boolean;
  /** Wholly on the detector, and no other star within reach of photometry. */
  readonly isolated: boolean;
}

/** What a perfect reduction of an exposure would find, in the units of the reduced frame. */
export interface FrameTruth {
  readonly exposureId: string;
  readonly detector: string;
  /** [ny, nx] */
  readonly shape: readonly [ny: number, nx: number];
  readonly unit: 'DN/s';
  /** Nominal e-/DN: the scale between electrons and reduced DN. */
  readonly gain: number;
  readonly psf: Psf;
  readonly stars: readonly TrueStar[];
  /** DN/s at the middle of the detector, and relative change from edge to edge. */
  readonly sky: { readonly level: number; readonly gradient: readonly [x: number, y: number] };
}

/** e-/s in the whole image of a star whose brightest pixel would just leave the trusted range in the last read. */
export function saturationRate({ detector, reads, readSeconds, scene }: RampSettings): number {
  const middle = psfProfile(scene.psf, 0).fraction[scene.psf.radius]!;
  const { fullWell, nonlinearity } = detector;
  const missing = (2 / 3) * TRUSTED_WELL + (1 / 3) * TRUSTED_WELL ** 2;
  const linear = linearised(
    TRUSTED_WELL * fullWell,
    0,
    (nonlinearity * missing) / (TRUSTED_WELL * fullWell),
    0,
  );
  const electronsPerSecond = (linear * detector.gain) / (reads * readSeconds);
  return Math.max(electronsPerSecond - scene.sky - detector.dark - detector.glow, 0) / middle ** 2;
}

/** Part of the saturation rate up to which no pixel, however responsive, can saturate. */
const SAFE = 0.8;

/** The truth of one detector's exposure. */
export function truthOf(ramp: RampSettings, exposureId: string): FrameTruth {
  const { detector, scene } = ramp;
  const [ny, nx] = detector.shape;
  const limit = saturationRate(ramp);
  const reach = scene.psf.radius + 1;
  const onDetector = ({ x, y }: Star, margin: number) =>
    x > -0.5 + margin && y > -0.5 + margin && x < nx - 0.5 - margin && y < ny - 0.5 - margin;
  const seen = scene.stars.filter((star) => onDetector(star, -reach));
  const alone = isolatedOnes(seen, isolationDistance(scene.psf));
  return {
    exposureId,
    detector: detector.detector,
    shape: [ny, nx],
    unit: 'DN/s',
    gain: detector.gain,
    psf: scene.psf,
    stars: seen.map((star, i) => ({
      x: star.x,
      y: star.y,
      rate: star.rate / detector.gain,
      saturated: star.rate > SAFE * limit,
      isolated: alone[i]! && onDetector(star, reach),
    })),
    sky: { level: scene.sky / detector.gain, gradient: scene.skyGradient },
  };
}

function isolatedOnes(stars: readonly Star[], distance: number): boolean[] {
  const order = stars.map((_, i) => i).sort((a, b) => stars[a]!.y - stars[b]!.y);
  const alone = stars.map(() => true);
  order.forEach((i, at) => {
    for (const j of order.slice(at + 1)) {
      if (stars[j]!.y - stars[i]!.y >= distance) break;
      if (Math.hypot(stars[j]!.x - stars[i]!.x, stars[j]!.y - stars[i]!.y) >= distance) continue;
      alone[i] = false;
      alone[j] = false;
    }
  });
  return alone;
}
