import type { AnyStep } from '@iris-drs/stpipe';
import type { ImagerFrame } from './frame.ts';
import { bkgSubtract } from './steps/bkg-subtract.ts';

/** Calibrated frame to reduced frame. */
export const imagerPipeline: readonly AnyStep<ImagerFrame>[] = [bkgSubtract];
