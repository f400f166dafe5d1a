import { address, type Core, map, mapAll, planeArg, tilePixels } from './core.ts';
import { KernelsError } from './errors.ts';
import type { KernelCall } from './jobs/map.ts';
import { type FlagPlane, type FloatPlane, pixelsOf, type Shape2 } from './plane.ts';

export interface SubtractPlaneSpec {
  readonly sci: FloatPlane;
  readonly minus: FloatPlane;
  /** Pairs of a variance component and what is added to it. */
  readonly variances?: readonly { readonly to: FloatPlane; readonly add: FloatPlane }[] | undefined;
  readonly dq?: FlagPlane | undefined;
  readonly minusDq?: FlagPlane | undefined;
  /** On `minus`, and squared on the variances added; default 1. */
  readonly factor?: number | undefined;
  /** A variance of `sci` with an error in common with another frame. */
  readonly shared?: SharedVariance | undefined;
}

/**
 * Frames S and B that were divided by one flat share its relative error ρ, and both tell it: V = S²ρ², W = B²ρ². The
 * subtraction keeps it: the variance becomes (S − B)²·(V + W)/(S² + B²), 0 where S and B are 0.
 */
export interface SharedVariance {
  /** V before, that of the difference afterwards. */
  readonly variance: FloatPlane;
  readonly other: { readonly variance: FloatPlane; readonly of: FloatPlane };
}

/** a += factor·b. */
const added = (a: FloatPlane, b: FloatPlane, factor: number, shape: Shape2, name: string): KernelCall => ({
  kernel: 'subtractPlane',
  args: [planeArg(a, shape, name), planeArg(b, shape, name), -factor, 'count'],
});

const flagged = (dq: FlagPlane, flags: FlagPlane, shape: Shape2): KernelCall => ({
  kernel: 'addFlags',
  args: [planeArg(dq, shape, 'dq'), planeArg(flags, shape, 'flags'), 'count'],
});

/** sci −= factor·minus; variances add; dq |= minusDq. In one pass, so that each pixel is fetched once. */
export const subtractPlane = (core: Core, spec: SubtractPlaneSpec): Promise<void> => {
  const { sci, dq, minusDq, factor = 1, shared, variances = [] } = spec;
  const { shape } = sci;
  const arg = (plane: FloatPlane, name: string) => planeArg(plane, shape, name);
  const v = shared && arg(shared.variance, 'shared variance');
  const calls: KernelCall[] = [];
  if (shared && v) {
    const [w, b] = [arg(shared.other.variance, 'other variance'), arg(shared.other.of, 'other of')];
    calls.push({ kernel: 'relativeVariance', args: [v, arg(sci, 'sci'), w, b, 'count'] });
  }
  calls.push(added(sci, spec.minus, -factor, shape, 'minus'));
  for (const { to, add } of variances) calls.push(added(to, add, factor ** 2, shape, 'variance'));
  if (dq && minusDq) calls.push(flagged(dq, minusDq, shape));
  if (v) calls.push({ kernel: 'multiplySquare', args: [v, arg(sci, 'sci'), 'count'] });
  const planes = 2 + 2 * variances.length + (dq && minusDq ? 2 : 0) + (shared ? 3 : 0);
  return mapAll(core, pixelsOf(shape), calls, tilePixels(planes));
};

/** plane += add. */
export const addTo = (
  core: Core,
  { plane, add }: { readonly plane: FloatPlane; readonly add: FloatPlane },
): Promise<void> =>
  mapAll(core, pixelsOf(plane.shape), [added(plane, add, 1, plane.shape, 'plane')], tilePixels(2));

export interface ValueSpec {
  readonly sci: FloatPlane;
  readonly value: number;
}

/** sci −= value; variance += valueVariance. */
export const subtractValue = async (
  core: Core,
  spec: ValueSpec & { readonly variance?: FloatPlane | undefined; readonly valueVariance?: number },
): Promise<void> => {
  const { sci, value, variance, valueVariance } = spec;
  const one = (plane: FloatPlane, by: number) =>
    map(
      core,
      'subtractValue',
      pixelsOf(sci.shape),
      [planeArg(plane, sci.shape, 'plane'), by, 'count'],
      tilePixels(1),
    );
  await one(sci, value);
  if (variance && valueVariance !== undefined) await one(variance, -valueVariance);
};

