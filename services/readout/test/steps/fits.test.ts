import { readFileSync } from 'node:fs';
import { DQ } from '@iris-drs/datamodels';
import { openFile } from '@iris-drs/fits/node';
import { describe, expect, it } from 'vitest';
import { image, openWorkbench, primary } from '../../../../test/fixtures/workbench.ts';
import { saveRateints } from '../../src/rateints.ts';
import { PIXELS, rate, readOut, shape, TIMES, writeRamp } from '../ramps.ts';

const bench = openWorkbench();
/** e-/DN and electrons. */
const cards = { GAIN: 2, RDNOISE: 6 };
const TEN = Array.from({ length: 10 }, (_, r) => 10 * r);

const frame = (name: string, value: (i: number) => number, bunit = 'DN'): string =>
  bench.write(`${name}.fits`, primary(), image('SCI', shape, value, { BUNIT: bunit }));

const mask = (flags: (i: number) => number): string =>
  bench.write(
    'mask.fits',
    primary(),
    image(
      'DQ',
      shape,
      Uint32Array.from({ length: PIXELS }, (_, i) => flags(i)),
    ),
  );

describe.each(['ols', 'likely'] as const)('%s', (mode) => {
  const options = { 'readoutsamp.mode': mode };

  it('finds the slope of a ramp, its variances, and says so', async () => {
    const { sci, dq, varPoisson, varRnoise, plan } = await readOut(
      bench,
      writeRamp(bench, 'ramp.fits', { cards }),
      options,
    );
    for (let i = 0; i < PIXELS; i++) expect(sci[i]).toBeCloseTo(rate(i), 3);
    expect(dq.every((flags) => flags === 0)).toBe(true);
    // A straight line through five reads in read noise alone: σ²/Σ(t − t̄)²; photons over 40 s: rate/gain/40.
    expect(varRnoise[0]! / (9 / 1000)).toBeGreaterThan(0.99);
    expect(varPoisson[0]! / (rate(0) / 2 / 40)).toBeGreaterThan(0.99);
    expect(varPoisson[0]! / (rate(0) / 2 / 40)).toBeLessThan(1.3);
    const said = ['SAMPMODE', 'NRDUSED', 'NRMPUSED', 'S_JUMP', 'S_RAMP'].map((k) => plan.header.get(k));
    expect(said).toEqual([mode.toUpperCase(), 5, 1, 'COMPLETE', 'COMPLETE']);
  });

  it('finds a jump, flags it and fits around it; without the step it does not', async () => {
    const value = (i: number, t: number) => 1000 + rate(i) * t + (i === 7 && t >= 50 ? 3000 : 0);
    const path = writeRamp(bench, 'hit.fits', { cards, times: [TEN], value });
    const alone = { ...options, 'jump.flag_4_neighbors': 'false' };
    const { sci, dq } = await readOut(bench, path, alone);
    for (let i = 0; i < PIXELS; i++) expect(sci[i]).toBeCloseTo(rate(i), 2);
    expect(dq.map((flags) => flags & DQ.JUMP_DET)).toEqual(
      Array.from({ length: PIXELS }, (_, i) => (i === 7 ? DQ.JUMP_DET : 0)),
    );
    const blind = await readOut(bench, path, { ...alone, 'jump.skip': 'true' });
    expect(blind.sci[7]! - rate(7)).toBeGreaterThan(10);
    expect([blind.dq[7], blind.plan.header.get('S_JUMP')]).toEqual([0, 'SKIPPED']);
  });

  it('fits the reads before saturation, which spreads to neighbours on request', async () => {
    const path = writeRamp(bench, 'full.fits', {
      cards,
      times: [TEN],
      value: (i, t) => Math.min(1000 + rate(i) * t * (i === 7 ? 100 : 1), 30_000),
    });
    const saturation = frame('saturation', () => 30_000);
    const all = { ...options, 'saturation.override_saturation': saturation };
    const { sci, dq } = await readOut(bench, path, { ...all, 'saturation.n_pix_grow_sat': '0' });
    expect(sci[7]).toBeCloseTo(100 * rate(7), 0);
    expect(dq.map((flags) => flags & DQ.SATURATED)).toEqual(
      Array.from({ length: PIXELS }, (_, i) => (i === 7 ? DQ.SATURATED : 0)),
    );
    const grown = await readOut(bench, path, all);
    // Pixel 7 of [3, 5] is the middle one of columns 1 … 3.
    expect(grown.dq.map((flags) => (flags & DQ.SATURATED ? 1 : 0)).join('')).toBe('011100111001110');
  });

  it('leaves out reads at the floor of the converter', async () => {
    const path = writeRamp(bench, 'floor.fits', {
      cards,
      times: [TEN],
      value: (i, t) => (i === 3 && t === 90 ? 0 : 1000 + rate(i) * t),
    });
    const { sci, dq } = await readOut(bench, path, {
      ...options,
      'saturation.override_saturation': frame('saturation', () => 60_000),
    });
    expect(sci[3]).toBeCloseTo(rate(3), 2);
    expect(dq[3]! & DQ.AD_FLOOR).toBe(DQ.AD_FLOOR);
  });

  it('keeps pixels of the mask out, and tells that the mask is in', async () => {
    const path = writeRamp(bench, 'ramp.fits', { cards });
    const all = { ...options, 'dq_init.override_mask': mask((i) => (i === 4 ? DQ.DEAD | DQ.DO_NOT_USE : 0)) };
    const { sci, dq, plan } = await readOut(bench, path, all);
    expect([sci[4], dq[4], dq[5]]).toEqual([Number.NaN, DQ.DEAD | DQ.DO_NOT_USE, 0]);
    expect(['S_DQINIT', 'R_MASK'].map((k) => plan.header.get(k))).toEqual(['COMPLETE', 'mask.fits']);
    const none = await readOut(bench, path, options);
    expect(none.plan.header.get('S_DQINIT')).toBe('SKIPPED');
    const sum = await readOut(bench, path, { ...all, 'readoutsamp.mode': 'utr' });
    expect([sum.dq[4], sum.plan.header.get('S_DQINIT'), sum.plan.header.get('S_JUMP')]).toEqual([
      0,
      'SKIPPED',
      'SKIPPED',
    ]);
  });

  it('averages ramps and gives the slope of each on request, with the reads used', async () => {
    const path = writeRamp(bench, 'ramps.fits', {
      cards,
      times: [TEN, TEN],
      value: (i, t, ramp) => 500 + rate(i) * t * (1 + 0.02 * ramp),
    });
    const { sci, ramps, plan } = await readOut(bench, path, {
      ...options,
      'readoutsamp.rateints': 'true',
      'readoutsamp.reads_used': 'true',
    });
    expect(ramps.map((one) => one[9]! / rate(9))).toEqual([expect.closeTo(1, 3), expect.closeTo(1.02, 3)]);
    expect(sci[9]! / rate(9)).toBeCloseTo(1.01, 3);
    const [used] = plan.frame!.extra;
    expect(used?.name).toBe('READSUSED');
    // 20 reads, stored less 2¹⁵.
    expect(new DataView(used!.bytes.buffer).getInt16(2880)).toBe(20 - 32768);
  });

  it.each([
    ['gain', { RDNOISE: 6 }],
    ['read noise', { GAIN: 2 }],
  ])('without a %s says what it needs', async (what, some) => {
    const done = readOut(bench, writeRamp(bench, 'bare.fits', { cards: some }), options);
    await expect(done).rejects.toMatchObject({ code: 'STEP_INPUT', retriable: false });
    await expect(done).rejects.toThrow(new RegExp(`${mode} needs the ${what}`));
  });
});

