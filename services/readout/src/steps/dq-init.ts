import { openMask } from '@iris-drs/datamodels';
import { defineStep } from '@iris-drs/stpipe';
import { ONLY_FITS, willSum } from '../method.ts';
import type { ReadoutPlan } from '../plan.ts';

/**
 * Pixels that the MASK forbids stay out of the fit, so that no jump is looked for in them nor shared with their
 * neighbours; its flags join the frame's. It matters to `ols` and `likely` only: with the other methods the step is
 * SKIPPED and the calib stage adds the mask.
 *
 * jwst `dq_init`.
 */
export const dqInit = defineStep<ReadoutPlan, Record<never, never>>({
  name: 'dq_init',
  doc: 'Keep pixels of the MASK out of the fit (ols, likely)',
  spec: {},
  referenceTypes: [],
  optionalReferenceTypes: ['mask'],
  async process(plan, _options, { reference, skip, optionsOf }) {
    if (willSum(optionsOf)) return skip(ONLY_FITS);
    const mask = await reference('mask', openMask);
    if (!mask) return skip('no MASK reference applies (N/A)');
    plan.fit.mask = mask;
  },
});
