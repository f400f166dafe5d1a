import { DQ } from '@iris-drs/datamodels';
import type { ReducedFrame } from '@iris-drs/simulator';
import { beforeAll, expect } from 'vitest';
import { type Exposure, truthOf } from './chain.ts';

/** Pixels on a side of the frames. */
const SIZE = 192;
/** References without noise of their own, so that nothing but the exposure's own noise is in the pulls. */
export const EXACT = {
  gainError: 0,
  readNoiseError: 0,
  coefficientError: 0,
  darkFrames: 1e9,
  flatElectrons: 1e12,
} as const;
/** No star, and no pixel that is not good. */
export const COMMON = {
  size: SIZE,
  stars: 0,
  threads: 0,
  detector: { warmFraction: 0, hotFraction: 0, deadFraction: 0 },
} as const;

export interface Pulls {
  readonly count: number;
  readonly mean: number;
  readonly sigma: number;
  /** Mean stated variance over the mean square of the residuals. */
  readonly stated: number;
  /** Mean of 1/σ, s/DN. */
  readonly inverse: number;
}

/** (pixel − truth)/σ of the pixels that may be used. */
export const pulls = (
  { sci, variances, dq }: ReducedFrame,
  truth: (x: number, y: number) => number,
): Pulls => {
  let [count, sum, squares, scatter, stated, inverse] = [0, 0, 0, 0, 0, 0];
  for (let i = 0; i < sci.length; i++) {
    if (dq[i]! & (DQ.DO_NOT_USE | DQ.SATURATED)) continue;
    const variance = variances.reduce((total, plane) => total + plane[i]!, 0);
    const residual = sci[i]! - truth(i % SIZE, Math.floor(i / SIZE));
    count += 1;
    sum += residual / Math.sqrt(variance);
    squares += residual ** 2 / variance;
    scatter += residual ** 2;
    stated += variance;
    inverse += 1 / Math.sqrt(variance);
  }
  const mean = sum / count;
  return {
    count,
    mean,
    sigma: Math.sqrt(squares / count - mean ** 2),
    stated: stated / scatter,
    inverse: inverse / count,
  };
};

/** The sky of an exposure, so many times as bright. */
export const skyOf = (exposure: Exposure, times = 1) => {
  const { sky } = truthOf(exposure);
  const across = (x: number): number => (x + 0.5) / SIZE - 0.5;
  return (x: number, y: number): number =>
    times * sky.level * (1 + sky.gradient[0] * across(x) + sky.gradient[1] * across(y));
};

/** Nearly all pixels, and pulls of unit width. 36 864 pixels know σ to 0.004. */
export const expectUnitWidth = ({ count, sigma }: Pulls): void => {
  expect(count).toBeGreaterThan(0.99 * SIZE ** 2);
  expect(Math.abs(sigma - 1), `σ of pulls ${sigma}`).toBeLessThan(0.03);
};

const measured: string[] = [];
/** Keeps what was measured, which is printed at the end where DRS_PULLS is set. */
export const note = (what: string, { mean, sigma, stated }: Pulls): void => {
  measured.push(
    `${what}: mean ${mean.toFixed(3)} σ ${sigma.toFixed(3)} stated/true variance ${stated.toFixed(3)}`,
  );
};
beforeAll(() => () => {
  if (process.env.DRS_PULLS) console.log(measured.join('\n'));
});
