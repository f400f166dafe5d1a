import type { AnyStep } from '@iris-drs/stpipe';
import type { ReadoutPlan } from './plan.ts';
import { nonlincorr } from './steps/nonlincorr.ts';
import { readoutsamp } from './steps/readoutsamp.ts';
import { saturation } from './steps/saturation.ts';
import { superbias } from './steps/superbias.ts';

/** Reads of an exposure to one raw science frame. */
export const readoutPipeline: readonly AnyStep<ReadoutPlan>[] = [
  saturation,
  superbias,
  nonlincorr,
  readoutsamp,
];
