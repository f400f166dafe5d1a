import { type Core, map, planeArg, tilePixels } from './core.ts';
import { type FlagPlane, type FloatPlane, pixelsOf } from './plane.ts';

/** A dark or flat frame; absent variance counts as zero. */
export interface Correction {
  readonly sci: FloatPlane;
  readonly dq?: FlagPlane | undefined;
  readonly variance?: FloatPlane | undefined;
}

export interface CalibrateSpec {
  readonly sci: FloatPlane;
  readonly dq: FlagPlane;
  readonly varPoisson: FloatPlane;
  readonly varRnoise: FloatPlane;
  readonly dark?: Correction | undefined;
  readonly flat?: Correction | undefined;
  /** Filled with the flat's variance component when given. */
  readonly varFlat?: FloatPlane | undefined;
}

/**
 * Dark subtraction and flat division of one frame, in place.
 *
 *   S = SCI − D (D = 0 where the dark is NaN);   SCI = S / F
 *   VAR_POISSON /= F²;   VAR_RNOISE = (VAR_RNOISE + σ_D²) / F²;   VAR_FLAT = (S/F)² / F² × σ_F²
 *
 * Where F is NaN, 0 or flagged NO_FLAT_FIELD, F = 1, VAR_FLAT = 0 and DQ |= NO_FLAT_FIELD | DO_NOT_USE.
 * DQ |= dark DQ | flat DQ.
 *
 * The dark's variance joins VAR_RNOISE: like the read noise it does not depend on the signal of this frame, and
 * products have no component of their own for it.
 *
 * @see jwst `dark_current` and `flat_field`, which drop the dark's variance
 */
export const calibrate = (core: Core, spec: CalibrateSpec): Promise<void> => {
  const { shape } = spec.sci;
  const arg = (plane: FloatPlane | FlagPlane | undefined, name: string) => planeArg(plane, shape, name);
  const { dark, flat } = spec;
  return map(
    core,
    'calibrate',
    pixelsOf(shape),
    [
      arg(spec.sci, 'sci'),
      arg(spec.dq, 'dq'),
      arg(spec.varPoisson, 'varPoisson'),
      arg(spec.varRnoise, 'varRnoise'),
      arg(dark?.sci, 'dark'),
      arg(dark?.dq, 'dark dq'),
      arg(dark?.variance, 'dark variance'),
      arg(flat?.sci, 'flat'),
      arg(flat?.dq, 'flat dq'),
      arg(flat?.variance, 'flat variance'),
      arg(spec.varFlat, 'varFlat'),
      'count',
    ],
    tilePixels(11),
  );
};
