import type { AnyStep } from '@iris-drs/stpipe';
import type { ReadoutPlan } from './plan.ts';
import { dqInit } from './steps/dq-init.ts';
import { guideWindows } from './steps/guide-windows.ts';
import { jump } from './steps/jump.ts';
import { nonlincorr } from './steps/nonlincorr.ts';
import { rampdark } from './steps/rampdark.ts';
import { readoutsamp } from './steps/readoutsamp.ts';
import { refpix } from './steps/refpix.ts';
import { saturation } from './steps/saturation.ts';
import { superbias } from './steps/superbias.ts';

/** Reads of an exposure to one raw science frame. */
export const readoutPipeline: readonly AnyStep<ReadoutPlan>[] = [
  dqInit,
  guideWindows,
  saturation,
  superbias,
  refpix,
  nonlincorr,
  rampdark,
  jump,
  readoutsamp,
];
