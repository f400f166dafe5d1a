import { type DetectorSettings, isReferencePixel } from './detector.ts';
import { contains, frameOf } from './frame.ts';
import { type RampSettings, readTimes, takenOf } from './ramp.ts';
import { nextPoisson, nextUniform, type RandomState, randomState } from './random.ts';

/** Particles; rates are events per pixel and second (1 cm⁻² s⁻¹ is 1e-6 with pixels of 10 µm). */
export interface HitSettings {
  /**
   * Straight tracks: charge log-uniform between `electrons` (500 … 50 000) in all, over an exponential length of
   * mean `length` pixels (2).
   */
  readonly cosmicRays?: {
    readonly rate: number;
    readonly electrons?: readonly [least: number, most: number];
    readonly length?: number;
  };
  /** Discs of `radius` pixels (3 … 10) filled far above full well, in a halo of `halo` e- (5000) at its inner edge. */
  readonly snowballs?: {
    readonly rate: number;
    readonly radius?: readonly [least: number, most: number];
    readonly halo?: number;
  };
  /** Faint elliptical patches: σ of the long axis in pixels (4 … 12), e- at the middle (50 … 300). */
  readonly showers?: {
    readonly rate: number;
    readonly sigma?: readonly [least: number, most: number];
    readonly electrons?: readonly [least: number, most: number];
  };
}

export type HitKind = 'cosmicRay' | 'snowball' | 'shower';

/** One event, in pixels of the read (0-based; of the subarray, if that is what is read). */
export interface Hit {
  readonly kind: HitKind;
  readonly ramp: number;
  /** The first read that holds it, from 0: hits of read 0 came after the reset and before it. */
  readonly read: number;
  /** Seconds since the reset. */
  readonly seconds: number;
  /** Where the track begins, or the middle. */
  readonly x: number;
  readonly y: number;
  /** Of the core, or σ of the long axis; 0 for tracks. */
  readonly radius: number;
  /** Charge that was added to each pixel: x, y, electrons. Reference and guiding pixels have none. */
  readonly pixels: readonly (readonly [x: number, y: number, electrons: number])[];
}

/** Rows that share a random stream. */
const STRIP = 64;
/** How far a halo or a patch is followed: down to this charge, e-. */
const FAINTEST = 10;
/** Fall of a halo by e, in radii of the core. */
const HALO_SCALE = 0.6;
const LONGEST_TRACK = 40;

type Deposit = (x: number, y: number, electrons: number) => void;

interface Kind {
  readonly kind: HitKind;
  readonly rate: number;
  /** Pixels from the middle that charge may reach. */
  readonly reach: number;
  /** Draws one event; returns its radius. */
  readonly draw: (random: RandomState, x: number, y: number, deposit: Deposit) => number;
}

const between = (random: RandomState, [least, most]: readonly [number, number]): number =>
  least * (most / least) ** nextUniform(random);

function kindsOf({ cosmicRays, snowballs, showers }: HitSettings, detector: DetectorSettings): Kind[] {
  const kinds: Kind[] = [];
  if (cosmicRays) {
    const { rate, electrons = [500, 50_000], length = 2 } = cosmicRays;
    kinds.push({ kind: 'cosmicRay', rate, reach: LONGEST_TRACK + 1, draw: track(electrons, length) });
  }
  if (snowballs) {
    const { rate, radius = [3, 10], halo = 5000 } = snowballs;
    const reach = Math.ceil(radius[1] * (1 + HALO_SCALE * Math.log(Math.max(halo / FAINTEST, 1)))) + 1;
    kinds.push({ kind: 'snowball', rate, reach, draw: snowball(radius, halo, detector) });
  }
  if (showers) {
    const { rate, sigma = [4, 12], electrons = [50, 300] } = showers;
    kinds.push({ kind: 'shower', rate, reach: Math.ceil(3 * sigma[1]) + 1, draw: shower(sigma, electrons) });
  }
  return kinds;
}

const track =
  (electrons: readonly [number, number], mean: number): Kind['draw'] =>
  (random, x, y, deposit) => {
    const length = Math.min(-mean * Math.log(nextUniform(random)), LONGEST_TRACK);
    const angle = 2 * Math.PI * nextUniform(random);
    const charge = between(random, electrons);
    const steps = Math.max(1, Math.ceil(4 * length));
    const sums = new Map<string, [number, number, number]>();
    for (let step = 0; step < steps; step++) {
      const along = (length * (step + 0.5)) / steps;
      const [i, j] = [Math.round(x + along * Math.cos(angle)), Math.round(y + along * Math.sin(angle))];
      const entry = sums.get(`${i},${j}`) ?? [i, j, 0];
      entry[2] += charge / steps;
      sums.set(`${i},${j}`, entry);
    }
    for (const [i, j, sum] of sums.values()) deposit(i, j, Math.round(sum));
    return 0;
  };

