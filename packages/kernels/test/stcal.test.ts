import { closeSync, openSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { FitRampResult, FitRampSpec } from '../src/index.ts';
import { differences, imageFile, release, testDirectory, testEngine } from './support.ts';

interface Answer {
  readonly slope: readonly (number | null)[];
  readonly dq: readonly number[];
  readonly var_poisson: readonly number[];
  readonly var_rnoise: readonly number[];
}

interface Case {
  readonly shape: readonly [nramps: number, nreads: number, ny: number, nx: number];
  /** DN and group flags, in the order of the shape. */
  readonly data: readonly number[];
  readonly flags: readonly number[];
  /** Flags after jump detection. */
  readonly found: readonly number[];
  /** e-/DN; DN of a difference of two reads; s between reads. */
  readonly gain: number;
  readonly noise: number;
  readonly spacing: number;
  readonly ols: Answer;
  readonly likely?: Answer;
}

const golden = JSON.parse(readFileSync(new URL('./golden/stcal.json', import.meta.url), 'utf8')) as {
  readonly generator: string;
  readonly cases: Readonly<Record<string, Case>>;
};
const cases = Object.entries(golden.cases);
const engine = await testEngine();
const directory = testDirectory();

const specOf = (it: Case, flags: readonly number[]): Omit<FitRampSpec, 'method'> => {
  const [nramps, nreads, ny, nx] = it.shape;
  const n = ny * nx;
  const plane = (values: readonly number[], at: number, name: string, bitpix: 8 | -32) =>
    imageFile(join(directory, `${name}${at}`), values.slice(at * n, (at + 1) * n), [ny, nx], {
      ...{ bitpix, bscale: 1, bzero: 0 },
    });
  return {
    shape: [ny, nx],
    ramps: Array.from({ length: nramps }, (_, k) => {
      const reads = Array.from({ length: nreads }, (_, r) => k * nreads + r);
      return {
        reads: reads.map((at) => plane(it.data, at, 'read', -32)),
        groupDq: reads.map((at) => plane(flags, at, 'flags', 8)),
        times: reads.map((_, r) => it.spacing * (r + 1)),
      };
    }),
    gain: it.gain,
    readNoise: it.noise / Math.SQRT2,
  };
};

/** Numbers rounded to float32 on both sides, and to eight digits in the file. */
const near = (want: readonly (number | null)[]) => (i: number) => 4e-7 * Math.abs(want[i] ?? 0) + 4e-7;

const numbers = (values: readonly (number | null)[]): number[] => values.map((v) => v ?? Number.NaN);

const expectSame = (result: FitRampResult, want: Answer): void => {
  const lost = want.slope.map((v) => v === null);
  // Without a slope stcal leaves the variances 0; here they are NaN.
  const variance = (values: readonly number[]) => values.map((v, i) => (lost[i] ? Number.NaN : v));
  expect(differences(result.slope.data, numbers(want.slope), near(want.slope))).toEqual([]);
  expect(differences(result.varPoisson.data, variance(want.var_poisson), near(want.var_poisson))).toEqual([]);
  expect(differences(result.varRnoise.data, variance(want.var_rnoise), near(want.var_rnoise))).toEqual([]);
};

describe(`numbers of ${golden.generator}`, () => {
  it.each(cases)('two-point jumps and least squares: %s', async (name, it) => {
    const path = join(directory, 'found');
    const fd = openSync(path, 'w');
    const result = await engine.fitRamp({
      ...specOf(it, it.flags),
      ...(name === 'hand-made' ? {} : { jump: {} }),
      ...{ method: 'ols', variance: 'jwst', groupDq: { fd, offset: 0 } },
    });
    closeSync(fd);
    expect(differences(readFileSync(path), it.found, () => 0)).toEqual([]);
    expectSame(result, it.ols);
    const { dq } = it.ols;
    // Its flags of a pixel leave out DO_NOT_USE where one ramp has no slope, ours have it where none has.
    const mine = Array.from(result.dq.data, (q) => q & 6);
    expect(mine).toEqual(dq.map((q) => q & 6));
    release(result);
  });

  it('of its tests, test_ramp_fitting_cases: a ramp of ten groups with and without flags', () => {
    const { ols } = golden.cases['hand-made']!;
    expect([ols.slope[0], ols.var_poisson[0], ols.var_rnoise[0]]).toEqual([
      1.0117551, 0.0020202021, 0.0064797341,
    ]);
  });

  it.each(cases.filter(([, { likely }]) => likely))('likelihood: %s', async (_, it) => {
    const result = await engine.fitRamp({ ...specOf(it, it.flags), jump: {}, method: 'likely' });
    expectSame(result, it.likely!);
    release(result);
  });
});
