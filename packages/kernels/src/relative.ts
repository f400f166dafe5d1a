import { type Core, map, planeArg, tilePixels } from './core.ts';
import { type FloatPlane, pixelsOf } from './plane.ts';

interface Measured {
  readonly variance: FloatPlane;
  /** The signal whose variance it is. */
  readonly of: FloatPlane;
}

export interface RelativeVarianceSpec extends Measured {
  /** A second signal with the same relative error. */
  readonly other?: Measured;
}

/**
 * Variance to relative variance, in place: ρ² = (V + W) / (S² + B²), 0 where S and B are 0.
 *
 * Signals that were divided by one flat share its relative error, so both tell it: V = S²ρ², W = B²ρ².
 */
export const relativeVariance = (core: Core, spec: RelativeVarianceSpec): Promise<void> => {
  const { shape } = spec.variance;
  const arg = (plane: FloatPlane | undefined, name: string) => planeArg(plane, shape, name);
  return map(
    core,
    'relativeVariance',
    pixelsOf(shape),
    [
      arg(spec.variance, 'variance'),
      arg(spec.of, 'of'),
      arg(spec.other?.variance, 'other variance'),
      arg(spec.other?.of, 'other of'),
      'count',
    ],
    tilePixels(4),
  );
};

/** plane *= by², in place: relative variance back to variance. */
export const multiplySquare = (
  core: Core,
  { plane, by }: { readonly plane: FloatPlane; readonly by: FloatPlane },
): Promise<void> =>
  map(
    core,
    'multiplySquare',
    pixelsOf(plane.shape),
    [planeArg(plane, plane.shape, 'plane'), planeArg(by, plane.shape, 'by'), 'count'],
    tilePixels(2),
  );

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
