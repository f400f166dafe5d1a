import { openSaturation } from '@iris-drs/datamodels';
import { defineStep } from '@iris-drs/stpipe';
import type { ReadoutPlan } from '../plan.ts';

/** Pixels with a used read at or above the SATURATION threshold (DN) get SATURATED and DO_NOT_USE. */
export const saturation = defineStep<ReadoutPlan, Record<never, never>>({
  name: 'saturation',
  doc: 'Flag pixels that reach the SATURATION threshold',
  spec: {},
  referenceTypes: ['saturation'],
  async process(plan, _options, { reference }) {
    const limit = await reference('saturation', openSaturation);
    return limit ? { ...plan, saturation: limit.threshold } : plan;
  },
});
