import { closeImage, type ImageModel, type MaskReference, type RampModel } from '@iris-drs/datamodels';
import type { Header } from '@iris-drs/fits';
import type {
  FlagPlane,
  FloatPlane,
  JumpSpec,
  Nonlinearity,
  RawImage,
  SaturationSpec,
  Shape2,
} from '@iris-drs/kernels';
import type { Accumulated } from './live/accumulated.ts';
import type { KnownOffsets } from './refpix/measure.ts';
import type { OffsetMeter, ReferenceOffsets } from './refpix/offsets.ts';

/** What a ramp fit can take into account and a weighted sum of reads cannot. */
export interface FitPlan {
  /** Its DO_NOT_USE pixels are not fitted. */
  mask?: MaskReference;
  jump?: JumpSpec;
}

/** What was worked out while the ramp ran. It is used where it is what would be worked out now. */
export interface LivePlan {
  readonly offsets: KnownOffsets;
  accumulated?: Accumulated;
  /** Where it is said that it is of no use; else the log of the steps. */
  say?: (why: string) => void;
}

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
  /** Thresholds in DN as read, the bias included. */
  saturation?: SaturationSpec & { readonly threshold: FloatPlane };
  /** What the reference pixels say of each read, DN, and how they are asked about a further one. */
  refpix?: ReferenceOffsets & { readonly measure: OffsetMeter };
  nonlinearity?: Nonlinearity;
  /** Reads of a dark taken as the exposure was, DN, linear; subtracted read by read. */
  dark?: readonly RawImage[];
  /** Pixels that guided in each read, ramp by ramp. */
  guides?: NonNullable<RampModel['guideWindows']>;
  readonly fit: FitPlan;
  readonly live: LivePlan;
  /** What the references say of their pixels. */
  readonly flags: FlagPlane[];
  /** The result, once sampled; whoever has the plan releases it. */
  frame?: ImageModel;
  /** The result of each ramp, where that was asked for. */
  readonly ramps: ImageModel[];
}

export const planOf = (ramp: RampModel, live: LivePlan = { offsets: { reads: new Map() } }): ReadoutPlan => ({
  header: ramp.header.clone(),
  sciHeader: ramp.sciHeader.clone(),
  shape: [ramp.shape[2], ramp.shape[3]],
  ramp,
  fit: {},
  live,
  flags: [],
  ramps: [],
});

/** Gives the frames of a plan back to the pool. */
export const closePlan = ({ frame, ramps }: ReadoutPlan): void => {
  if (frame) closeImage(frame);
  closeRamps({ ramps });
};

/** Gives the frames of single ramps back. */
export const closeRamps = ({ ramps }: Pick<ReadoutPlan, 'ramps'>): void => {
  for (const one of ramps.splice(0)) closeImage(one);
};
