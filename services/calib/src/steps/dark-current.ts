import { type ImageModel, openDark } from '@iris-drs/datamodels';
import { defineStep } from '@iris-drs/stpipe';

/**
 * Dark subtraction: SCI − D, its variance added to VAR_RNOISE, its flags to DQ.
 *
 * The seed's chapter 11.2; the kernel is `calibrate` of @iris-drs/kernels.
 */
export const darkCurrent = defineStep<ImageModel, Record<never, never>>({
  name: 'dark_current',
  doc: 'Subtract the DARK reference',
  spec: {},
  referenceTypes: ['dark'],
  async process(model, _options, { engine, reference }) {
    const dark = await reference('dark', openDark);
    const { sci, dq, varPoisson, varRnoise } = model;
    await engine.calibrate({ sci, dq, varPoisson, varRnoise, dark });
    return model;
  },
});