describe('reads that are no finite number', () => {
  it.each([
    ...[Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY].flatMap((odd) =>
      ['cds', 'mcds', 'utr', 'ols', 'likely'].map((mode) => [odd, mode] as const),
    ),
  ])('%d: %s leaves them out, or gives the pixel up', async (odd, mode) => {
    const path = writeRamp(bench, 'odd.fits', {
      cards,
      times: [TEN],
      // Pixel 3 in the first read, pixel 8 in the middle.
      value: (i, t) => ((i === 3 && t === 0) || (i === 8 && t === 40) ? odd : 1000 + rate(i) * t),
    });
    const { sci, dq } = await readOut(bench, path, { 'readoutsamp.mode': mode });
    const fitted = mode === 'ols' || mode === 'likely';
    const lost = fitted ? [] : mode === 'utr' ? [3, 8] : [3];
    for (let i = 0; i < PIXELS; i++) {
      expect(dq[i]! & DQ.DO_NOT_USE, `pixel ${i}`).toBe(lost.includes(i) ? DQ.DO_NOT_USE : 0);
      if (!lost.includes(i)) expect(sci[i]).toBeCloseTo(rate(i), 2);
    }
  });
});

describe('ols in the form of JWST', () => {
  it('gives the numbers of stcal for its hand-made ramps', async () => {
    const golden = JSON.parse(
      readFileSync(new URL('../../../../packages/kernels/test/golden/stcal.json', import.meta.url), 'utf8'),
    ).cases['hand-made'] as {
      shape: [number, number, number, number];
      data: number[];
      flags: number[];
      gain: number;
      noise: number;
      spacing: number;
      ols: Record<'slope' | 'dq' | 'var_poisson' | 'var_rnoise', number[]>;
    };
    const [, reads, ny, nx] = golden.shape;
    const path = bench.write(
      'stcal.fits',
      primary({ DETECTOR: 'IMG1', TGROUP: golden.spacing, GAIN: golden.gain }),
      image('SCI', golden.shape, Float32Array.from(golden.data), { BUNIT: 'DN' }),
      image('GROUPDQ', golden.shape, Uint8Array.from(golden.flags)),
    );
    // Of two reads, as JWST's files have it.
    const readnoise = bench.write(
      'cds.fits',
      primary(),
      image('SCI', [ny, nx], () => golden.noise, { BUNIT: 'DN' }),
    );
    const { sci, varPoisson, varRnoise, plan } = await readOut(bench, path, {
      'readoutsamp.mode': 'ols',
      'readoutsamp.variance': 'jwst',
      'readoutsamp.override_readnoise': readnoise,
      'jump.skip': 'true',
    });
    expect(plan.header.get('NRDUSED')).toBe(reads);
    for (const [i, slope] of golden.ols.slope.entries()) {
      expect(sci[i]! / slope).toBeCloseTo(1, 4);
      expect(varPoisson[i]! / golden.ols.var_poisson[i]!).toBeCloseTo(1, 4);
      expect(varRnoise[i]! / golden.ols.var_rnoise[i]!).toBeCloseTo(1, 4);
    }
  });
});

