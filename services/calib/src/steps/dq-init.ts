import { type ImageModel, openMask } from '@iris-drs/datamodels';
import { defineStep } from '@iris-drs/stpipe';

/** Bad pixels of the MASK reference into DQ, by bitwise or. The seed's chapter 11.3.1. */
export const dqInit = defineStep<ImageModel, Record<never, never>>({
  name: 'dq_init',
  doc: 'Set data quality flags from the MASK reference',
  spec: {},
  referenceTypes: ['mask'],
  async process({ dq }, _options, { engine, reference }) {
    const mask = await reference('mask', openMask);
    if (mask) await engine.orFlags(dq, mask.dq);
  },
});
