import { DQ, openSaturation, type SaturationReference } from '@iris-drs/datamodels';
import { defineStep, flagWhereUnknown, type OpenReference } from '@iris-drs/stpipe';
import type { ReadoutPlan } from '../plan.ts';

/** Where the reference says NO_SAT_CHECK, or nothing, there is no threshold. */
const openThreshold: OpenReference<SaturationReference> = async (engine, path, frame) => {
  const found = await openSaturation(engine, path, frame);
  const { threshold, dq } = found;
  if (dq) {
    for (let i = 0; i < dq.data.length; i++)
      if (dq.data[i]! & DQ.NO_SAT_CHECK) threshold.data[i] = Number.NaN;
  }
  return flagWhereUnknown(engine, found, threshold, DQ.NO_SAT_CHECK);
};

/**
 * Pixels with a used read at or above the SATURATION threshold get SATURATED and DO_NOT_USE. The threshold is in DN
 * as read, bias included.
 *
 * stcal `saturation`, for pixels instead of reads.
 */
export const saturation = defineStep<ReadoutPlan, Record<never, never>>({
  name: 'saturation',
  doc: 'Flag pixels that reach the SATURATION threshold',
  spec: {},
  referenceTypes: ['saturation'],
  async process(plan, _options, { reference }) {
    const found = await reference('saturation', openThreshold);
    if (!found) return;
    plan.saturation = found.threshold;
    if (found.dq) plan.flags.push(found.dq);
  },
});
