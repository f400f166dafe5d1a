import { describe, expect, it } from 'vitest';
import type { CalibrateSpec, FlagPlane, FloatPlane, Shape2 } from '../src/index.ts';
import { calibrate as twin } from '../src/twins/index.ts';
import { differences, EPS, normal, SHAPES, testEngine, uniform } from './support.ts';

const engine = await testEngine();
const NO_FLAT_FIELD = 262144;

interface Parts {
  readonly dark: 'none' | 'sci' | 'full';
  readonly flat: 'none' | 'sci' | 'full';
}

/** One random frame with its references; a few per cent of each kind of bad pixel. */
const scene = (shape: Shape2, { dark, flat }: Parts, varFlat: boolean) => {
  const random = uniform(shape[1] + 7);
  const float = (make: () => number): FloatPlane => {
    const plane = engine.float32(shape);
    for (let i = 0; i < plane.data.length; i++) plane.data[i] = make();
    return plane;
  };
  const flags = (bits: readonly number[]): FlagPlane => {
    const plane = engine.uint32(shape);
    for (let i = 0; i < plane.data.length; i++) {
      plane.data[i] = bits.reduce((q, bit) => (random() < 0.05 ? (q | bit) >>> 0 : q), 0);
    }
    return plane;
  };
  const some = (bad: readonly number[], make: () => number) => () =>
    random() < 0.05 ? bad[Math.floor(random() * bad.length)]! : make();
  const spec: CalibrateSpec = {
    sci: float(some([Number.NaN], () => 1000 * normal(random))),
    dq: flags([1, 4, 2 ** 31]),
    varPoisson: float(some([Number.NaN], () => 1000 * random())),
    varRnoise: float(() => 30 * random()),
    ...(dark === 'none'
      ? {}
      : { dark: { sci: float(some([Number.NaN], () => 50 * random())), ...full(dark) } }),
    ...(flat === 'none'
      ? {}
      : { flat: { sci: float(some([Number.NaN, 0], () => 0.5 + random())), ...full(flat) } }),
    ...(varFlat ? { varFlat: engine.float32(shape, 77) } : {}),
  };
  function full(what: 'sci' | 'full') {
    return what === 'sci' ? {} : { dq: flags([16, NO_FLAT_FIELD]), variance: float(() => random() / 100) };
  }
  return spec;
};

const planesOf = (spec: CalibrateSpec): (FloatPlane | FlagPlane)[] =>
  [spec, spec.dark ?? {}, spec.flat ?? {}].flatMap((group) =>
    Object.values(group).filter(
      (v): v is FloatPlane => v !== null && typeof v === 'object' && 'release' in v,
    ),
  );

describe('dark and flat with variances agree with the double-precision twin', () => {
  const parts: [Parts, boolean][] = [
    [{ dark: 'full', flat: 'full' }, true],
    [{ dark: 'full', flat: 'full' }, false],
    [{ dark: 'sci', flat: 'sci' }, true],
    [{ dark: 'full', flat: 'none' }, true],
    [{ dark: 'none', flat: 'full' }, true],
    [{ dark: 'none', flat: 'none' }, false],
  ];
  it.each(parts)('for %j, VAR_FLAT asked for: %s', async (part, varFlat) => {
    for (const shape of SHAPES) {
      const spec = scene(shape, part, varFlat);
      const n = spec.sci.data.length;
      const at = (group: CalibrateSpec['dark'], i: number) =>
        group && {
          sci: group.sci.data[i]!,
          ...(group.dq && { dq: group.dq.data[i]! }),
          ...(group.variance && { variance: group.variance.data[i]! }),
        };
      const before = Float32Array.from(spec.sci.data);
      const expected = Array.from({ length: n }, (_, i) =>
        twin({
          sci: spec.sci.data[i]!,
          dq: spec.dq.data[i]!,
          varPoisson: spec.varPoisson.data[i]!,
          varRnoise: spec.varRnoise.data[i]!,
          dark: at(spec.dark, i),
          flat: at(spec.flat, i),
        }),
      );
      await engine.calibrate(spec);
      // One rounding for each operation; the difference S − D may be small beside its terms.
      const size = (i: number): number => 2 * EPS * (Math.abs(before[i]!) + 50);
      const f = (i: number): number => Math.max(0.5, Math.abs(spec.flat?.sci.data[i] || 1));
      expect(
        differences(
          spec.sci.data,
          expected.map((e) => e.sci),
          (i) => size(i) / f(i),
        ),
      ).toEqual([]);
      expect(
        differences(
          spec.dq.data,
          expected.map((e) => e.dq),
          () => 0,
        ),
      ).toEqual([]);
      expect(
        differences(
          spec.varPoisson.data,
          expected.map((e) => e.varPoisson),
          (i) => 4 * EPS * expected[i]!.varPoisson,
        ),
      ).toEqual([]);
      expect(
        differences(
          spec.varRnoise.data,
          expected.map((e) => e.varRnoise),
          (i) => 5 * EPS * expected[i]!.varRnoise,
        ),
      ).toEqual([]);
      if (spec.varFlat) {
        const bound = (i: number): number => {
          const e = expected[i]!;
          const fromSci = (2 * Math.abs(e.sci) * size(i) * (spec.flat?.variance?.data[i] ?? 0)) / f(i) ** 3;
          return 8 * EPS * e.varFlat + fromSci;
        };
        expect(
          differences(
            spec.varFlat.data,
            expected.map((e) => e.varFlat),
            bound,
          ),
        ).toEqual([]);
      }
      for (const plane of planesOf(spec)) plane.release();
      expect(engine.pool.usedBytes).toBe(0);
    }
  });
});

it('refuses references of another shape or already released', async () => {
  const spec = scene([6, 5], { dark: 'sci', flat: 'none' }, false);
  const other = engine.float32([5, 6]);
  expect(() => engine.calibrate({ ...spec, dark: { sci: other } })).toThrowError(
    /dark has shape \[5,6\], the frame \[6,5\]/,
  );
  other.release();
  expect(() => engine.calibrate({ ...spec, flat: { sci: other } })).toThrowError(
    expect.objectContaining({ code: 'Released' }),
  );
  for (const plane of planesOf(spec)) plane.release();
});
