import { readFileSync } from 'node:fs';
import { sample } from '@iris-drs/kernels/twins';
import { beforeAll, describe, expect, it } from 'vitest';
import { image, openWorkbench, primary } from '../../../test/fixtures/workbench.ts';
import { readOut, writeRamp } from './ramps.ts';

/** What oirlab/iris_readout's C makes of a random, non-square, spatially varying ramp with random coefficients. */
const golden = JSON.parse(
  readFileSync(new URL('../../../packages/kernels/test/golden/iris-readout.json', import.meta.url), 'utf8'),
) as Record<string, number[]> & { shape: [number, number] };

const bench = openWorkbench();
const [ny, nx] = golden.shape;
const n = ny * nx;
const times = golden.times!;
const span = times.at(-1)! - times[0]!;
const coefficient = (power: number): number[] => golden[`c${power}`]!;
/** Half a unit in the last place of float32, for values up to 65536 and some twenty operations on each. */
const BOUND = 2 ** -24 * 65536 * 2 * 20;

let ramp = '';
const files: Record<string, string> = {};
beforeAll(() => {
  ramp = writeRamp(bench, 'random.fits', {
    times: [times],
    size: [ny, nx],
    value: (i, t) => golden.reads![times.indexOf(t) * n + i]!,
  });
  const coefficients = [0, 1, 2, 3, 4].map(coefficient);
  const cube = (planes: readonly (readonly number[])[]) =>
    image('COEFFS', [planes.length, ny, nx], Float32Array.from(planes.flat()));
  files.relative = bench.write('nonlincoeff.fits', primary({ REFTYPE: 'NONLINCOEFF' }), cube(coefficients));
  files.untold = bench.write('untold.fits', primary(), cube(coefficients));
  // x(1 + Σ cᵢxⁱ) = Σ bᵢxⁱ with b₀ = 0, b₁ = 1 + c₀, bᵢ = cᵢ₋₁.
  const [c0 = [], ...rest] = coefficients;
  const polynomial = [c0.map(() => 0), c0.map((c) => 1 + c), ...rest];
  files.polynomial = bench.write('linearity.fits', primary({ REFTYPE: 'LINEARITY' }), cube(polynomial));
});

const farthest = (found: readonly number[], expected: ArrayLike<number>): number =>
  Math.max(...found.map((value, i) => Math.abs(value - expected[i]!)));

describe('the readout of a random ramp', () => {
  it('up the ramp is uptheramp’s slope over the time from first to last read', async () => {
    const { sci } = await readOut(bench, ramp, { 'readoutsamp.mode': 'utr' });
    expect(sci).toHaveLength(n);
    expect(
      farthest(
        sci.map((v) => v * span),
        golden.uptheramp!,
      ),
    ).toBeLessThan(BOUND);
  });

  it.each([1, 2, 3])('by mcds(%i) is mcds over the difference of mean times', async (k) => {
    const mean = (values: readonly number[]): number => values.reduce((a, b) => a + b, 0) / k;
    const seconds = mean(times.slice(-k)) - mean(times.slice(0, k));
    const options = { 'readoutsamp.mode': 'mcds', 'readoutsamp.num_coadd': String(k) };
    const { sci, plan } = await readOut(bench, ramp, options);
    expect(
      farthest(
        sci.map((v) => v * seconds),
        golden[`mcds${k}`]!,
      ),
    ).toBeLessThan(BOUND);
    expect([plan.header.get('SAMPMODE'), plan.header.get('NCOADD')]).toEqual(['MCDS', k]);
  });

  it('by cds is mcds(1)', async () => {
    const { sci } = await readOut(bench, ramp, { 'readoutsamp.mode': 'cds' });
    expect(
      farthest(
        sci.map((v) => v * span),
        golden.mcds1!,
      ),
    ).toBeLessThan(BOUND);
  });

  it.each([
    ['NONLINCOEFF', 'relative', 'nonlincoeff'],
    ['NONLINCOEFF without any keyword', 'untold', 'nonlincoeff'],
    ['LINEARITY', 'polynomial', 'linearity'],
  ])('with %s is the slope of the reads that nonlin_corr corrects', async (_name, file, type) => {
    const options = { 'readoutsamp.mode': 'cds', [`nonlincorr.override_${type}`]: files[file]! };
    const { sci } = await readOut(bench, ramp, options);
    const last = golden.corrected!.slice((times.length - 1) * n);
    const expected = last.map((v, i) => v - golden.corrected![i]!);
    expect(
      farthest(
        sci.map((v) => v * span),
        expected,
      ),
    ).toBeLessThan(BOUND);
  });

  it.each(['relative', 'polynomial'] as const)(
    'with %s non-linearity agrees with a double-precision twin',
    async (form) => {
      const type = form === 'relative' ? 'nonlincoeff' : 'linearity';
      const options = { 'readoutsamp.mode': 'utr', [`nonlincorr.override_${type}`]: files[form]! };
      const { sci } = await readOut(bench, ramp, options);
      const mean = times.reduce((a, b) => a + b, 0) / times.length;
      const spread = times.reduce((sum, t) => sum + (t - mean) ** 2, 0);
      const expected = sci.map((_, i) => {
        const c = [0, 1, 2, 3, 4].map((power) => Math.fround(coefficient(power)[i]!));
        return sample({
          reads: times.map((_t, r) => golden.reads![r * n + i]!),
          weights: times.map((t) => (t - mean) / spread),
          form,
          coefficients: form === 'relative' ? c : [0, 1 + c[0]!, ...c.slice(1)],
          bias: 0,
          offsets: times.map(() => 0),
          saturation: Number.POSITIVE_INFINITY,
          gain: Number.NaN,
          readNoise: Number.NaN,
          poissonFactor: 1,
          readNoiseFactor: 1,
        }).slope;
      });
      expect(farthest(sci, expected) * span).toBeLessThan(BOUND);
      // The correction is no matter of rounding here.
      const { sci: raw } = await readOut(bench, ramp, { 'readoutsamp.mode': 'utr' });
      expect(farthest(raw, expected)).toBeGreaterThan(100);
    },
  );
});
