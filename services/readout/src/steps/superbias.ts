import { type BiasReference, DQ, openBias } from '@iris-drs/datamodels';
import { defineStep, flagWhereUnknown, type OpenReference } from '@iris-drs/stpipe';
import type { ReadoutPlan } from '../plan.ts';

const openLevel: OpenReference<BiasReference> = async (engine, path, frame) => {
  const bias = await openBias(engine, path, frame);
  return flagWhereUnknown(engine, bias, bias.sci, DQ.UNRELIABLE_BIAS | DQ.DO_NOT_USE);
};

/**
 * Subtracts the SUPERBIAS (DN) from every read, so that the non-linearity sees signal alone: the slope itself does
 * not depend on a constant. Its flags join the frame's; without a value a pixel has no slope.
 *
 * jwst `superbias`.
 */
export const superbias = defineStep<ReadoutPlan, Record<never, never>>({
  name: 'superbias',
  doc: 'Subtract the SUPERBIAS reference from every read',
  spec: {},
  referenceTypes: ['superbias'],
  async process(plan, _options, { reference }) {
    const bias = await reference('superbias', openLevel);
    if (!bias) return;
    plan.bias = bias.sci;
    if (bias.dq) plan.flags.push(bias.dq);
  },
});
