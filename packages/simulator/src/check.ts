import { DQ } from '@iris-drs/datamodels';
import { type BackgroundFit, backgroundPixels, fitBackground, measureBackground } from './background.ts';
import { chiSquareQuantile } from './chisquare.ts';
import { SimulatorError } from './errors.ts';
import { measureStars } from './photometry.ts';
import type { FrameTruth } from './truth.ts';

/** A reduced frame as the product holds it; arrays `[ny, nx]`, x fastest. */
export interface ReducedFrame {
  readonly shape: readonly [ny: number, nx: number];
  /** DN/s. */
  readonly sci: Float32Array;
  /** Components of the variance, (DN/s)², summed here: VAR_POISSON, VAR_RNOISE, VAR_FLAT, or ERR² alone. */
  readonly variances: readonly Float32Array[];
  readonly dq: Uint32Array;
}

export interface CheckOptions {
  /**
   * What the reduction has done to the background. `free` (default): it was taken off in some way that the
   * truth does not know (sky frames, the frame's own median), and is fitted as a plane of any level and slope.
   * `known`: it is still there, and its fitted level must be that of the true sky.
   */
  readonly background?: 'free' | 'known';
  /** Fewest stars that make a verdict; 200, or 0 in a truth without stars. */
  readonly minStars?: number;
  /** Flags that take a pixel out; DO_NOT_USE and SATURATED. */
  readonly badFlags?: number;
  /** Also require that the scatter's variance is the product's within this fraction: shows a wrong gain reference. */
  readonly noiseTolerance?: number;
}

/** How a reduced frame compares with the truth. */
export interface FrameCheck {
  readonly ok: boolean;
  /** What is wrong, in words. */
  readonly problems: readonly string[];
  /** Unsaturated isolated stars whose fluxes were compared. */
  readonly stars: number;
  readonly chi2: number;
  readonly chi2PerDof: number;
  /** Central 99 % interval of χ²/ν. */
  readonly interval99: readonly [low: number, high: number];
  /** Measured over true flux, all stars together, and its standard error. */
  readonly fluxScale: number;
  readonly fluxScaleError: number;
  readonly backgroundPixels: number;
  /** DN/s at the middle of the detector. */
  readonly backgroundLevel: number;
  readonly backgroundPullMean: number;
  /** Standard deviation of (pixel − background)/σ. */
  readonly backgroundPullSigma: number;
  /** Scatter of the background over the variance that the product states, and its standard error. */
  readonly noiseRatio: number;
  readonly noiseRatioError: number;
}

/** Bounds of the standard deviation of the background's pulls. */
const PULL_SIGMA: readonly [number, number] = [0.9, 1.1];
/** A known background's level: this many standard errors, plus this part of the sky for the references' errors. */
const LEVEL_SIGMAS = 5;
const LEVEL_FRACTION = 0.003;

/**
 * Compares a reduced frame with the truth of its exposure.
 *
 * Stars: flux by the true PSF as a matched filter with fixed weights, so that noise in the variances cannot
 * pull the fluxes; χ² of the fluxes with the product's variances must lie in its 99 % interval. A 3 % error of
 * the flux scale adds about 4 or more per star and fails. Background: pixels away from every star, less the
 * fitted plane, over the product's σ, must scatter by 0.9–1.1. Dark current that was not taken off shows in
 * this scatter (its structure), and in the level when `background` is `known`.
 *
 * @throws SimulatorError ShapeMismatch
 */
