import { expect, it } from 'vitest';
import type { FlagPlane, FloatPlane, Shape2 } from '../src/index.ts';
import { error as twin } from '../src/twins/arithmetic.ts';
import { differences, EPS, SHAPES, testEngine, uniform } from './support.ts';

const engine = await testEngine();
const random = uniform(3);
const float = (shape: Shape2): FloatPlane => {
  const plane = engine.float32(shape);
  for (let i = 0; i < plane.data.length; i++) plane.data[i] = 100 * random();
  return plane;
};
const flags = (shape: Shape2): FlagPlane => {
  const plane = engine.uint32(shape);
  for (let i = 0; i < plane.data.length; i++) plane.data[i] = 2 ** 32 * random();
  return plane;
};

it.each(SHAPES.map((shape) => [shape]))(
  'plane arithmetic is float32 arithmetic for shape %j',
  async (shape) => {
    using sci = float(shape);
    using minus = float(shape);
    using variance = float(shape);
    using add = float(shape);
    using dq = flags(shape);
    using minusDq = flags(shape);
    const n = sci.data.length;
    const each = (f: (i: number) => number): number[] => Array.from({ length: n }, (_, i) => f(i));
    const same = (plane: FloatPlane | FlagPlane, expected: number[]): void =>
      expect(differences(plane.data, expected, () => 0)).toEqual([]);

    const [s, v, q] = [
      Float32Array.from(sci.data),
      Float32Array.from(variance.data),
      Uint32Array.from(dq.data),
    ];
    await engine.subtractPlane({ sci, minus, variances: [{ to: variance, add }], dq, minusDq });
    const difference = each((i) => Math.fround(s[i]! - minus.data[i]!));
    const sum = each((i) => Math.fround(v[i]! + add.data[i]!));
    same(sci, difference);
    same(variance, sum);
    same(
      dq,
      each((i) => (q[i]! | minusDq.data[i]!) >>> 0),
    );

    await engine.subtractValue({ sci, value: 12.5, variance, valueVariance: 0.25 });
    const shifted = difference.map((x) => Math.fround(x - 12.5));
    const widened = sum.map((x) => Math.fround(x + 0.25));
    same(sci, shifted);
    same(variance, widened);

    await engine.divideValue({ sci, value: -2.5, variances: [variance] });
    same(
      sci,
      shifted.map((x) => Math.fround(x / -2.5)),
    );
    same(
      variance,
      widened.map((x) => Math.fround(x / 6.25)),
    );

    await engine.orFlags(dq, 2 ** 31 + 1);
    same(
      dq,
      each((i) => (q[i]! | minusDq.data[i]! | 0x80000001) >>> 0),
    );

    add.data[n - 1] = Number.NaN;
    using error = await engine.errorOf([variance, add, minus]);
    const expected = each((i) => twin([variance.data[i]!, add.data[i]!, minus.data[i]!]));
    expect(differences(error.data, expected, (i) => 4 * EPS * expected[i]!)).toEqual([]);
  },
);

it('refuses to divide by zero or to sum nothing', async () => {
  using sci = float([2, 2]);
  await expect(engine.divideValue({ sci, value: 0 })).rejects.toMatchObject({ code: 'BadSpec' });
  await expect(engine.errorOf([])).rejects.toMatchObject({ code: 'BadSpec' });
});

it.each(SHAPES.map((shape) => [shape]))(
  'what is not above a value is flagged, for shape %j',
  async (shape) => {
    using plane = float(shape);
    using dq = flags(shape);
    for (let i = 0; i < plane.data.length; i += 3) plane.data[i] = [Number.NaN, 5, -1][(i / 3) % 3]!;
    const before = Uint32Array.from(dq.data);
    const bits = 2 ** 31 + 1;
    await engine.flagNotAbove({ plane, dq, lowest: 5, flags: bits });
    const expected = Array.from(before, (flag, i) => (plane.data[i]! > 5 ? flag : (flag | bits) >>> 0));
    expect(differences(dq.data, expected, () => 0)).toEqual([]);
  },
);

it('rows are copied into a larger frame in order, NaN where flagged', async () => {
  const [ny, nx] = [5, 7];
  using to = engine.float32([ny, nx], -1);
  const rows = [2, 1, 2];
  let row = 0;
  for (const height of rows) {
    using from = float([height, nx]);
    using dq = engine.uint32([height, nx]);
    dq.data[3] = 5;
    dq.data[4] = 2;
    await engine.copyGood({ from, dq, mask: 1, to, row });
    const expected = Array.from(from.data, (value, i) => (i === 3 ? Number.NaN : value));
    expect([...to.data.subarray(row * nx, (row + height) * nx)]).toEqual(expected);
    row += height;
  }
  using wide = float([1, nx + 1]);
  using dq = engine.uint32([1, nx + 1]);
  expect(() => engine.copyGood({ from: wide, dq, mask: 1, to, row: 0 })).toThrow(/do not lie/);
});

it('rows that are copied to the end of a frame leave what lies behind it alone', async () => {
  const [ny, nx] = [1024, 3]; // fills whole pages
  using to = engine.float32([ny, nx]);
  using behind = engine.float32([1, 1], 7);
  expect(behind.ptr).toBe(to.ptr + ny * nx * 4);
  using from = engine.float32([1, nx], 1);
  using dq = engine.uint32([1, nx]);
  dq.data[2] = 1;
  await engine.copyGood({ from, dq, mask: 1, to, row: ny - 1 });
  expect([...to.data.slice(-4), behind.data[0]]).toEqual([0, 1, 1, Number.NaN, 7]);
});
