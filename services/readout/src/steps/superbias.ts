import { openBias } from '@iris-drs/datamodels';
import { defineStep } from '@iris-drs/stpipe';
import type { ReadoutPlan } from '../plan.ts';

/** Subtracts the SUPERBIAS (DN) from every read, so that the non-linearity sees signal alone. */
export const superbias = defineStep<ReadoutPlan, Record<never, never>>({
  name: 'superbias',
  doc: 'Subtract the SUPERBIAS reference from every read',
  spec: {},
  referenceTypes: ['superbias'],
  async process(plan, _options, { reference }) {
    const bias = await reference('superbias', openBias);
    return bias ? { ...plan, bias: bias.sci } : plan;
  },
});
