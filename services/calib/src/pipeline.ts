import type { ImageModel } from '@iris-drs/datamodels';
import type { AnyStep } from '@iris-drs/stpipe';
import { darkCurrent } from './steps/dark-current.ts';
import { dqInit } from './steps/dq-init.ts';
import { flatField } from './steps/flat-field.ts';

/** Raw science frame to dark- and flat-corrected frame. */
export const calibPipeline: readonly AnyStep<ImageModel>[] = [dqInit, darkCurrent, flatField];
