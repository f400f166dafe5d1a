import type { ImageModel } from '@iris-drs/datamodels';

/** A calibrated science frame and the calibrated sky frames that are to be subtracted from it. */
export interface ImagerFrame extends ImageModel {
  /** Paths of the backgrounds, nearest in time first; none: the frame's own median. */
  readonly backgrounds: readonly string[];
  /** Why there are none. */
  readonly remark: string;
}
