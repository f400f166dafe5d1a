import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { DQ } from '@iris-drs/datamodels';
import type { ReducedFrame } from '@iris-drs/simulator';
import { beforeAll, describe, expect, it } from 'vitest';
import { type Exposure, observe, openChain, readFrame, scratch, truthOf } from './chain.ts';

const SIZE = 192;
const directory = scratch();
/** References without noise of their own, so that nothing but the exposure's own noise is in the pulls. */
const EXACT = { gainError: 0, readNoiseError: 0, coefficientError: 0, darkFrames: 1e9, flatElectrons: 1e12 };
const COMMON = {
  ...{ size: SIZE, stars: 0, seed: 6, threads: 0, reads: 12 },
  detector: { warmFraction: 0, hotFraction: 0, deadFraction: 0 },
} as const;

/** Mean and scatter of (pixel − truth)/σ, and how many pixels have it. */
const pulls = ({ sci, variances, dq }: ReducedFrame, exposure: Exposure) => {
  const { sky } = truthOf(exposure);
  const values: number[] = [];
  for (let i = 0; i < sci.length; i++) {
    if (dq[i]! & (DQ.DO_NOT_USE | DQ.SATURATED)) continue;
    const [x, y] = [i % SIZE, Math.floor(i / SIZE)].map((at) => (at + 0.5) / SIZE - 0.5) as [number, number];
    const truth = sky.level * (1 + sky.gradient[0] * x + sky.gradient[1] * y);
    values.push((sci[i]! - truth) / Math.sqrt(variances.reduce((total, plane) => total + plane[i]!, 0)));
  }
  const mean = values.reduce((sum, v) => sum + v, 0) / values.length;
  const variance = values.reduce((sum, v) => sum + (v - mean) ** 2, 0) / values.length;
  return { count: values.length, mean, sigma: Math.sqrt(variance) };
};

const measured: string[] = [];
beforeAll(() => () => {
  if (process.env.DRS_PULLS) console.log(measured.join('\n'));
});

describe.each([
  ['low', 0.3, 1],
  ['medium', 30, 2],
  ['high', 3000, 1],
] as const)('fits at %s flux (%d e-/s), %d ramp(s)', (flux, skyRate, ramps) => {
  const dir = join(directory, flux);
  const refs = join(dir, 'refs');
  let chain: Awaited<ReturnType<typeof openChain>>;
  let exposure: Exposure;
  beforeAll(async () => {
    mkdirSync(dir);
    const options = { dir, refs, science: 1, sky: 0, skyRate, ramps, calibration: EXACT };
    exposure = (await observe({ ...COMMON, ...options }))[0]!;
    chain = await openChain(dir, refs);
  });

  it.each([
    ['ols', 'true'],
    ['ols', 'false'],
    ['likely', 'true'],
    ['likely', 'false'],
  ])('%s, jumps not looked for: %s, states the scatter of its slopes', async (mode, skip) => {
    const options = { 'readoutsamp.mode': mode, 'jump.skip': skip };
    const found = pulls(
      await readFrame(await chain.calib(await chain.readout(exposure.path, options))),
      exposure,
    );
    measured.push(
      `${flux}, ${mode}, jump.skip ${skip}: mean ${found.mean.toFixed(3)} σ ${found.sigma.toFixed(3)}`,
    );
    expect(found.count).toBeGreaterThan(0.99 * SIZE ** 2);
    // 36 864 pixels know σ to 0.004; reads that are taken for jumps by chance add a little.
    expect(Math.abs(found.sigma - 1), `σ of pulls ${found.sigma}`).toBeLessThan(0.03);
    expect(Math.abs(found.mean), `mean pull ${found.mean}`).toBeLessThan(0.1);
  });
});