/** sci /= value; each variance /= value². */
export const divideValue = async (
  core: Core,
  spec: ValueSpec & { readonly variances?: readonly FloatPlane[] },
): Promise<void> => {
  const { sci, value } = spec;
  if (value === 0 || !Number.isFinite(value)) {
    throw new KernelsError('BadSpec', `division by ${value}; give a finite number other than zero`);
  }
  const one = (plane: FloatPlane, by: number) =>
    map(
      core,
      'divideValue',
      pixelsOf(sci.shape),
      [planeArg(plane, sci.shape, 'plane'), by, 'count'],
      tilePixels(1),
    );
  await one(sci, value);
  for (const variance of spec.variances ?? []) await one(variance, value * value);
};

/** dq |= flags, a plane or one value for all pixels. */
export const orFlags = (core: Core, dq: FlagPlane, flags: FlagPlane | number): Promise<void> => {
  const pixels = pixelsOf(dq.shape);
  if (typeof flags !== 'number') return mapAll(core, pixels, [flagged(dq, flags, dq.shape)], tilePixels(2));
  return map(core, 'addFlagValue', pixels, [planeArg(dq, dq.shape, 'dq'), flags, 'count'], tilePixels(1));
};

export interface FlagNotAboveSpec {
  readonly plane: FloatPlane;
  readonly dq: FlagPlane;
  readonly lowest: number;
  readonly flags: number;
}

/** dq |= flags where the plane is not above `lowest`, NaN included. */
export const flagNotAbove = (core: Core, { plane, dq, lowest, flags }: FlagNotAboveSpec): Promise<void> =>
  map(
    core,
    'flagNotAbove',
    pixelsOf(plane.shape),
    [planeArg(plane, plane.shape, 'plane'), planeArg(dq, plane.shape, 'dq'), lowest, flags, 'count'],
    tilePixels(2),
  );

export interface CopyGoodSpec {
  readonly from: FloatPlane;
  readonly dq: FlagPlane;
  /** Flagged with one of these bits: NaN in the copy. */
  readonly mask: number;
  /** As wide as `from`. */
  readonly to: FloatPlane;
  /** Row of `to` that the first row of `from` goes to. */
  readonly row: number;
}

/** Rows of a larger frame, NaN where flagged. */
export const copyGood = (core: Core, { from, dq, mask, to, row }: CopyGoodSpec): Promise<void> => {
  const [ny, nx] = from.shape;
  if (to.shape[1] !== nx || row < 0 || row + ny > to.shape[0]) {
    throw new KernelsError(
      'BadSpec',
      `rows ${row} to ${row + ny - 1} of ${nx} pixels do not lie in a frame of [${to.shape}]`,
    );
  }
  const out = { plane: address(to, to.shape, 'to'), offset: row * nx * 4 };
  const args = [
    planeArg(from, from.shape, 'from'),
    planeArg(dq, from.shape, 'dq'),
    mask,
    out,
    'count',
  ] as const;
  return map(core, 'copyGood', pixelsOf(from.shape), args, tilePixels(3));
};

/** plane = (factor·plane)², in place: errors to variances. */
export const square = (
  core: Core,
  { plane, factor = 1 }: { readonly plane: FloatPlane; readonly factor?: number },
): Promise<void> =>
  map(
    core,
    'square',
    pixelsOf(plane.shape),
    [planeArg(plane, plane.shape, 'plane'), factor, 'count'],
    tilePixels(1),
  );

/** Error = √ of the sum of one, two or three variance components; a new frame. */
export const errorOf = async (core: Core, components: readonly FloatPlane[]): Promise<FloatPlane> => {
  const [first, second, third, ...more] = components;
  if (!first || more.length > 0)
    throw new KernelsError(
      'BadSpec',
      `an error of ${components.length} variance components; give one to three`,
    );
  const { shape } = first;
  const parts = [first, second, third].map((plane, i) => planeArg(plane, shape, `component ${i}`));
  using held = new DisposableStack();
  const out = held.use(core.pool.float32(shape));
  await map(core, 'error', pixelsOf(shape), [{ plane: out.ptr }, ...parts, 'count'], tilePixels(4));
  held.move();
  return out;
};
