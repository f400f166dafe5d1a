import type { ImageModel } from '@iris-drs/datamodels';

/** A calibrated science frame and the calibrated sky frames that are to be subtracted from it. */
export interface ImagerFrame extends ImageModel {
  /** Files, or frames that who opened them closes; nearest in time first. None: the frame's own median. */
  readonly backgrounds: readonly (string | ImageModel)[];
  /** Why there are none. */
  readonly remark: string;
  /** Of a strip: takes the background's pixels, whose level only the whole frame has. */
  level?(background: Pick<ImageModel, 'sci' | 'dq'>): Promise<void>;
}
