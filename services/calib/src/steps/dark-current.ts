import { type DarkReference, DQ, type ImageModel, openDark } from '@iris-drs/datamodels';
import { defineStep, flagWhereUnknown, type OpenReference } from '@iris-drs/stpipe';

const openDarkRate: OpenReference<DarkReference> = async (engine, path, frame) => {
  const dark = await openDark(engine, path, frame);
  return flagWhereUnknown(engine, dark, dark.sci, DQ.UNRELIABLE_DARK | DQ.DO_NOT_USE);
};

/**
 * Dark subtraction: SCI − D, its variance added to VAR_RNOISE, its flags to DQ. Where the dark is NaN nothing is
 * subtracted and the pixel gets UNRELIABLE_DARK and DO_NOT_USE.
 *
 * The seed's chapter 11.2; the kernel is `calibrate` of @iris-drs/kernels.
 */
export const darkCurrent = defineStep<ImageModel, Record<never, never>>({
  name: 'dark_current',
  doc: 'Subtract the DARK reference',
  spec: {},
  referenceTypes: ['dark'],
  async process({ sci, dq, varPoisson, varRnoise }, _options, { engine, log, reference }) {
    const dark = await reference('dark', openDarkRate);
    if (dark && !dark.variance) log.warn('the dark has neither variance nor error: it is taken as exact');
    await engine.calibrate({ sci, dq, varPoisson, varRnoise, dark });
  },
});
