import { closeSync, openSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { FitRampSpec, RawImage, Shape2 } from '../src/index.ts';
import { differences, imageFile, release, testDirectory, testEngine } from './support.ts';

type Value = number | null | 'inf';

interface Ramps {
  readonly test: string;
  /** Ramps, reads, rows, columns. */
  readonly shape: readonly [number, number, number, number];
  readonly data: readonly Value[];
  readonly flags: readonly number[];
}

interface JumpCase extends Ramps {
  readonly kind: 'jump';
  /** Of a difference of two reads, in electrons as the data. */
  readonly noise: number;
  readonly limits: readonly [four: number, three: number, two: number];
  readonly neighbours: readonly [min: number, max: number] | null;
  readonly found: readonly number[];
}

interface FitCase extends Ramps {
  readonly kind: 'fit';
  readonly algorithm: 'OLS_C' | 'LIKELY';
  readonly gain: readonly Value[];
  readonly noise: readonly Value[];
  readonly spacing: number;
  readonly slope: readonly Value[];
  readonly var_poisson: readonly Value[];
  readonly var_rnoise: readonly Value[];
  readonly dq: readonly number[];
}

interface SaturationCase extends Ramps {
  readonly kind: 'saturation';
  readonly threshold: readonly Value[];
  readonly grow: number;
  readonly found: readonly number[];
}

interface LinearityCase extends Ramps {
  readonly kind: 'linearity';
  readonly coefficients: readonly (readonly Value[])[];
  readonly linear: readonly Value[];
}

type Case = JumpCase | FitCase | SaturationCase | LinearityCase;

const golden = JSON.parse(readFileSync(new URL('./golden/stcal-tests.json', import.meta.url), 'utf8')) as {
  readonly generator: string;
  readonly cases: readonly Case[];
};
const engine = await testEngine();
const directory = testDirectory();

const of = <K extends Case['kind']>(kind: K) =>
  golden.cases
    .filter((one): one is Extract<Case, { kind: K }> => one.kind === kind)
    .map((one, i) => [`${one.test.replace(/^.*\./, '')} ${i}`, one] as const);

const number = (v: Value): number => (v === null ? Number.NaN : v === 'inf' ? Infinity : v);
const frameOf = ({ shape: [, , ny, nx] }: Ramps): Shape2 => [ny, nx];

const images = (values: readonly Value[], one: Ramps, name: string, bitpix: 8 | -32): RawImage[] => {
  const [ramps, reads, ny, nx] = one.shape;
  const n = ny * nx;
  return Array.from({ length: ramps * reads }, (_, r) =>
    imageFile(join(directory, `${name}${r}`), values.slice(r * n, (r + 1) * n).map(number), [ny, nx], {
      ...{ bitpix, bscale: 1, bzero: 0 },
    }),
  );
};

const rampsOf = (one: Ramps, spacing: number): FitRampSpec['ramps'] => {
  const [count, reads] = one.shape;
  const data = images(one.data, one, 'read', -32);
  const flags = images(one.flags, one, 'flags', 8);
  return Array.from({ length: count }, (_, k) => ({
    reads: data.slice(k * reads, (k + 1) * reads),
    groupDq: flags.slice(k * reads, (k + 1) * reads),
    times: Array.from({ length: reads }, (__, r) => spacing * (r + 1)),
  }));
};

const plane = (values: readonly Value[], shape: Shape2) => {
  const made = engine.float32(shape);
  made.data.set(values.map(number));
  return made;
};

/** Group flags after a fit. */
const flagsOf = async (spec: FitRampSpec): Promise<Buffer> => {
  const path = join(directory, 'found');
  const fd = openSync(path, 'w');
  release(await engine.fitRamp({ ...spec, groupDq: { fd, offset: 0 } }));
  closeSync(fd);
  return readFileSync(path);
};

describe(`what stcal's tests find right, ${golden.generator}`, () => {
  it.each(of('jump'))('jumps: %s', async (_, one) => {
    const [rejection, fourReads, threeReads] = one.limits;
    const [min, max] = one.neighbours ?? [];
    const found = await flagsOf({
      ...{
        shape: frameOf(one),
        ramps: rampsOf(one, 1),
        gain: 1,
        readNoise: one.noise / Math.SQRT2,
        method: 'ols',
      },
      jump: {
        ...{ rejection, fourReads, threeReads },
        neighbours: min === undefined || max === undefined ? false : { min, max },
      },
    });
    expect(Array.from(found, (q) => q & 4)).toEqual(one.found.map((q) => q & 4));
  });

  it.each(of('saturation'))('saturation: %s', async (_, one) => {
    using threshold = plane(one.threshold, frameOf(one));
    const found = await flagsOf({
      ...{ shape: frameOf(one), ramps: rampsOf(one, 1), gain: 1, readNoise: 1, method: 'ols' },
      saturation: { threshold, floor: 0, grow: one.grow },
    });
    expect([...found]).toEqual(one.found);
  });

  it.each(of('linearity'))('linearity: %s', async (_, one) => {
    const shape = frameOf(one);
    const n = shape[0] * shape[1];
    const reads = images(one.data, one, 'read', -32);
    const coefficients = one.coefficients.map((c) => plane(c, shape));
    for (const [r, read] of reads.entries()) {
      const sum = { weights: [1], poissonFactor: 0, readNoiseFactor: 0, shape };
      const got = await engine.sample({
        ...{ reads: [read], ...sum, nonlinearity: { form: 'polynomial', coefficients } },
      });
      const want = one.linear.slice(r * n, (r + 1) * n).map(number);
      expect(differences(got.slope.data, want, (i) => 4e-7 * Math.abs(want[i]!))).toEqual([]);
      for (const made of Object.values(got)) made.release();
    }
    for (const c of coefficients) c.release();
  });

  it.each(of('fit'))('fits: %s', async (_, one) => {
    const shape = frameOf(one);
    using gain = plane(one.gain, shape);
    using readNoise = plane(
      one.noise.map((v) => number(v) / Math.SQRT2),
      shape,
    );
    const result = await engine.fitRamp({
      ...{ shape, ramps: rampsOf(one, one.spacing), gain, readNoise, variance: 'jwst' },
      method: one.algorithm === 'LIKELY' ? 'likely' : 'ols',
    });
    const want = one.slope.map(number);
    const near = (values: readonly Value[]) => (i: number) => 2e-6 * Math.abs(number(values[i]!)) + 1e-7;
    expect(differences(result.slope.data, want, near(one.slope))).toEqual([]);
    // Without a slope stcal leaves the variances 0; here they are NaN.
    const variance = (values: readonly Value[]) =>
      values.map((v, i) => (Number.isNaN(want[i]) ? Number.NaN : number(v)));
    expect(differences(result.varPoisson.data, variance(one.var_poisson), near(one.var_poisson))).toEqual([]);
    expect(differences(result.varRnoise.data, variance(one.var_rnoise), near(one.var_rnoise))).toEqual([]);
    release(result);
  });
});
