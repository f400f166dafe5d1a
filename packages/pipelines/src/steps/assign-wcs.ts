import type { ImageModel } from '@iris-drs/datamodels';
import { defineStep } from '@iris-drs/stpipe';

/**
 * World coordinates of the frame: those that its header has are kept. Nothing is derived from the distortion or
 * the pointing yet, and a frame without coordinates stays without.
 */
export const assignWcs = defineStep<ImageModel, Record<never, never>>({
  name: 'assign_wcs',
  doc: 'Keep the world coordinates of the header',
  spec: {},
  referenceTypes: [],
  async process({ header, sciHeader }, _options, { log, skip }) {
    const found = [sciHeader, header].find((one) => one.has('CTYPE1') && one.has('CRVAL1'));
    if (found) log.info('the world coordinates of the header are kept; no distortion is applied yet');
    else skip('the header has no world coordinates, and none can be derived yet');
  },
});
