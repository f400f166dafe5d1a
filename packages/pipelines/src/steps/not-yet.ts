import type { ImageModel } from '@iris-drs/datamodels';
import { type AnyStep, defineStep } from '@iris-drs/stpipe';

/** A step that pipelines of old have in their place and that changes nothing here: SKIPPED, and says so. */
const notYet = (name: string, doc: string, what: string): AnyStep<ImageModel> =>
  defineStep<ImageModel, Record<never, never>>({
    name,
    doc: `${doc} (not available yet: skipped)`,
    spec: {},
    referenceTypes: [],
    async process(_model, _options, { log, skip }) {
      log.warn(`${what}; give skip = True to say that this is meant`);
      skip('not available yet');
    },
  });

export const photom = notYet(
  'photom',
  'Flux calibration',
  'flux calibration is not available yet: pixels stay in DN/s',
);

export const resample = notYet(
  'resample',
  'Rectification',
  'resampling is not available yet: the frame keeps its pixels',
);
