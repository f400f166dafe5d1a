import { join } from 'node:path';
import { type HduInit, readImage } from '@iris-drs/fits';
import { openFile, writeFile } from '@iris-drs/fits/node';
import { beforeAll, describe, expect, it } from 'vitest';
import {
  check,
  type Exposure,
  type Options,
  observe,
  openChain,
  readFrame,
  referenceFile,
  scratch,
} from './chain.ts';

const directory = scratch();
const refs = join(directory, 'refs');
/** As the demo asks: the scatter is the stated one within a hundredth. */
const known = { background: 'known', noiseTolerance: 0.01 } as const;
const free = { background: 'free', noiseTolerance: 0.01 } as const;

let chain: Awaited<ReturnType<typeof openChain>>;
let science: Exposure;
let sky: Exposure;

beforeAll(async () => {
  const files = await observe({ dir: directory, refs, size: 512, science: 1, sky: 1, seed: 11 });
  [science, sky] = files as [Exposure, Exposure];
  chain = await openChain(directory, refs);
});

/** The calibrated science and sky frames, reduced with the same mistakes. */
const calibrated = async (readout: Options = {}, calib: Options = {}): Promise<[string, string]> => [
  await chain.calib(await chain.readout(science.path, readout), calib),
  await chain.calib(await chain.readout(sky.path, readout), calib),
];

/** A reference whose pixels are off by a factor. */
const scaledReference = async (type: string, factor: number): Promise<string> => {
  using fits = await openFile(referenceFile(refs, type));
  const path = join(directory, `${type}-${factor}.fits`);
  const hdus = await Promise.all(
    fits.hdus.map(async (hdu): Promise<HduInit> => {
      const { header, shape } = hdu;
      if (shape.length === 0) return { kind: 'image', header, shape };
      const { data } = await readImage(fits, hdu);
      const scaled = hdu.name === 'DQ' ? data : Float32Array.from(data as Float32Array, (v) => v * factor);
      return { kind: 'image', name: hdu.name, header, shape, data: scaled };
    }),
  );
  writeFile(path, hdus);
  return path;
};

describe('the demo’s check', () => {
  it('passes the right reduction, calibrated and background-subtracted, by sky and by own median', async () => {
    const [flt, background] = await calibrated();
    const frame = await check(flt, science, known);
    expect(frame.problems).toEqual([]);
    expect(frame.stars).toBeGreaterThanOrEqual(200);
    const bySky = await check(await chain.imager(flt, [background]), science, free);
    const byMedian = await check(await chain.imager(flt, []), science, free);
    expect([...bySky.problems, ...byMedian.problems]).toEqual([]);
    for (const found of [frame, bySky, byMedian]) {
      expect(found.backgroundPullSigma).toBeGreaterThan(0.98);
      expect(found.backgroundPullSigma).toBeLessThan(1.02);
    }
    expect(await check(background, sky, known)).toMatchObject({ ok: true, stars: 0 });
  });

  it('fails a gain reference that is off by 3 %', async () => {
    for (const factor of [0.97, 1.03]) {
      const override = { 'readoutsamp.override_gain': await scaledReference('gain', factor) };
      const [flt, background] = await calibrated(override);
      const found = await check(flt, science, known);
      expect(found.problems.join()).toMatch(/the scatter is 1\.0[23]|the scatter is 0\.9[78]/);
      expect(await check(await chain.imager(flt, [background]), science, free)).toMatchObject({ ok: false });
    }
  });

  it('fails a flux scale that is off by 3 %', async () => {
    for (const factor of [0.97, 1.03]) {
      const override = { 'flat_field.override_flat': await scaledReference('flat', factor) };
      const [flt, background] = await calibrated({}, override);
      const found = await check(await chain.imager(flt, [background]), science, free);
      expect(found.problems.join()).toMatch(/χ²\/ν/);
      expect(found.fluxScale * factor).toBeCloseTo(1, 2);
    }
  });

  it.each([
    ['dark, skipped', {}, { 'dark_current.skip': 'true' }],
    ['dark, N/A', {}, { 'dark_current.override_dark': 'N/A' }],
    ['flat', {}, { 'flat_field.skip': 'true' }],
    ['non-linearity', { 'nonlincorr.override_nonlincoeff': 'N/A' }, {}],
    ['bias before the non-linearity', { 'superbias.skip': 'true' }, {}],
  ])('fails a forgotten %s', async (_what, readout, calib) => {
    const [flt] = await calibrated(readout, calib);
    expect(await check(flt, science, known)).toMatchObject({ ok: false });
  });

  it('is not passed by the same dark being forgotten in science and sky', async () => {
    const [flt, background] = await calibrated({}, { 'dark_current.skip': 'true' });
    const verdicts = [
      await check(flt, science, known),
      await check(await chain.imager(flt, []), science, free),
    ];
    expect(verdicts.map(({ ok }) => ok)).toEqual([false, false]);
    // Only the difference hides it, which is why the demo looks at the calibrated frame too.
    expect((await readFrame(await chain.imager(flt, [background]))).shape).toEqual([512, 512]);
  });
});
