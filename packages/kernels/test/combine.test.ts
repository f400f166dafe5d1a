import { describe, expect, it } from 'vitest';
import { madFactor, medianFactor } from '../src/combine.ts';
import type { CombineSpec, FloatPlane, Shape2 } from '../src/index.ts';
import { type CombinePixel, combine as twin } from '../src/twins/combine.ts';
import { differences, EPS, normal, testEngine, uniform } from './support.ts';

const engine = await testEngine();

type Method = Pick<CombinePixel, 'method'> & Partial<Pick<CombinePixel, 'sigma' | 'scale' | 'maxIterations'>>;

const scene = (shape: Shape2, n: number, seed: number) => {
  const random = uniform(seed);
  const float = (make: () => number): FloatPlane => {
    const plane = engine.float32(shape);
    for (let i = 0; i < plane.data.length; i++) plane.data[i] = make();
    return plane;
  };
  const each = <T>(make: () => T): T[] => Array.from({ length: n }, make);
  const frames = each(() =>
    float(() => {
      const u = random();
      if (u < 0.03) return Number.NaN;
      return u < 0.1 ? 5000 * random() : 100 + 5 * normal(random);
    }),
  );
  const dq = each(() => {
    const plane = engine.uint32(shape);
    for (let i = 0; i < plane.data.length; i++)
      plane.data[i] = (random() < 0.05 ? 1 : 0) | (random() < 0.1 ? 4 : 0);
    return plane;
  });
  // The first pixel has no good value at all.
  for (const [f, plane] of dq.entries()) plane.data[0] = f % 2 === 0 ? 1 : 9;
  const variances = [0, 1].map(() => each(() => float(() => 10 * random())));
  return {
    frames,
    dq,
    variances,
    release: () => [...frames, ...dq, ...variances.flat()].forEach((p) => void p.release()),
  };
};

describe('combination agrees with the double-precision twin', () => {
  const methods: Method[] = [
    { method: 'mean' },
    { method: 'median' },
    { method: 'clipped' },
    { method: 'clipped', scale: 'std', sigma: 2 },
    { method: 'clipped', sigma: 1.5, maxIterations: 1 },
  ];
  it.each(methods.flatMap((m) => [1, 2, 3, 4, 5, 8, 9, 16, 21].map((n) => [m, n] as const)))(
    'for %j of %i frames',
    async (method, n) => {
      for (const shape of [
        [7, 13],
        [19, 41],
      ] as const) {
        for (const withExtras of [true, false]) {
          const { frames, dq, variances, release } = scene(shape, n, n);
          const result = await engine.combine(frames, withExtras ? { ...method, dq, variances } : method);
          const pixels = Array.from({ length: shape[0] * shape[1] }, (_, i) => {
            const values = frames.map((f) => f.data[i]!);
            const pixel = { sigma: 3, scale: 'mad', maxIterations: 10, ...method, values } as const;
            if (!withExtras) return [twin(pixel)];
            const flags = dq.map((q) => q.data[i]!);
            // Clipping looks at the sum of the components, each result at its own.
            const total = frames.map((_, f) => variances[0]![f]!.data[i]! + variances[1]![f]!.data[i]!);
            return [twin({ ...pixel, dq: flags, variances: total })];
          }).flat();
          expect(
            differences(
              result.count.data,
              pixels.map((p) => p.count),
              () => 0,
            ),
          ).toEqual([]);
          expect(
            differences(
              result.value.data,
              pixels.map((p) => p.value),
              (i) => 2 * EPS * Math.abs(pixels[i]!.value),
            ),
          ).toEqual([]);
          expect(result.variances.length).toBe(withExtras ? 2 : 0);
          if (withExtras) {
            expect(
              differences(
                result.dq.data,
                pixels.map((p) => p.dq),
                () => 0,
              ),
            ).toEqual([]);
            const [a, b] = result.variances;
            const sum = Array.from(a!.data, (v, i) => v + b!.data[i]!);
            expect(
              differences(
                sum,
                pixels.map((p) => p.variance),
                (i) => (n + 5) * EPS * pixels[i]!.variance,
              ),
            ).toEqual([]);
          }
          for (const plane of [result.value, result.dq, result.count, ...result.variances]) plane.release();
          release();
          expect(engine.pool.usedBytes).toBe(0);
        }
      }
    },
  );
});

