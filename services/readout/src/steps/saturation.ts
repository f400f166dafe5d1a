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

const spec = {
  n_pix_grow_sat: {
    type: 'integer',
    default: null,
    min: 0,
    doc: 'Pixels in x and y to which saturation spreads; None: 1 for ols and likely, 0 for cds, mcds and utr',
  },
  ad_floor: {
    type: 'float',
    default: 0,
    doc: 'DN; a read at or below it is AD_FLOOR and left out of a fit (ols, likely)',
  },
} as const;

/**
 * A read at or above the SATURATION threshold is saturated, and so are all later ones of its ramp. The threshold is in
 * DN as read, bias included. `ols` and `likely` fit the reads before; a weighted sum cannot leave out reads of one
 * pixel, so with cds, mcds and utr a saturated read that was used makes the pixel SATURATED and DO_NOT_USE.
 *
 * stcal `saturation`.
 */
export const saturation = defineStep<ReadoutPlan, typeof spec>({
  name: 'saturation',
  doc: 'Flag reads that reach the SATURATION threshold',
  spec,
  referenceTypes: ['saturation'],
  async process(plan, options, { reference }) {
    const found = await reference('saturation', openThreshold);
    if (!found) return;
    plan.saturation = {
      threshold: found.threshold,
      floor: options.ad_floor,
      ...(options.n_pix_grow_sat === null ? {} : { grow: options.n_pix_grow_sat }),
    };
    if (found.dq) plan.flags.push(found.dq);
  },
});
