import { address, type Core, map, planeArg, tilePixels, writeTable } from './core.ts';
import { KernelsError } from './errors.ts';
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
}

/** a += factor·b. */
const addPlane = (core: Core, a: FloatPlane, b: FloatPlane, factor: number, shape: Shape2, name: string) =>
  map(
    core,
    'subtractPlane',
    pixelsOf(shape),
    [planeArg(a, shape, name), planeArg(b, shape, name), -factor, 'count'],
    tilePixels(2),
  );

/** sci −= factor·minus; variances add; dq |= minusDq. */
export const subtractPlane = async (core: Core, spec: SubtractPlaneSpec): Promise<void> => {
  const { sci, dq, minusDq, factor = 1 } = spec;
  await addPlane(core, sci, spec.minus, -factor, sci.shape, 'minus');
  for (const { to, add } of spec.variances ?? [])
    await addPlane(core, to, add, factor ** 2, sci.shape, 'variance');
  if (dq && minusDq) await orFlags(core, dq, minusDq);
};

/** plane += add. */
export const addTo = (
  core: Core,
  { plane, add }: { readonly plane: FloatPlane; readonly add: FloatPlane },
): Promise<void> => addPlane(core, plane, add, 1, plane.shape, 'plane');

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
  const to = planeArg(dq, dq.shape, 'dq');
  const pixels = pixelsOf(dq.shape);
  if (typeof flags === 'number')
    return map(core, 'addFlagValue', pixels, [to, flags, 'count'], tilePixels(1));
  return map(core, 'addFlags', pixels, [to, planeArg(flags, dq.shape, 'flags'), 'count'], tilePixels(2));
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
  /** Row of `to` that the first row of `from` goes to. Rows go in order: what follows the last may be touched. */
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
  const out = { plane: address(to, to.shape, 'to') + row * nx * 4 };
  const args = [
    planeArg(from, from.shape, 'from'),
    planeArg(dq, from.shape, 'dq'),
    mask,
    out,
    'count',
  ] as const;
  return map(core, 'copyGood', pixelsOf(from.shape), args, tilePixels(3));
};

/** Error = √ of the sum of the variance components; a new frame. */
export const errorOf = async (core: Core, components: readonly FloatPlane[]): Promise<FloatPlane> => {
  const first = components[0];
  if (!first) throw new KernelsError('BadSpec', 'an error needs one variance component or more');
  const { shape } = first;
  const planes = components.map((plane, i) => address(plane, shape, `component ${i}`));
  using table = core.pool.block(planes.length * 4);
  writeTable(core, table.start, planes);
  using held = new DisposableStack();
  const out = held.use(core.pool.float32(shape));
  const args = [{ plane: out.ptr }, table.start, planes.length, 'start', 'count'] as const;
  await map(core, 'error', pixelsOf(shape), args, tilePixels(planes.length + 1));
  held.move();
  return out;
};
