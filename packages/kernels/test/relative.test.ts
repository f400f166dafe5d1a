import { expect, it } from 'vitest';
import type { FloatPlane, Shape2 } from '../src/index.ts';
import { multiplySquare, relativeVariance } from '../src/twins/relative.ts';
import { differences, EPS, SHAPES, testEngine, uniform } from './support.ts';

const engine = await testEngine();
const random = uniform(5);
const float = (shape: Shape2, scale: number): FloatPlane => {
  const plane = engine.float32(shape);
  for (let i = 0; i < plane.data.length; i++) plane.data[i] = i % 7 === 0 ? 0 : scale * (random() - 0.3);
  return plane;
};

it.each(SHAPES.map((shape) => [shape]))(
  'relative variances come back as variances of the difference, shape %j',
  async (shape) => {
    using s = float(shape, 100);
    using v = float(shape, 1);
    using b = float(shape, 50);
    using w = float(shape, 1);
    const before = Float32Array.from(v.data);
    await engine.relativeVariance({ variance: v, of: s, other: { variance: w, of: b } });
    const expected = Array.from(before, (x, i) => relativeVariance(x, s.data[i]!, w.data[i]!, b.data[i]!));
    // Three roundings of squares and sums, one of the quotient; v + w may cancel.
    const bound = (i: number): number =>
      (8 * EPS * (Math.abs(before[i]!) + Math.abs(w.data[i]!))) /
      Math.max(s.data[i]! ** 2 + b.data[i]! ** 2, 1e-30);
    expect(differences(v.data, expected, bound)).toEqual([]);

    const relative = Float32Array.from(v.data);
    await engine.multiplySquare({ plane: v, by: s });
    const back = Array.from(relative, (x, i) => multiplySquare(x, s.data[i]!));
    expect(differences(v.data, back, (i) => 4 * EPS * Math.abs(back[i]!))).toEqual([]);
  },
);

it('one signal alone tells its own relative variance', async () => {
  const shape: Shape2 = [3, 5];
  using s = float(shape, 100);
  using v = float(shape, 1);
  const before = Float32Array.from(v.data);
  await engine.relativeVariance({ variance: v, of: s });
  const expected = Array.from(before, (x, i) => relativeVariance(x, s.data[i]!));
  expect(differences(v.data, expected, (i) => 8 * EPS * Math.abs(expected[i]!))).toEqual([]);
});

it('errors become variances', async () => {
  using plane = float([5, 7], 10);
  const before = Float32Array.from(plane.data);
  await engine.square({ plane, factor: 0.5 });
  const expected = Array.from(before, (x) => (0.5 * x) ** 2);
  expect(differences(plane.data, expected, (i) => 4 * EPS * expected[i]!)).toEqual([]);
});
