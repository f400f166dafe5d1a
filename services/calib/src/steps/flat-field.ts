import { type ImageModel, openFlat } from '@iris-drs/datamodels';
import { defineStep } from '@iris-drs/stpipe';

/**
 * Division by the flat: S / F, variances / F², and VAR_FLAT = (S/F)²/F²·σ_F², which stays apart because frames
 * that share a flat share its error.
 *
 * The seed's chapter 11.4; the kernel is `calibrate` of @iris-drs/kernels.
 */
export const flatField = defineStep<ImageModel, Record<never, never>>({
  name: 'flat_field',
  doc: 'Divide by the FLAT reference',
  spec: {},
  referenceTypes: ['flat'],
  async process(model, _options, { engine, reference }) {
    const flat = await reference('flat', openFlat);
    const { sci, dq, varPoisson, varRnoise } = model;
    const varFlat = engine.unset(model.shape);
    try {
      await engine.calibrate({ sci, dq, varPoisson, varRnoise, flat, varFlat });
    } catch (error) {
      varFlat.release();
      throw error;
    }
    model.varFlat?.release();
    return { ...model, varFlat };
  },
});
