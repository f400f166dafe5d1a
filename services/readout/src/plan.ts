import type { ImageModel, RampModel } from '@iris-drs/datamodels';
import type { Header } from '@iris-drs/fits';
import type { FloatPlane, Nonlinearity, Shape2 } from '@iris-drs/kernels';

/**
 * What a ramp's reduction will do. The detector steps add their part; the last one streams the reads through all
 * of them at once, so that no corrected ramp is ever held.
 */
export interface ReadoutPlan {
  readonly header: Header;
  readonly sciHeader: Header;
  readonly shape: Shape2;
  readonly ramp: RampModel;
  readonly bias?: FloatPlane;
  readonly saturation?: FloatPlane;
  readonly nonlinearity?: Nonlinearity;
  /** The result, once sampled. */
  readonly frame?: ImageModel;
}

export const planOf = (ramp: RampModel): ReadoutPlan => ({
  header: ramp.header.clone(),
  sciHeader: ramp.sciHeader.clone(),
  shape: [ramp.shape[2], ramp.shape[3]],
  ramp,
});
