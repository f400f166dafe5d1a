import { contains, frameOf, type Rectangle } from './frame.ts';
import { type Hit, trueHits } from './hits.ts';
import { linearised } from './nonlinearity.ts';
import { isolationDistance, type Psf, psfProfile } from './psf.ts';
import { type RampSettings, readTimes } from './ramp.ts';
import { TRUSTED_WELL } from './reference.ts';
import type { Star } from './scene.ts';
import { shifted } from './starfield.ts';

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
  /** Particles, if there are any. Tracks with the charge of each pixel, larger events without. */
  readonly hits?: readonly TrueHit[];
  /** What is no science pixel, in pixels of the frame. */
  readonly outside?: {
    /** The rest of the frame is reference pixels. */
    readonly science: Rectangle;
    readonly guideWindows: readonly Rectangle[];
  };
  /** FWHM in pixels while each read was taken, `[ramp][read]`. */
  readonly seeing?: readonly (readonly number[])[];
}

export type TrueHit = Omit<Hit, 'pixels'> & Partial<Pick<Hit, 'pixels'>>;

/** e-/s in the whole image of a star whose brightest pixel would just leave the trusted range in the last read. */
export function saturationRate(ramp: RampSettings): number {
  const { detector, scene } = ramp;
  const middle = psfProfile(scene.psf, 0).fraction[scene.psf.radius]!;
  const { fullWell, nonlinearity } = detector;
  const missing = (2 / 3) * TRUSTED_WELL + (1 / 3) * TRUSTED_WELL ** 2;
  const linear = linearised(
    TRUSTED_WELL * fullWell,
    0,
    (nonlinearity * missing) / (TRUSTED_WELL * fullWell),
    0,
  );
  const electronsPerSecond = (linear * detector.gain) / readTimes(ramp).at(-1)!;
  return Math.max(electronsPerSecond - scene.sky - detector.dark - detector.glow, 0) / middle ** 2;
}

/** Part of the saturation rate up to which no pixel, however responsive, can saturate. */
const SAFE = 0.8;

/** The truth of one detector's exposure. */
export function truthOf(ramp: RampSettings, exposureId: string): FrameTruth {
  const { detector, scene } = ramp;
  const { x: left, y: bottom, nx, ny } = frameOf(ramp);
  const limit = saturationRate(ramp);
  const reach = scene.psf.radius + 1;
  const outside = outsideOf(ramp);
  const { science } = outside ?? { science: { x: 0, y: 0, nx, ny } };
  const onDetector = ({ x, y }: Star, margin: number) =>
    x > science.x - 0.5 + margin &&
    y > science.y - 0.5 + margin &&
    x < science.x + science.nx - 0.5 - margin &&
    y < science.y + science.ny - 0.5 - margin;
  const stars = ramp.window ? shifted(scene.stars, [-left, -bottom]) : scene.stars;
  const seen = stars.filter((star) => onDetector(star, -reach));
  const alone = isolatedOnes(seen, isolationDistance(scene.psf));
  const guided = ({ x, y }: Star) =>
    outside?.guideWindows.some((window) => contains(grown(window, reach), x, y)) ?? false;
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
      isolated: alone[i]! && onDetector(star, reach) && !guided(star),
    })),
    sky: skyOf(ramp),
    ...effectsTruth(ramp),
    ...(outside ? { outside } : {}),
  };
}

const grown = ({ x, y, nx, ny }: Rectangle, by: number): Rectangle => ({
  x: x - by,
  y: y - by,
  nx: nx + 2 * by,
  ny: ny + 2 * by,
});

/** The sky of the scene, which is of the whole detector, as a subarray sees it. */
function skyOf({ detector, scene, window }: RampSettings): FrameTruth['sky'] {
  const level = scene.sky / detector.gain;
  if (window === undefined) return { level, gradient: scene.skyGradient };
  const [ny, nx] = detector.shape;
  const [gx, gy] = scene.skyGradient;
  const middle =
    1 + gx * ((window.x + window.nx / 2) / nx - 0.5) + gy * ((window.y + window.ny / 2) / ny - 0.5);
  const gradient = [(gx * window.nx) / nx / middle, (gy * window.ny) / ny / middle] as const;
  return { level: level * middle, gradient };
}

/** Which pixels of the frame are not science, if any are. */
function outsideOf(ramp: RampSettings): FrameTruth['outside'] {
  const { detector, effects } = ramp;
  const frame = frameOf(ramp);
  const border = detector.referencePixels ?? 0;
  const windows = effects?.guideWindows?.windows ?? [];
  if (border === 0 && windows.length === 0) return undefined;
  const [ny, nx] = detector.shape;
  const all = { x: border, y: border, nx: nx - 2 * border, ny: ny - 2 * border };
  const onFrame = (area: Rectangle) => {
    const [x, y] = [Math.max(area.x, frame.x), Math.max(area.y, frame.y)];
    const right = Math.min(area.x + area.nx, frame.x + frame.nx);
    const top = Math.min(area.y + area.ny, frame.y + frame.ny);
    return { x: x - frame.x, y: y - frame.y, nx: Math.max(right - x, 0), ny: Math.max(top - y, 0) };
  };
  return {
    science: onFrame(all),
    guideWindows: windows.map(onFrame).filter(({ nx, ny }) => nx > 0 && ny > 0),
  };
}

function effectsTruth(ramp: RampSettings): Pick<FrameTruth, 'hits' | 'seeing'> {
  const { effects, scene } = ramp;
  const particles = effects?.cosmicRays ?? effects?.snowballs ?? effects?.showers;
  const seeing = effects?.seeing?.map((reads) => reads.map((factor) => factor * scene.psf.fwhm));
  return {
    ...(particles
      ? {
          hits: trueHits(ramp).map(({ pixels, ...hit }) =>
            hit.kind === 'cosmicRay' ? { ...hit, pixels } : hit,
          ),
        }
      : {}),
    ...(seeing ? { seeing } : {}),
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