const snowball = (
  radii: readonly [number, number],
  halo: number,
  detector: DetectorSettings,
): Kind['draw'] => {
  const full = Math.round(5 * detector.fullWell * detector.gain);
  return (random, x, y, deposit) => {
    const radius = between(random, radii);
    const edge = radius * (1 + HALO_SCALE * Math.log(Math.max(halo / FAINTEST, 1)));
    for (let j = Math.ceil(y - edge); j <= y + edge; j++)
      for (let i = Math.ceil(x - edge); i <= x + edge; i++) {
        const distance = Math.hypot(i - x, j - y);
        if (distance > edge) continue;
        const mean = halo * Math.exp((radius - distance) / (HALO_SCALE * radius));
        deposit(i, j, distance <= radius ? full : nextPoisson(random, mean));
      }
    return radius;
  };
};

const shower =
  (sigmas: readonly [number, number], electrons: readonly [number, number]): Kind['draw'] =>
  (random, x, y, deposit) => {
    const sigma = between(random, sigmas);
    const short = sigma * (0.3 + 0.7 * nextUniform(random));
    const angle = Math.PI * nextUniform(random);
    const peak = between(random, electrons);
    const [cos, sin] = [Math.cos(angle), Math.sin(angle)];
    for (let j = Math.ceil(y - 3 * sigma); j <= y + 3 * sigma; j++)
      for (let i = Math.ceil(x - 3 * sigma); i <= x + 3 * sigma; i++) {
        const [u, v] = [cos * (i - x) + sin * (j - y), cos * (j - y) - sin * (i - x)];
        const square = (u / sigma) ** 2 + (v / short) ** 2;
        if (square < 9) deposit(i, j, nextPoisson(random, peak * Math.exp(-square / 2)));
      }
    return sigma;
  };

/**
 * The events that put charge on rows `[first, last)` of what is read, with all their pixels; the same settings give
 * the same events whatever the rows. In the order of ramp, kind and strip of rows.
 */
function hitsIn(settings: RampSettings, first: number, last: number): Hit[] {
  const { detector, effects, noise, ramps } = settings;
  const kinds = effects ? kindsOf(effects, detector) : [];
  if (kinds.length === 0) return [];
  const [ny, nx] = detector.shape;
  const frame = frameOf(settings);
  const times = readTimes(settings);
  const seconds = times.at(-1)!;
  const guides = effects?.guideWindows?.windows ?? [];
  const collects = (x: number, y: number) =>
    contains(frame, x, y) &&
    !isReferencePixel(detector, x, y) &&
    !guides.some((window) => contains(window, x, y));
  const hits: Hit[] = [];
  for (let ramp = 0; ramp < ramps; ramp++)
    for (const { kind, rate, reach, draw } of kinds) {
      const from = Math.max(0, Math.floor((frame.y + first - reach) / STRIP));
      const to = Math.min(Math.ceil(ny / STRIP), Math.ceil((frame.y + last + reach) / STRIP));
      for (let strip = from; strip < to; strip++) {
        const random = randomState(detector.seed, detector.detector, noise, 'hits', kind, ramp, strip);
        const rows = Math.min(STRIP, ny - strip * STRIP);
        const count = nextPoisson(random, rate * rows * nx * seconds);
        for (let n = 0; n < count; n++) {
          const [x, y] = [nextUniform(random) * nx - 0.5, strip * STRIP + nextUniform(random) * rows - 0.5];
          const time = nextUniform(random) * seconds;
          const pixels: [x: number, y: number, electrons: number][] = [];
          let seen = false;
          const radius = draw(random, x, y, (i, j, electrons) => {
            if (electrons <= 0 || !collects(i, j)) return;
            pixels.push([i - frame.x, j - frame.y, electrons]);
            seen ||= j - frame.y >= first && j - frame.y < last;
          });
          const read = times.findIndex((t) => t >= time);
          if (seen)
            hits.push({ kind, ramp, read, seconds: time, x: x - frame.x, y: y - frame.y, radius, pixels });
        }
      }
    }
  return hits;
}

/**
 * Every event of an exposure with the charge that it left in each pixel; after an abort those that came before it.
 */
export function trueHits(settings: RampSettings): Hit[] {
  const taken = takenOf(settings);
  const all = hitsIn(settings, 0, frameOf(settings).ny);
  return all.filter(({ ramp, read }) => ramp < taken.ramps && read < taken.reads);
}

/** Charge by row and read: for each row of a band, index `ramp · reads + read` → x, electrons, x, electrons … */
export type Deposits = readonly ReadonlyMap<number, readonly number[]>[];

export function depositsIn(settings: RampSettings, first: number, last: number): Deposits {
  const rows = Array.from({ length: last - first }, () => new Map<number, number[]>());
  const { x: left } = frameOf(settings);
  for (const { ramp, read, pixels } of hitsIn(settings, first, last))
    for (const [x, y, electrons] of pixels) {
      const row = rows[y - first];
      if (row === undefined) continue;
      const index = ramp * settings.reads + read;
      const list = row.get(index) ?? [];
      list.push(x + left, electrons);
      row.set(index, list);
    }
  return rows;
}