describe('clipping', () => {
  const shape = [40, 50] as const;
  const hits = async (n: number, spec: Omit<CombineSpec, 'method'>, hit: number) => {
    const random = uniform(n);
    const frames = Array.from({ length: n }, (_, f) => {
      const plane = engine.float32(shape);
      for (let i = 0; i < plane.data.length; i++) plane.data[i] = 20 + normal(random) + (f === 1 ? hit : 0);
      return plane;
    });
    const result = await engine.combine(frames, { method: 'clipped', ...spec });
    const used = result.count.data.reduce((a, b) => a + b, 0) / result.count.data.length;
    const bias = result.value.data.reduce((a, b) => a + b, 0) / result.value.data.length - 20;
    for (const plane of [...frames, result.value, result.dq, result.count]) plane.release();
    return { used, bias };
  };

  it.each([3, 4, 5, 6, 7])(
    'by the MAD rejects a 500σ hit in one of %i frames; 3 standard deviations cannot',
    async (n) => {
      const mad = await hits(n, {}, 500);
      expect(Math.abs(mad.bias)).toBeLessThan(0.1);
      const std = await hits(n, { scale: 'std' }, 500);
      expect(std.used).toBe(n);
      expect(std.bias).toBeGreaterThan(500 / n - 1);
    },
  );

  it('by the standard deviation begins to reject at eight frames', async () => {
    expect((await hits(8, { scale: 'std' }, 500)).used).toBeLessThanOrEqual(7);
  });

  it('keeps good values within the noise that the frames claim', async () => {
    const random = uniform(11);
    const frames = [0, 1, 2].map(() => {
      const plane = engine.float32(shape);
      for (let i = 0; i < plane.data.length; i++) plane.data[i] = normal(random);
      return plane;
    });
    const variance = engine.float32(shape, 1);
    const result = await engine.combine(frames, {
      method: 'clipped',
      variances: [[variance, variance, variance]],
    });
    const lost = 3 * result.count.data.length - result.count.data.reduce((a, b) => a + b, 0);
    expect(lost / (3 * result.count.data.length)).toBeLessThan(0.005);
    for (const plane of [...frames, variance, result.value, result.dq, result.count, ...result.variances])
      plane.release();
  });
});

it.each([2, 3, 4, 5, 9, 10, 24, 35])(
  'the noise of the median and the MAD of %i normal values are as stated',
  (n) => {
    const random = uniform(n);
    const trials = 20000;
    let squares = 0;
    let mads = 0;
    for (let t = 0; t < trials; t++) {
      const x = Array.from({ length: n }, () => normal(random)).sort((a, b) => a - b);
      const m = (x[Math.floor((n - 1) / 2)]! + x[Math.ceil((n - 1) / 2)]!) / 2;
      const d = x.map((v) => Math.abs(v - m)).sort((a, b) => a - b);
      squares += m * m;
      mads += (d[Math.floor((n - 1) / 2)]! + d[Math.ceil((n - 1) / 2)]!) / 2;
    }
    // Five standard errors: √(2/trials) for a variance, less for a mean deviation.
    expect(Math.abs(((squares / trials) * n) / medianFactor(n) - 1)).toBeLessThan(0.05);
    expect(Math.abs((mads / trials) * madFactor(n) - 1)).toBeLessThan(0.04);
  },
);

it('refuses lists that do not match', async () => {
  using frame = engine.float32([2, 2]);
  await expect(engine.combine([], { method: 'mean' })).rejects.toMatchObject({ code: 'BadSpec' });
  await expect(engine.combine([frame], { method: 'mean', dq: [] })).rejects.toMatchObject({
    code: 'BadSpec',
  });
  await expect(engine.combine([frame], { method: 'clipped', sigma: 0.5 })).rejects.toMatchObject({
    code: 'BadSpec',
  });
});
