import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { type SamplingMethod, samplingWeights } from '@iris-drs/kernels';
import type { ReducedFrame } from '@iris-drs/simulator';
import { beforeAll, describe, expect, it } from 'vitest';
import { type Exposure, observe, openChain, readFrame, referenceFile, scratch, truthOf } from './chain.ts';
import { COMMON, EXACT, expectUnitWidth, note, type Pulls, pulls, skyOf } from './pulls.ts';

const directory = scratch();

/** e-/DN, nominal. */
const GAIN = 2;
const METHODS: Readonly<Record<string, SamplingMethod>> = {
  cds: { kind: 'cds' },
  'mcds 2': { kind: 'mcds', n: 2 },
  'mcds 4': { kind: 'mcds', n: 4 },
  utr: { kind: 'utr' },
};
/** P of the mean of so many ramps of ten reads, 2 s apart. */
const poissonFactor = (method: string, ramps: number): number => {
  const times = Array.from({ length: 10 }, (_, read) => 2 * (read + 1));
  return samplingWeights(METHODS[method]!, times).poissonFactor / ramps;
};

const expectUnit = (found: Pulls): void => {
  expectUnitWidth(found);
  expect(Math.abs(found.stated - 1), `stated over true variance ${found.stated}`).toBeLessThan(0.04);
};

describe.each([
  ['low', 0.3, 1],
  ['low', 0.3, 3],
  ['medium', 30, 1],
  ['medium', 30, 3],
  ['high', 3000, 1],
  ['high', 3000, 3],
] as const)('at %s flux (%d e-/s) with %d ramp(s)', (flux, skyRate, ramps) => {
  const dir = join(directory, `${flux}-${ramps}`);
  const refs = join(dir, 'refs');
  let chain: Awaited<ReturnType<typeof openChain>>;
  let exposure: Exposure;
  beforeAll(async () => {
    mkdirSync(dir);
    const options = { dir, refs, science: 1, sky: 0, skyRate, ramps, calibration: EXACT };
    exposure = (await observe({ ...COMMON, seed: 5, ...options }))[0]!;
    chain = await openChain(dir, refs);
  });

  it.each([
    ['cds', { 'readoutsamp.mode': 'cds' }],
    ['mcds 2', { 'readoutsamp.mode': 'mcds' }],
    ['mcds 4', { 'readoutsamp.mode': 'mcds', 'readoutsamp.num_coadd': '4' }],
    ['utr', { 'readoutsamp.mode': 'utr' }],
  ])('%s states the scatter of its slopes', async (method, options) => {
    const flt = await chain.calib(await chain.readout(exposure.path, options));
    const found = pulls(await readFrame(flt), skyOf(exposure));
    note(`${flux} flux, ${ramps} ramp(s), ${method}`, found);
    expectUnit(found);
    // The photon variance is that of the measured slope: slopes that came out high claim a larger σ. To first order
    // the mean pull is −(dVAR/dslope)/2σ = −P/(2·gain·σ).
    const bias = (-poissonFactor(method, ramps) / GAIN / 2) * found.inverse;
    expect(Math.abs(found.mean - bias), `mean ${found.mean}, expected ${bias}`).toBeLessThan(0.025);
  });
});

describe('background subtraction', () => {
  const dir = join(directory, 'background');
  const refs = join(dir, 'refs');
  const calibration = { ...EXACT, flatElectrons: 2000 };
  let chain: Awaited<ReturnType<typeof openChain>>;
  let science: Exposure;
  let skies: Exposure[];
  let flt: string;
  let backgrounds: string[];
  beforeAll(async () => {
    mkdirSync(dir);
    const options = { ...COMMON, seed: 5, dir, refs, calibration };
    science = (await observe({ ...options, science: 1, sky: 0, skyRate: 500 }))[0]!;
    skies = await observe({ ...options, science: 0, sky: 4, skyRate: 100, firstExposure: 11 });
    chain = await openChain(dir, refs);
    flt = await chain.calib(await chain.readout(science.path));
    backgrounds = await Promise.all(skies.map(async ({ path }) => chain.calib(await chain.readout(path))));
  });
  /** Mean of the true skies. */
  const trueSky = (n: number) => (x: number, y: number) =>
    skies.slice(0, n).reduce((sum, sky) => sum + skyOf(sky, 1 / n)(x, y), 0);
  const difference = (n: number) => (x: number, y: number) => skyOf(science)(x, y) - trueSky(n)(x, y);

  it.each([1, 2, 3, 4])('keeps the error of a flat shared with %i sky frames', async (n) => {
    const frame = await readFrame(await chain.imager(flt, backgrounds.slice(0, n)));
    const found = pulls(frame, difference(n));
    note(`shared flat of 2000 e-, ${n} sky frame(s)`, found);
    expectUnit(found);
    // The flat dominates: left out, or added as if the two were independent, the pulls would not be of unit width.
    const [poisson, reads, shared] = frame.variances.map((plane) => plane.reduce((a, v) => a + v, 0));
    expect(shared! / (poisson! + reads!)).toBeGreaterThan(1);
  });

  it('adds the errors of flats that are not shared', async () => {
    const other = join(dir, 'other');
    mkdirSync(other);
    // The same detector measured with another flat: only the random numbers of the measurement differ.
    const second = { ...calibration, flatElectrons: 1999 };
    await observe({
      ...COMMON,
      seed: 5,
      dir: other,
      refs: join(other, 'refs'),
      calibration: second,
      science: 1,
      sky: 0,
    });
    const override = { 'flat_field.override_flat': referenceFile(join(other, 'refs'), 'flat') };
    const own = await chain.calib(await chain.readout(skies[0]!.path), override);
    const [shared, apart] = await Promise.all(
      [backgrounds[0]!, own].map(async (sky) => readFrame(await chain.imager(flt, [sky]))),
    );
    const sum = (frame: ReducedFrame | undefined): number => frame!.variances[2]!.reduce((a, v) => a + v, 0);
    // (500² + 100²) instead of (500 − 100)².
    expect(sum(apart) / sum(shared)).toBeCloseTo(26 / 16, 1);
  });

  it('by the own median leaves pulls of unit width about the true sky’s shape', async () => {
    const frame = await readFrame(await chain.imager(flt, []));
    const found = pulls(frame, (x, y) => skyOf(science)(x, y) - truthOf(science).sky.level);
    note('own median', found);
    expectUnit(found);
    expect(Math.abs(found.mean)).toBeLessThan(0.05);
  });
});
