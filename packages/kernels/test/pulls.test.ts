import { describe, expect, it } from 'vitest';
import type { FitRampSpec } from '../src/index.ts';
import { expose, GAIN, type Light, NOISE, SHAPE } from './light.ts';
import { release, testDirectory, testEngine } from './support.ts';

const engine = await testEngine();
const directory = testDirectory();
/** Mean and width of (slope − rate)/σ over the pixels with a slope; `left` of the frame has one. */
const pulls = async (light: Light, spec: Pick<FitRampSpec, 'method' | 'jump' | 'saturation'>, ramps = 1) => {
  const exposed = Array.from({ length: ramps }, (_, k) => {
    const { reads } = expose(directory, { ...light, seed: light.seed + 1000 * k });
    return { reads, times: light.times };
  });
  const result = await engine.fitRamp({
    ...{ shape: SHAPE, ramps: exposed, gain: GAIN, readNoise: NOISE },
    ...spec,
  });
  const { slope, varPoisson, varRnoise } = result;
  const values = Array.from(
    slope.data,
    (v, i) => (v - light.rate) / Math.sqrt(varPoisson.data[i]! + varRnoise.data[i]!),
  ).filter(Number.isFinite);
  const mean = values.reduce((a, b) => a + b, 0) / values.length;
  const width = Math.sqrt(values.reduce((sum, v) => sum + (v - mean) ** 2, 0) / (values.length - 1));
  release(result);
  return { mean, width, left: values.length / slope.data.length };
};

const even = (n: number): number[] => Array.from({ length: n }, (_, r) => 5 * (r + 1));
const uneven = [1, 2, 3, 5, 8, 12, 20, 21, 22, 40, 60, 61, 62, 63];
const LOW = 0.2;
const MEDIUM = 12;
const HIGH = 900;

/** 32 000 pixels tell a mean to 0.006 σ and a width to 0.004 of it. */
const expectHonest = ({ mean, width, left }: Awaited<ReturnType<typeof pulls>>): void => {
  expect(left).toBeGreaterThan(0.98);
  expect(Math.abs(mean)).toBeLessThan(0.1);
  expect(width).toBeGreaterThan(0.97);
  expect(width).toBeLessThan(1.03);
};

const print = (what: string, { mean, width }: Awaited<ReturnType<typeof pulls>>): void => {
  if (process.env.DRS_PRINT_FIGURES) console.info(`${what}: ${mean.toFixed(3)} ± ${width.toFixed(3)}`);
};

describe.each(['ols', 'likely'] as const)('pulls of %s', (method) => {
  it.each([
    ['low flux', LOW],
    ['medium flux', MEDIUM],
    ['high flux', HIGH],
  ])('without jumps are those of its own variance: %s', async (what, rate) => {
    for (const [name, times] of [
      ['20 reads', even(20)],
      ['5 reads', even(5)],
      ['uneven', uneven],
    ] as const) {
      const seen = await pulls({ rate, times, seed: 1 + rate }, { method });
      print(`${method} ${what} ${name}`, seen);
      expectHonest(seen);
    }
  });

  it.each([
    ['low flux', LOW],
    ['medium flux', MEDIUM],
    ['high flux', HIGH],
  ])('with hits of 6 σ and more: %s', async (what, rate) => {
    const seen = await pulls(
      { rate, times: even(20), hits: { mean: 0.25, sizes: [6, 60] }, seed: 50 + rate },
      { method, jump: {} },
    );
    print(`${method} ${what} with hits`, seen);
    expectHonest(seen);
  });

  it('of three ramps together, with hits', async () => {
    const hits = { mean: 0.25, sizes: [6, 60] } as const;
    const seen = await pulls({ rate: MEDIUM, times: even(8), hits, seed: 7 }, { method, jump: {} }, 3);
    print(`${method} three ramps`, seen);
    expectHonest(seen);
  });

  it.each([
    ['medium flux', MEDIUM],
    ['high flux', HIGH],
  ])('with hits and saturation half way up: %s', async (what, rate) => {
    const full = rate * 52;
    // A hit that leaves two reads to a ramp cannot be told from light.
    const hits = { mean: 0.2, sizes: [6, 15] } as const;
    const light = { rate, times: even(20), hits, full, seed: 90 + rate };
    const seen = await pulls(light, { method, jump: {}, saturation: { threshold: full, grow: 0 } });
    print(`${method} ${what} with hits and saturation`, seen);
    expectHonest(seen);
  });
});