describe('compatibility with iris_readout', () => {
  it.each([
    ['cds', 40],
    ['mcds', 30],
    ['utr', 40],
    ['ols', 40],
  ] as const)('gives DN over the ramp, by %s over %i s', async (mode, seconds) => {
    const options = { 'readoutsamp.mode': mode, 'readoutsamp.compat': 'iris_readout' };
    const path = writeRamp(bench, 'ramp.fits', { cards });
    const { sci, varRnoise, plan } = await readOut(bench, path, options);
    const plain = await readOut(bench, path, { 'readoutsamp.mode': mode });
    for (let i = 0; i < PIXELS; i++) expect(sci[i]! / seconds).toBeCloseTo(rate(i), 3);
    expect(varRnoise[2]! / plain.varRnoise[2]!).toBeCloseTo(seconds ** 2, 1);
    expect([plan.frame!.units, plan.header.get('EXPTIME')]).toEqual(['DN', seconds]);
  });
});

describe('slopes of single ramps', () => {
  it('by a sum are those of each ramp', async () => {
    const times = [TIMES, TIMES, TIMES];
    const path = writeRamp(bench, 'ramps.fits', {
      cards,
      times,
      value: (i, t, ramp) => rate(i) * t * (1 + ramp),
    });
    const options = { 'readoutsamp.mode': 'utr', 'readoutsamp.rateints': 'true' };
    const { ramps } = await readOut(bench, path, options);
    expect(ramps.map((one) => one[3]! / rate(3))).toEqual([1, 2, 3].map((r) => expect.closeTo(r, 4)));
  });

  it('make a file of cubes', async () => {
    const frames = [0, 1].map((k) =>
      bench.frame(shape, { sci: (i) => i + 100 * k, varPoisson: 1, varRnoise: 2 }),
    );
    const path = bench.path('cube_rateints.fits');
    await saveRateints(bench.engine, frames, path);
    using fits = await openFile(path);
    expect(fits.hdus.map(({ shape: s }) => s)).toEqual([[], ...Array(4).fill([2, 3, 5])]);
  });
});
