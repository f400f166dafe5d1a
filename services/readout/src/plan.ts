import type { ImageModel, RampModel } from '@iris-drs/datamodels';
import type { Header } from '@iris-drs/fits';
import type { FlagPlane, FloatPlane, Nonlinearity, Shape2 } from '@iris-drs/kernels';

/**
 * What a ramp's reduction will do. The detector steps add their part; the last one streams the reads through all
 * of them at once, so that no corrected ramp is ever held. Planes of references belong to the references.
 */
export interface ReadoutPlan {
  readonly header: Header;
  readonly sciHeader: Header;
  readonly shape: Shape2;
  readonly ramp: RampModel;
  bias?: FloatPlane;
  /** DN as read, the bias included. */
  saturation?: FloatPlane;
  nonlinearity?: Nonlinearity;
  /** What the references say of their pixels. */
  readonly flags: FlagPlane[];
  /** The result, once sampled; whoever has the plan releases it. */
  frame?: ImageModel;
}

export const planOf = (ramp: RampModel): ReadoutPlan => ({
  header: ramp.header.clone(),
  sciHeader: ramp.sciHeader.clone(),
  shape: [ramp.shape[2], ramp.shape[3]],
  ramp,
  flags: [],
});
