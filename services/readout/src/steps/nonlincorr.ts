import { openNonlinearity } from '@iris-drs/datamodels';
import { defineStep } from '@iris-drs/stpipe';
import type { ReadoutPlan } from '../plan.ts';

/**
 * Non-linearity of every read: NONLINCOEFF of iris_readout is y = x(1 + Σ cᵢxⁱ), LINEARITY of JWST y = Σ cᵢxⁱ.
 * The two are told apart by what the file says of itself, never by their numbers.
 */
export const nonlincorr = defineStep<ReadoutPlan, Record<never, never>>({
  name: 'nonlincorr',
  doc: 'Correct the non-linearity of every read',
  spec: {},
  referenceTypes: [],
  optionalReferenceTypes: ['nonlincoeff', 'linearity'],
  async process(plan, _options, { log, reference }) {
    const found =
      (await reference('nonlincoeff', openNonlinearity)) ?? (await reference('linearity', openNonlinearity));
    if (found) return { ...plan, nonlinearity: found };
    log.warn('no NONLINCOEFF or LINEARITY reference applies: reads are taken as linear');
    return plan;
  },
});
