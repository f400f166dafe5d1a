import { expect, it } from 'vitest';
import type { FloatPlane, Shape2 } from '../src/index.ts';
import { sharedVariance } from '../src/twins/relative.ts';
import { differences, EPS, SHAPES, testEngine, uniform } from './support.ts';

const engine = await testEngine();
const random = uniform(5);
const float = (shape: Shape2, scale: number): FloatPlane => {
  const plane = engine.float32(shape);
  for (let i = 0; i < plane.data.length; i++) plane.data[i] = i % 7 === 0 ? 0 : scale * (random() - 0.3);
  return plane;
};

it.each(SHAPES.map((shape) => [shape]))(
  'frames with one relative error keep it in their difference, shape %j',
  async (shape) => {
    using s = float(shape, 100);
    using v = float(shape, 1);
    using b = float(shape, 50);
    using w = float(shape, 1);
    using minus = float(shape, 40);
    const [sci, variance] = [Float32Array.from(s.data), Float32Array.from(v.data)];
    await engine.subtractPlane({ sci: s, minus, shared: { variance: v, other: { variance: w, of: b } } });
    const difference = Array.from(sci, (x, i) => Math.fround(x - minus.data[i]!));
    expect([...s.data]).toEqual(difference);
    const expected = difference.map((d, i) =>
      sharedVariance(variance[i]!, sci[i]!, w.data[i]!, b.data[i]!, d),
    );
    // Three roundings of squares and sums, one of the quotient, two of the product; v + w may cancel.
    const bound = (i: number): number =>
      (12 * EPS * difference[i]! ** 2 * (Math.abs(variance[i]!) + Math.abs(w.data[i]!))) /
      Math.max(sci[i]! ** 2 + b.data[i]! ** 2, 1e-30);
    expect(differences(v.data, expected, bound)).toEqual([]);
  },
);

it('errors become variances', async () => {
  using plane = float([5, 7], 10);
  const before = Float32Array.from(plane.data);
  await engine.square({ plane, factor: 0.5 });
  const expected = Array.from(before, (x) => (0.5 * x) ** 2);
  expect(differences(plane.data, expected, (i) => 4 * EPS * expected[i]!)).toEqual([]);
});
