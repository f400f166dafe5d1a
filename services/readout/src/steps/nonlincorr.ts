import {
  DQ,
  type NonlinearityForm,
  type NonlinearityReference,
  openNonlinearity,
} from '@iris-drs/datamodels';
import { defineStep, type OpenReference } from '@iris-drs/stpipe';
import type { ReadoutPlan } from '../plan.ts';

/** What a file of each type holds that does not say so itself. */
const FORMS = { nonlincoeff: 'relative', linearity: 'polynomial' } as const;

/** Where the reference says NO_LIN_CORR a coefficient is NaN: the reads of that pixel are left as they are. */
const openForm =
  (form: NonlinearityForm): OpenReference<NonlinearityReference> =>
  async (engine, path, frame) => {
    const found = await openNonlinearity(engine, path, frame, form);
    const first = found.coefficients[0]?.data;
    const { dq } = found;
    if (dq && first) {
      for (let i = 0; i < dq.data.length; i++) if (dq.data[i]! & DQ.NO_LIN_CORR) first[i] = Number.NaN;
    }
    return found;
  };

/**
 * Non-linearity of every read: y = x(1 + Σ cᵢxⁱ), NONLINCOEFF of iris_readout (drsrop.c), or y = Σ cᵢxⁱ, LINEARITY
 * of JWST (stcal linearity.py). The two are told apart by what the file says of itself, else by the type that the
 * rules know it under; never by its numbers. NONLINCOEFF is preferred unless the user has named a LINEARITY file.
 */
export const nonlincorr = defineStep<ReadoutPlan, Record<never, never>>({
  name: 'nonlincorr',
  doc: 'Correct the non-linearity of every read',
  spec: {},
  referenceTypes: [],
  optionalReferenceTypes: ['nonlincoeff', 'linearity'],
  async process(plan, _options, { log, reference, overridden, skip }) {
    const chosen = overridden('linearity') && !overridden('nonlincoeff');
    const types = chosen ? (['linearity'] as const) : (['nonlincoeff', 'linearity'] as const);
    for (const type of types) {
      const found = await reference(type, openForm(FORMS[type]));
      if (!found) continue;
      plan.nonlinearity = found;
      if (found.dq) plan.flags.push(found.dq);
      return;
    }
    log.warn('no NONLINCOEFF or LINEARITY reference applies: reads are taken as linear');
    skip('no NONLINCOEFF or LINEARITY reference applies (N/A)');
  },
});
