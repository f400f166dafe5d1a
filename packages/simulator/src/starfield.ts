import { SimulatorError } from './errors.ts';
import { isolationDistance, type Psf } from './psf.ts';
import { nextNormal, nextUniform, randomState } from './random.ts';
import type { Star } from './scene.ts';

export interface StarFieldSettings {
  readonly seed: number | string;
  readonly shape: readonly [ny: number, nx: number];
  readonly psf: Psf;
  /** Stars that keep clear of every other star; then stars anywhere among them, for company. */
  readonly isolated: number;
  readonly crowded: number;
  /** Of the isolated ones, how many are too bright for the detector. */
  readonly saturating: number;
  /** e-/s: bounds of the log-uniform law; rate at which the peak pixel saturates within the exposure. */
  readonly rates: readonly [faintest: number, brightest: number];
  readonly saturationRate: number;
  /** Pixels by which the field exceeds the detector, so that dithers bring in new stars. */
  readonly margin: number;
}

/**
 * A field of stars on and around a detector. Isolated stars come first, in an order that has nothing to do
 * with their brightness; a few of them saturate.
 *
 * @throws CrowdedScene when the isolated stars do not fit
 */
export function starField(settings: StarFieldSettings): Star[] {
  const { psf, margin, shape } = settings;
  const [ny, nx] = shape;
  const random = randomState(settings.seed, 'stars');
  const clear = isolationDistance(psf);
  const cell = clear;
  const taken = new Map<string, [x: number, y: number][]>();
  const cellOf = (v: number) => Math.floor((v + margin) / cell);
  const isClear = (x: number, y: number): boolean => {
    for (let j = cellOf(y) - 1; j <= cellOf(y) + 1; j++)
      for (let i = cellOf(x) - 1; i <= cellOf(x) + 1; i++)
        for (const [a, b] of taken.get(`${i},${j}`) ?? []) if (Math.hypot(a - x, b - y) < clear) return false;
    return true;
  };
  const place = (): [x: number, y: number] => [
    nextUniform(random) * (nx + 2 * margin) - margin - 0.5,
    nextUniform(random) * (ny + 2 * margin) - margin - 0.5,
  ];
  const [faintest, brightest] = settings.rates;
  const rate = () => faintest * (brightest / faintest) ** nextUniform(random);

  const stars: Star[] = [];
  for (let tries = 0; stars.length < settings.isolated; tries++) {
    if (tries > 200 * settings.isolated)
      throw new SimulatorError(
        'CrowdedScene',
        `only ${stars.length} of ${settings.isolated} stars keep ${clear} pixels apart on ${ny}×${nx} pixels; ask for fewer or a larger detector`,
      );
    const [x, y] = place();
    if (!isClear(x, y)) continue;
    const key = `${cellOf(x)},${cellOf(y)}`;
    taken.set(key, [...(taken.get(key) ?? []), [x, y]]);
    const saturates = stars.length < settings.saturating;
    stars.push({ x, y, rate: saturates ? settings.saturationRate * (2 + 18 * nextUniform(random)) : rate() });
  }
  // Company: pairs and chance groups, placed so that they spoil the isolated stars as little as possible.
  for (let tries = 0, added = 0; added < settings.crowded && tries < 200 * settings.crowded; tries++) {
    const [x, y] = place();
    if (!isClear(x, y)) continue;
    stars.push({ x, y, rate: rate() });
    stars.push({ x: x + 0.5 * psf.radius * nextNormal(random), y: y + psf.fwhm, rate: rate() });
    added += 2;
  }
  return stars;
}

export const shifted = (stars: readonly Star[], [dx, dy]: readonly [dx: number, dy: number]): Star[] =>
  stars.map(({ x, y, rate }) => ({ x: x + dx, y: y + dy, rate }));
