import { expect, it } from 'vitest';
import { openEngine } from '../src/index.ts';
import { statistics as twin } from '../src/twins/statistics.ts';
import { normal, SHAPES, testEngine, uniform } from './support.ts';

const engine = await testEngine();

it.each(SHAPES.map((shape) => [shape]))(
  'of shape %j have double precision about a large mean',
  async (shape) => {
    const random = uniform(6);
    using plane = engine.float32(shape);
    using dq = engine.uint32(shape);
    for (let i = 0; i < plane.data.length; i++) {
      plane.data[i] = random() < 0.02 ? Number.NaN : 1e6 + normal(random);
      dq.data[i] = random() < 0.1 ? 5 : 2;
    }
    const expected = twin(Array.from(plane.data).filter((_, i) => (dq.data[i]! & 1) === 0));
    const found = await engine.statistics(plane, { dq, mask: 1 });
    expect(found).toMatchObject({ count: expected.count, min: expected.min, max: expected.max });
    expect(Math.abs(found.mean - expected.mean)).toBeLessThan(1e-8);
    if (expected.count > 1) expect(found.variance / expected.variance).toBeCloseTo(1, 9);
    else expect(found.variance).toBeNaN();
  },
);

it('do not depend on the number of threads', async () => {
  const found: unknown[] = [];
  for (const threads of [1, 3]) {
    const other = await openEngine({ threads });
    const random = uniform(4);
    const plane = other.float32([300, 1001]);
    for (let i = 0; i < plane.data.length; i++) plane.data[i] = normal(random);
    found.push(await other.statistics(plane));
    await other.close();
  }
  expect(found[0]).toEqual(found[1]);
});

it('of nothing are NaN', async () => {
  using plane = engine.float32([3, 3], Number.NaN);
  expect(await engine.statistics(plane)).toEqual({
    count: 0,
    mean: Number.NaN,
    variance: Number.NaN,
    min: Number.NaN,
    max: Number.NaN,
  });
});