export function checkFrame(frame: ReducedFrame, truth: FrameTruth, options: CheckOptions = {}): FrameCheck {
  requireShapes(frame, truth);
  const bad = options.badFlags ?? DQ.DO_NOT_USE | DQ.SATURATED;
  const variance = usableVariance(frame, bad);
  const pixels = backgroundPixels(variance, truth);
  const fit = fitBackground(frame.sci, pixels, truth.shape);
  const background = measureBackground(frame.sci, variance, pixels, truth.shape, fit);
  const fluxes = measureStars(frame.sci, variance, truth, fit);

  const stars = fluxes.length;
  const chi2 = fluxes.reduce((sum, { flux, sigma, star }) => sum + ((flux - star.rate) / sigma) ** 2, 0);
  const interval99: [number, number] =
    stars === 0 ? [0, 0] : [chiSquareQuantile(0.005, stars) / stars, chiSquareQuantile(0.995, stars) / stars];
  const weight = fluxes.reduce((sum, { sigma, star }) => sum + (star.rate / sigma) ** 2, 0);
  const cross = fluxes.reduce((sum, { flux, sigma, star }) => sum + (star.rate * flux) / sigma ** 2, 0);
  const measured = {
    stars,
    chi2,
    chi2PerDof: stars === 0 ? Number.NaN : chi2 / stars,
    interval99,
    fluxScale: cross / weight,
    fluxScaleError: 1 / Math.sqrt(weight),
    ...background,
  };
  const problems = faults(measured, fit, truth, options);
  return { ok: problems.length === 0, problems, ...measured };
}

function requireShapes(frame: ReducedFrame, truth: FrameTruth): void {
  const [ny, nx] = truth.shape;
  const arrays = [frame.sci, frame.dq, ...frame.variances];
  const fits = frame.shape[0] === ny && frame.shape[1] === nx && arrays.every((a) => a.length === ny * nx);
  if (fits) return;
  throw new SimulatorError(
    'ShapeMismatch',
    `the frame is [${frame.shape.join(', ')}] with arrays of ${arrays.map((a) => a.length).join(', ')} pixels; the truth is of [${ny}, ${nx}]`,
  );
}

/** Sum of the variances; NaN where a pixel can't be used. */
function usableVariance({ sci, dq, variances }: ReducedFrame, bad: number): Float64Array {
  const total = new Float64Array(sci.length);
  for (const component of variances) for (let i = 0; i < total.length; i++) total[i]! += component[i]!;
  for (let i = 0; i < total.length; i++) {
    const usable = (dq[i]! & bad) === 0 && Number.isFinite(sci[i]!) && total[i]! > 0 && total[i]! < Infinity;
    if (!usable) total[i] = Number.NaN;
  }
  return total;
}

type Measured = Omit<FrameCheck, 'ok' | 'problems'>;

function faults(found: Measured, fit: BackgroundFit, truth: FrameTruth, options: CheckOptions): string[] {
  const problems: string[] = [];
  const minStars = options.minStars ?? (truth.stars.length === 0 ? 0 : 200);
  const number = (value: number) => value.toPrecision(4);
  if (found.stars < minStars) problems.push(`${found.stars} stars could be measured, ${minStars} are needed`);
  const [low, high] = found.interval99;
  if (found.stars > 0 && !(found.chi2PerDof >= low && found.chi2PerDof <= high))
    problems.push(
      `χ²/ν of ${found.stars} star fluxes is ${number(found.chi2PerDof)}, outside ${number(low)} – ${number(high)}; flux scale ${number(found.fluxScale)}`,
    );
  const covered = found.backgroundPixels / fit.candidates;
  if (!(covered >= 0.5))
    problems.push(`only ${number(100 * covered)} % of the background pixels can be used, half are needed`);
  if (!(found.backgroundPullSigma >= PULL_SIGMA[0] && found.backgroundPullSigma <= PULL_SIGMA[1]))
    problems.push(
      `background pulls have σ ${number(found.backgroundPullSigma)}, outside ${PULL_SIGMA.join(' – ')}`,
    );
  const { noiseTolerance } = options;
  if (noiseTolerance !== undefined && !(Math.abs(found.noiseRatio - 1) <= noiseTolerance))
    problems.push(
      `the scatter is ${number(found.noiseRatio)} of the stated variance, more than ${noiseTolerance} from 1`,
    );
  if (options.background === 'known') {
    const off = Math.abs(found.backgroundLevel - truth.sky.level);
    const allowed = LEVEL_SIGMAS * fit.levelError + LEVEL_FRACTION * truth.sky.level;
    if (!(off <= allowed))
      problems.push(
        `background level ${number(found.backgroundLevel)} DN/s, ${number(off)} from the true sky; ${number(allowed)} is allowed`,
      );
  }
  return problems;
}
