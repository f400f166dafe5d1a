import { DQ, type FlatReference, type ImageModel, openFlat } from '@iris-drs/datamodels';
import { defineStep, flagWhereUnknown, type OpenReference } from '@iris-drs/stpipe';

const openResponse: OpenReference<FlatReference> = async (engine, path, frame) => {
  const flat = await openFlat(engine, path, frame);
  return flagWhereUnknown(engine, flat, flat.sci, DQ.NO_FLAT_FIELD | DQ.DO_NOT_USE, 0);
};

/**
 * Division by the flat: S / F, variances / F², and VAR_FLAT = (S/F)²/F²·σ_F², which stays apart because frames
 * that share a flat share its error. Where F is not above 0 or says NO_FLAT_FIELD, it counts as 1 and the pixel
 * gets NO_FLAT_FIELD and DO_NOT_USE.
 *
 * The seed's chapter 11.4; jwst `flat_field`; the kernel is `calibrate` of @iris-drs/kernels.
 */
export const flatField = defineStep<ImageModel, Record<never, never>>({
  name: 'flat_field',
  doc: 'Divide by the FLAT reference',
  spec: {},
  referenceTypes: ['flat'],
  async process(model, _options, { engine, log, reference }) {
    const flat = await reference('flat', openResponse);
    if (flat && !flat.variance) log.warn('the flat has neither variance nor error: it is taken as exact');
    const { sci, dq, varPoisson, varRnoise } = model;
    const varFlat = model.varFlat ?? engine.unset(model.shape);
    // The frame owns the plane from here on: whoever closes it releases this too.
    Object.assign(model, { varFlat });
    await engine.calibrate({ sci, dq, varPoisson, varRnoise, flat, varFlat });
  },
});
